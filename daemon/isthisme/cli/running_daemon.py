"""Speaks to a running daemon, where there is one."""

import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from isthisme import __version__
from isthisme.server.frames import LARGEST_TO_BROWSER_BYTES, FrameReader, FrameTooLargeError, framed
from isthisme_host.connect import LOCK_NAME, AlreadyRunningError, MeetingError, connect, daemon_lock

_SECONDS = 10.0
_STOP_SECONDS = 45.0  # it finishes the pictures that it is at
_CHUNK = 1 << 16


def is_running(home: Path) -> bool:
    try:
        connect(home).close()
    except (MeetingError, OSError):
        return False
    return True


def has_stopped(home: Path) -> bool:
    """Ends the companion of this home where one runs, and waits until it has ended; False where it does not."""
    with suppress(OSError, ValueError):
        if _is_held(home):
            os.kill(int((home / LOCK_NAME).read_text()), signal.SIGTERM)
    give_up = time.monotonic() + _STOP_SECONDS
    while _is_held(home):
        if time.monotonic() > give_up:
            return False
        time.sleep(0.1)
    return True


def _is_held(home: Path) -> bool:
    try:
        daemon_lock(home).close()
    except AlreadyRunningError:
        return True
    return False


def tell_daemon(home: Path, kind: str, **fields: Any) -> dict[str, Any] | None:
    """Sends one request and waits for its answer; None when no daemon answers."""
    hello = {"protocol": 1, "extension_version": __version__, "browser": "command line", "user_agent": ""}
    try:
        with connect(home) as connection:
            connection.settimeout(_SECONDS)
            for number, (name, values) in enumerate((("hello", hello), (kind, fields)), start=1):
                connection.sendall(framed(json.dumps({"id": number, "type": name, **values}).encode()))
            frames = FrameReader(LARGEST_TO_BROWSER_BYTES)
            while chunk := connection.recv(_CHUNK):
                for body in frames.feed(chunk):
                    answer: dict[str, Any] = json.loads(body)
                    if answer.get("id") == 2:
                        return answer
    except (MeetingError, FrameTooLargeError, OSError, ValueError):
        pass
    return None
