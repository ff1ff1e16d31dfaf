"""Speaks to a running daemon, where there is one."""

import json
import struct
from pathlib import Path
from typing import Any

from isthisme import __version__
from isthisme_host.connect import MeetingError, connect

_SECONDS = 10.0
_LENGTH = struct.Struct("=I")


def is_running(home: Path) -> bool:
    try:
        connect(home).close()
    except (MeetingError, OSError):
        return False
    return True


def tell_daemon(home: Path, kind: str, **fields: Any) -> dict[str, Any] | None:
    """Sends one request and waits for its answer; None when no daemon answers."""
    hello = {"protocol": 1, "extension_version": __version__, "browser": "command line", "user_agent": ""}
    try:
        with connect(home) as socket, socket.makefile("rwb") as stream:
            socket.settimeout(_SECONDS)
            for number, (name, values) in enumerate((("hello", hello), (kind, fields)), start=1):
                body = json.dumps({"id": number, "type": name, **values}).encode()
                stream.write(_LENGTH.pack(len(body)) + body)
            stream.flush()
            while True:
                (length,) = _LENGTH.unpack(stream.read(_LENGTH.size))
                answer: dict[str, Any] = json.loads(stream.read(length))
                if answer.get("id") == 2:
                    return answer
    except (MeetingError, OSError, struct.error, ValueError):
        return None
