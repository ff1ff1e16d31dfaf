"""Turns counts into progress: what is done, the rate over the last seconds of work, and the time that is left."""

import time
from collections import deque
from collections.abc import Callable
from typing import Literal

from isthisme.catalog.facts import Progress

_WINDOW_SECONDS = 15.0
_BETWEEN_SECONDS = 0.4
_RENEWED_SECONDS = 30.0  # while it waits: that it lives on
# Before so many seconds and photos a rate says more about the start than about what comes.
_SETTLED_SECONDS = 3.0
_SETTLED_PHOTOS = 5
# No photo takes so long: the computer slept, or the work stood still.
_GAP_SECONDS = 90.0


class ProgressMeter:
    """Publishes now and then while photos are counted, and at once when something begins or ends."""

    def __init__(
        self,
        task: Literal["indexing", "rebuilding"],
        publish: Callable[[Progress], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._task = task
        self._publish = publish
        self._clock = clock
        self._step: Literal["looking", "describing", "switching"] = "looking"
        self._done = self._total = self._unreadable = 0
        self._points: deque[tuple[float, int]] = deque()  # times and what was done by then, of unbroken work
        self._published = clock()  # a look that is over at once is not worth telling of
        self._waits_because: Literal["on_battery", "busy"] | None = None
        self._cpu_percent: int | None = None

    def look(self, files: int) -> None:
        """So many files were looked at until now."""
        self._done = files
        self.publish()

    def begin(self, total: int) -> None:
        """So many photos are to be described."""
        self._step = "describing"
        self._done, self._total = 0, total
        self._points.clear()
        self.publish(at_once=True)

    def count(self, *, is_unreadable: bool) -> None:
        self._done += 1
        self._unreadable += is_unreadable

    def slow_to(self, cpu_percent: int | None) -> None:
        """From now on it works, at this share of the processor; None: at full speed."""
        was_waiting, self._waits_because = self._waits_because is not None, None
        self._cpu_percent = cpu_percent
        if was_waiting:
            self.publish(at_once=True)

    def wait(self, because: Literal["on_battery", "busy"]) -> None:
        """From now on it waits. To be called again while it does."""
        is_news, self._waits_because = self._waits_because != because, because
        self._points.clear()
        if is_news or self._clock() - self._published >= _RENEWED_SECONDS:
            self.publish(at_once=True)

    def switch(self) -> None:
        """All is described; the new generation takes over."""
        self._step = "switching"
        self.publish(at_once=True)

    def finish(self) -> None:
        self.publish(at_once=True)

    def publish(self, *, at_once: bool = False) -> None:
        now = self._clock()
        if not at_once and now - self._published < _BETWEEN_SECONDS:
            return
        self._published = now
        if self._waits_because is None:
            self._note(now)
        self._publish(self._progress())

    def _note(self, now: float) -> None:
        if self._points and now - self._points[-1][0] > _GAP_SECONDS:
            self._points.clear()
        self._points.append((now, self._done))
        while len(self._points) > 2 and now - self._points[1][0] >= _WINDOW_SECONDS:
            self._points.popleft()

    def _progress(self) -> Progress:
        rate = self._rate()
        return Progress(
            self._task,
            self._step,
            self._done,
            self._total,
            round(rate, 2),
            (self._total - self._done) / rate if rate > 0 else None,
            self._unreadable,
            self._waits_because,
            self._cpu_percent,
        )

    def _rate(self) -> float:
        """Photos a second; 0.0 where there is no telling."""
        if self._step != "describing" or not self._points:
            return 0.0
        (first_time, first_done), (last_time, last_done) = self._points[0], self._points[-1]
        seconds, photos = last_time - first_time, last_done - first_done
        is_settled = seconds >= _WINDOW_SECONDS or (seconds >= _SETTLED_SECONDS and photos >= _SETTLED_PHOTOS)
        return photos / seconds if is_settled else 0.0
