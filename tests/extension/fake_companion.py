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
        self._read_from = 0
        self.launcher = folder / "host"
        self.launcher.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" -I -S "{FAKE_HOST}" "{self._script}" "{self._log}" "$@"\n'
        )
        self.launcher.chmod(0o755)
        self.play()

    def play(self, **script: Any) -> None:
        """Sets the script; what was logged until now no longer counts."""
        temporary = self._script.with_suffix(".new")
        temporary.write_text(json.dumps(script))
        # In this order: what the new script brings about may be logged at once.
        self._read_from = self._log.stat().st_size if self._log.exists() else 0
        temporary.replace(self._script)

    def heard(self, kind: str) -> list[dict[str, Any]]:
        """The messages of this type since the last `play`."""
        if not self._log.exists():
            return []
        lines = self._log.read_bytes()[self._read_from :].split(b"\n")[:-1]
        return [message for message in map(json.loads, lines) if message["type"] == kind]

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
