"""The fake companion as tests use it: the program to register, the script to change, the log to read."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

FAKE_HOST = Path(__file__).with_name("fake_host.py")


class Browser(Protocol):
    def session(self) -> dict[str, Any]:
        """Everything that the extension's worker keeps."""
        ...


class FakeCompanion:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._script = folder / "script.json"
        self._log = folder / "log.jsonl"
        self._log.touch()
        self._plays = 0
        self._tests = 0
        self._read = 0  # bytes of the log
        self._process = 0  # that was started last
        self._heard: list[dict[str, Any]] = []  # since the last `play`
        self.launcher = folder / "host"
        self.launcher.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" -I -S "{FAKE_HOST}" "{self._script}" "{self._log}" "$@"\n'
        )
        self.launcher.chmod(0o755)
        self.play()

    def play(self, **script: Any) -> None:
        """Sets the script; what was answered by an earlier one no longer counts."""
        self._plays += 1
        temporary = self._script.with_suffix(".new")
        temporary.write_text(json.dumps(script | {"play": self._plays, "test": self._tests}))
        temporary.replace(self._script)

    def begin(self, browser: Browser, **script: Any) -> None:
        """Sets the script for a test: the companion forgets what an earlier one changed, and the extension knows it.

        What the extension still had to say about earlier pages no longer counts, either.
        """
        self.prepare(**script)
        self.wait_until_known(browser)
        decided = script.get("decisions", [])
        eventually(lambda: len(browser.session().get("decisions") or []) == len(decided))
        self.play(**script)

    def prepare(self, **script: Any) -> None:
        """The same where the extension may be without its companion: it is heard of when they meet."""
        self._tests += 1
        self.play(**script)

    def wait_until_known(self, browser: Browser) -> None:
        """Until the extension has heard from a companion that plays this test's script."""
        eventually(lambda: status(browser).get("test") == self._tests)

    def heard(self, kind: str) -> list[dict[str, Any]]:
        """The messages of this type that met the script as the last `play` set it."""
        self._follow_log()
        return [message for message in self._heard if message["type"] == kind]

    def _follow_log(self) -> None:
        """Reads what was added: what was heard of an earlier script never counts again."""
        with self._log.open("rb") as log:
            log.seek(self._read)
            whole, end, _ = log.read().rpartition(b"\n")
        self._read += len(whole + end)
        for message in map(json.loads, whole.splitlines()):
            self._heard.append(message)
            if message["type"] == "(start)":
                self._process = message["process"]
        self._heard = [message for message in self._heard if message["play"] == self._plays]

    def checked(self) -> list[str]:
        """The addresses of the pictures that were asked about, in order."""
        return [
            image["address"]
            for message in self.heard("check_page")
            for image in message["images"]
            if "address" in image
        ]

    def kill(self) -> None:
        """Ends the host that was started last, as a crash would."""
        self._follow_log()
        os.kill(self._process, signal.SIGKILL)


def status(browser: Browser) -> dict[str, Any]:
    """What the extension knows of the companion; nothing while it is not connected."""
    companion = browser.session().get("companion", {})
    known: dict[str, Any] = companion["status"] if companion.get("phase") == "ready" else {}
    return known


def eventually[T](look: Callable[[], T], seconds: float = 30) -> T:
    """What `look` gives as soon as it is true; fails after that time, which is long for machines that are busy."""
    end = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < end, f"this did not happen within {seconds} s; last seen: {seen!r}"
        time.sleep(0.03)
