"""One browser: a native host of its own, questions with numbers, and a close look at what comes back.

Like the extension it starts another host when the connection ends, and takes what it had asked for as unanswered then.
"""

import asyncio
import base64
import contextlib
import json
import os
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.native_host.browser_end import CALLER, HOST
from tests.soak.deaths import Deaths
from tests.soak.findings import Findings, Promise
from tests.soak.patience import Patience
from tests.soak.pictures import Kind, picture, truth_of

_LENGTH = struct.Struct("=I")
_OTHER_SECONDS = 60.0  # for requests without a deadline of their own
_AGAIN_SECONDS = 0.3
_SUPPLY_BYTES = 20_000

LAST_ANSWERS: Mapping[str, str] = {
    "hello": "welcome",
    "status": "status",
    "check_page": "done",
    "check_image": "verdict",
    "rebuild": "status",
    "pause": "status",
    "resume": "status",
    "sightings": "sightings",
    "decisions": "decisions",
    "keep_sighting": "decision",
    "not_me": "decision",
    "fine_here": "decision",
    "cases": "cases",
    "make_case": "case",
    "add_note": "case",
    "timeline": "timeline",
    "folders": "folders",
    "add_folder": "folders",
    "remove_folder": "folders",
    "save_evidence": "evidence",
    "verify_evidence": "verified",
    "bundles": "bundles",
    "photo_preview": "preview",
    "sighting_preview": "preview",
    "sample_photos": "photos",
    "capture_page": "captured",
    "recheck": "rechecked",
    "draft_notice": "notice",
}  # the others: ok


@dataclass(frozen=True, slots=True)
class Reply:
    """How a question ended: with an answer, an error, or with its connection."""

    kind: str  # of the last message; "lost" where the connection ended, "unconnected" where there was none
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return str(self.fields.get("code", "")) if self.kind == "error" else ""

    @property
    def is_answer(self) -> bool:
        return self.kind not in ("error", "lost", "unconnected", "late")


@dataclass(slots=True)
class Question:
    """One request under way."""

    kind: str
    images: dict[str, str]  # key: path of the picture
    on_verdict: Callable[[str, dict[str, Any]], None]
    done: asyncio.Future[Reply]
    answered: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Timing:
    at: float  # monotonic seconds
    kind: str
    seconds: float


