"""Chromium's own measurements of a page and of the extension's worker, through the DevTools protocol."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.browser_driver import CHROMIUM_ID, Chromium
from tests.extension.fake_companion import eventually

OURS = f"chrome-extension://{CHROMIUM_ID}/"


@dataclass
class Trace:
    """What a tab did; times in milliseconds."""

    events: list[dict[str, Any]] = field(default_factory=list)

    def own_calls(self) -> list[tuple[float, float]]:
        """When each of our functions was called from outside, and the processor's time that it took, in order."""
        calls = [
            (event["ts"] / 1000, event.get("tdur", 0) / 1000)
            for event in self.events
            if event["name"] == "FunctionCall" and event["args"].get("data", {}).get("url", "").startswith(OURS)
        ]
        return sorted(calls)

    def time_of_mark(self, name: str) -> float:
        [mark] = [event["ts"] for event in self.events if event["name"] == name]
        return float(mark) / 1000


class DevTools:
    def __init__(self, browser: Chromium, page: Any) -> None:
        self._page = page
        self._session = browser.context.new_cdp_session(page)
        self._from_worker: list[dict[str, Any]] = []
        self._session.on(
            "Target.receivedMessageFromTarget", lambda event: self._from_worker.append(json.loads(event["message"]))
        )
        targets = self._session.send("Target.getTargets")["targetInfos"]
        [worker] = [target for target in targets if target["type"] == "service_worker" and OURS in target["url"]]
        attached = self._session.send("Target.attachToTarget", {"targetId": worker["targetId"], "flatten": False})
        self._worker = attached["sessionId"]

    def page_heap(self) -> int:
        """Bytes in use in the page, our content scripts included, when everything that is not used is gone."""
        self._session.send("HeapProfiler.collectGarbage")
        return int(self._session.send("Runtime.getHeapUsage")["usedSize"])

    def page_nodes(self) -> int:
        """Nodes that are kept alive, those that are in no document included."""
        self._session.send("HeapProfiler.collectGarbage")
        return int(self._session.send("Memory.getDOMCounters")["nodes"])

    def worker_heap(self) -> int:
        self._ask_worker("HeapProfiler.collectGarbage")
        return int(self._ask_worker("Runtime.getHeapUsage")["usedSize"])

    @contextmanager
    def tracing(self) -> Iterator[Trace]:
        trace = Trace()
        ended: list[Any] = []
        self._session.on("Tracing.dataCollected", lambda event: trace.events.extend(event["value"]))
        self._session.on("Tracing.tracingComplete", lambda event: ended.append(event))
        categories = ["devtools.timeline", "blink.user_timing"]
        self._session.send(
            "Tracing.start", {"traceConfig": {"includedCategories": categories}, "transferMode": "ReportEvents"}
        )
        yield trace
        self._session.send("Tracing.end")
        self._wait_for(lambda: ended)

    def _ask_worker(self, method: str) -> dict[str, Any]:
        number = len(self._from_worker) + 1_000
        message = json.dumps({"id": number, "method": method})
        self._session.send("Target.sendMessageToTarget", {"sessionId": self._worker, "message": message})
        answer = self._wait_for(lambda: [answer for answer in self._from_worker if answer.get("id") == number])[0]
        outcome: dict[str, Any] = answer["result"]
        return outcome

    def _wait_for[T](self, look: Callable[[], T]) -> T:
        def look_at_events() -> T:
            self._page.wait_for_timeout(20)  # Playwright hears events meanwhile
            return look()

        return eventually(look_at_events)
