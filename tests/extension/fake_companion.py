"""The fake companion as tests use it: the program to register, the script to change, the log to read."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser_driver import Chromium
from tests.extension.fake_host import STATUS

FAKE_HOST = Path(__file__).with_name("fake_host.py")


class FakeCompanion:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._script = folder / "script.json"
        self._log = folder / "log.jsonl"
        self._plays = 0
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
        temporary.write_text(json.dumps(script | {"play": self._plays}))
        temporary.replace(self._script)

    def heard(self, kind: str) -> list[dict[str, Any]]:
        """The messages of this type that met the script as the last `play` set it."""
        if not self._log.exists():
            return []
        messages = map(json.loads, self._log.read_bytes().split(b"\n")[:-1])
        return [message for message in messages if message["type"] == kind and message["play"] == self._plays]

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
        starts = [json.loads(line) for line in self._log.read_text().splitlines() if '"(start)"' in line]
        os.kill(starts[-1]["process"], signal.SIGKILL)


def status(browser: Chromium) -> dict[str, Any]:
    """What the extension knows of the companion; nothing while it is not connected."""
    companion = browser.session().get("companion", {})
    known: dict[str, Any] = companion["status"] if companion.get("phase") == "ready" else {}
    return known


def is_at_rest(browser: Chromium) -> bool:
    """Whether the extension knows the companion as it is without a script."""
    known = status(browser)
    return known | STATUS == known


def eventually[T](look: Callable[[], T], seconds: float = 30) -> T:
    """What `look` gives as soon as it is true; fails after that time, which is long for machines that are busy."""
    end = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < end, f"this did not happen within {seconds} s; last seen: {seen!r}"
        time.sleep(0.03)