class Browser:
    def __init__(
        self, name: str, environment: Mapping[str, str], findings: Findings, deaths: Deaths, patience: Patience
    ) -> None:
        self.name = name
        self.timings: list[Timing] = []
        self.host: asyncio.subprocess.Process | None = None
        self._environment = dict(environment)
        self._findings = findings
        self._deaths = deaths
        self._patience = patience
        self._number = 0  # goes on with the next connection, so that a late answer cannot pass for another
        self._serial = 0
        self._questions: dict[int, Question] = {}
        self._given_up: set[int] = set()  # numbers that nobody waits for any more
        self._is_connected = asyncio.Event()
        self._is_closing = False
        self._errands: set[asyncio.Task[Reply]] = set()

    async def run(self) -> None:
        """Keeps a host connected until `close`."""
        while not self._is_closing:
            began = time.monotonic()
            while not self._is_closing and not await self._connect_and_read():
                took = time.monotonic() - began
                if took > self._patience.connection and not self._deaths.is_disk_full:
                    words = f"{self.name} had no daemon for {took:.0f} s"
                    self._findings.check(Promise.CONNECTED, holds=False, words=words)
                    began = time.monotonic()
                await asyncio.sleep(_AGAIN_SECONDS)

    async def close(self) -> None:
        """As a browser that is closed: the pipe ends, and the host after it."""
        self._is_closing = True
        if self.host is not None and self.host.stdin is not None:
            self.host.stdin.close()
            code = await asyncio.wait_for(self.host.wait(), _OTHER_SECONDS)
            self._findings.check(Promise.CONNECTED, code in (0, 1), f"a host ended with {code} after its browser")

    async def connected(self) -> None:
        await self._is_connected.wait()

    def new_keys(self, count: int) -> list[str]:
        """Keys that no other question of any browser has or had."""
        self._serial += 1
        return [f"{self.name}.{self._serial}.{number}" for number in range(count)]

    async def ask(
        self,
        kind: str,
        /,
        *,
        pictures: dict[str, str] | None = None,
        on_verdict: Callable[[str, dict[str, Any]], None] = lambda _key, _verdict: None,
        on_sent: Callable[[int], None] = lambda _number: None,
        patience_seconds: float = _OTHER_SECONDS,
        **fields: Any,
    ) -> Reply:
        """Asks, and waits for the last answer. `pictures` are the paths of those asked about, by their keys; `on_sent`
        hears the question's number, by which it can be cancelled."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_connected.wait(), patience_seconds)
        if not self._is_connected.is_set():
            self._findings.counts["questions asked without a connection"] += 1
            return Reply("unconnected")
        return await self._ask(kind, pictures or {}, on_verdict, on_sent, patience_seconds, fields)

    async def _ask(
        self,
        kind: str,
        images: dict[str, str],
        on_verdict: Callable[[str, dict[str, Any]], None],
        on_sent: Callable[[int], None],
        patience_seconds: float,
        fields: dict[str, Any],
    ) -> Reply:
        self._number += 1
        number, host = self._number, self.host
        question = Question(kind, images, on_verdict, asyncio.get_running_loop().create_future())
        self._questions[number] = question
        began = time.monotonic()
        try:
            if not await self._send(host, {"id": number, "type": kind, **fields}):
                return Reply("lost")
            on_sent(number)
            async with asyncio.timeout(patience_seconds + self._patience.grace):
                reply = await question.done
        except TimeoutError:
            words = f"{kind} {number} of {self.name} had no answer after {time.monotonic() - began:.0f} s"
            self._findings.check(Promise.ANSWERED, holds=False, words=words)
            self._given_up.add(number)
            return Reply("late")
        finally:
            self._questions.pop(number, None)
        self.timings.append(Timing(began, kind, time.monotonic() - began))
        self._note_end(kind, reply)
        return reply

    def _note_end(self, kind: str, reply: Reply) -> None:
        if reply.kind == "lost":
            self._findings.counts["questions that ended with their connection"] += 1
            return
        self._findings.check(Promise.ANSWERED, holds=True, words="")
        if reply.code:
            self._findings.counts[f"refused: {reply.code}"] += 1
        words = f"{kind} was answered with {reply.kind} {reply.fields.get('message', '')}"
        self._findings.check(Promise.NO_FAULT, reply.code not in ("internal", "invalid_message", "unknown_type"), words)

    async def _send(self, host: asyncio.subprocess.Process | None, message: dict[str, Any]) -> bool:
        if host is None or host.stdin is None or host is not self.host:
            return False
        body = json.dumps(message).encode()
        try:
            host.stdin.write(_LENGTH.pack(len(body)) + body)
            await host.stdin.drain()
        except (OSError, RuntimeError):
            return False
        return True

    async def _connect_and_read(self) -> bool:
        """One host's life. Whether it ever spoke with a daemon."""
        self.host = await asyncio.create_subprocess_exec(
            *HOST, CALLER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=self._environment
        )
        host, greeting = self.host, asyncio.create_task(self._greet())
        if self._is_closing and host.stdin is not None:
            host.stdin.close()
        try:
            await self._read(host)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            was_connected = self._is_connected.is_set()
            self._is_connected.clear()
            greeting.cancel()
            for question in self._questions.values():
                if not question.done.done():
                    question.done.set_result(Reply("lost"))
            self.host = None
            if host.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    host.kill()
            await host.wait()
        if was_connected:
            self._findings.counts["connections"] += 1
            is_explained = self._is_closing or self._deaths.is_recent()
            self._findings.check(Promise.CONNECTED, is_explained, f"{self.name} lost its connection without a death")
        return was_connected

    async def _greet(self) -> None:
        browser = "chromium" if self.name.startswith("c") else "firefox"
        fields = {"protocol": 1, "extension_version": "0.1.0", "browser": browser, "user_agent": "Mozilla/5.0 (Soak)"}
        reply = await self._ask("hello", {}, lambda _k, _v: None, lambda _n: None, _OTHER_SECONDS, fields)
        if reply.is_answer:
            self._is_connected.set()
        elif reply.kind == "error" and self.host is not None and self.host.stdin is not None:
            self.host.stdin.close()  # tried again with another host

    async def _read(self, host: asyncio.subprocess.Process) -> None:
        assert host.stdout is not None
        while True:
            (length,) = _LENGTH.unpack(await host.stdout.readexactly(_LENGTH.size))
            self._take(json.loads(await host.stdout.readexactly(length)))

    def _take(self, message: dict[str, Any]) -> None:
        number, kind = message.get("id"), message["type"]
        if number is None:
            self._findings.counts[f"told: {message.get('code', kind)}"] += 1
            return
        question = self._questions.get(number)
        if question is None or question.done.done():
            words = f"{self.name} got {kind} for {number}, which nobody asked"
            self._findings.check(Promise.OWN, number in self._given_up, words)
            return
        if kind == "want_bytes":
            self._supply(number, message["key"], question)
            return
        if kind == "verdict":
            self._take_verdict(question, message)
            if question.kind == "check_page":
                return
        if kind == "done":
            missing = question.images.keys() - question.answered
            words = f"{number} of {self.name} is done without {len(missing)} of its verdicts"
            self._findings.check(Promise.OWN, not missing and message["checked"] == len(question.images), words)
        expected = LAST_ANSWERS.get(question.kind, "ok")
        words = f"{question.kind} was answered with {kind}"
        self._findings.check(Promise.OWN, kind in (expected, "error"), words)
        question.done.set_result(Reply(kind, message))

    def _take_verdict(self, question: Question, message: dict[str, Any]) -> None:
        key = message["key"]
        words = f"{self.name} got a verdict for {key!r}, which it did not ask for, or twice"
        if self._findings.check(Promise.OWN, key in question.images and key not in question.answered, words):
            question.answered.add(key)
            question.on_verdict(key, message)

    def _supply(self, number: int, key: str, question: Question) -> None:
        """Hands in what the document would show."""
        words = f"{self.name} was asked for the bytes of {key!r}, which it has not"
        if not self._findings.check(Promise.OWN, key in question.images, words):
            return
        errand = asyncio.create_task(self._hand_in(number, key, question.images[key]))
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)

    async def _hand_in(self, number: int, key: str, path: str) -> Reply:
        self._findings.counts["pictures asked of the browser"] += 1
        if truth_of(path).kind is Kind.NO_PICTURE:
            return await self.ask("supply_nothing", target=number, key=key, reason="broken")
        plain = path.removeprefix("/supplied").removeprefix("/slow").removeprefix("/moved")
        data = await asyncio.to_thread(picture, plain)
        pieces = [data[start : start + _SUPPLY_BYTES] for start in range(0, len(data), _SUPPLY_BYTES)]
        reply = Reply("ok")
        for part, piece in enumerate(pieces):
            encoded = base64.b64encode(piece).decode()
            fields = {"target": number, "key": key, "part": part, "parts": len(pieces), "bytes": encoded}
            reply = await self.ask("supply_bytes", **fields)
            if reply.code:
                break
        return reply


def host_environment(folder: os.PathLike[str], home: os.PathLike[str], python: os.PathLike[str]) -> dict[str, str]:
    """What a browser's host runs in: a home and a temporary folder of its own, and the daemon's interpreter."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    folders = {"HOME": os.fspath(folder), "TMPDIR": os.fspath(Path(folder, "tmp")), "ISTHISME_HOME": os.fspath(home)}
    return {**kept, **folders, "ISTHISME_PYTHON": os.fspath(python)}
