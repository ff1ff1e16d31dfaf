"""Stands between a browser and the native host and notes when which picture was asked about and judged.

Run as `python -m isthisme.benchmark.frame_times LOG LAUNCHER ARGUMENT...`; what passes is not changed.
"""

import json
import os
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

_LENGTH = struct.Struct("=I")
_NOTED = ("check_page", "verdict")


def main() -> None:
    log, launcher, *rest = sys.argv[1:]
    host = subprocess.Popen([launcher, *rest], stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 ours
    assert host.stdin is not None  # noqa: S101 asked for above
    assert host.stdout is not None  # noqa: S101
    with Path(log).open("a", buffering=1) as notes:
        threading.Thread(target=_pass_on, args=(sys.stdin.buffer, host.stdin, notes), daemon=True).start()
        _pass_on(host.stdout, sys.stdout.buffer, notes)
    os._exit(0)  # the other thread waits for a browser that is gone


class Notes:
    """What was noted, read as it comes: to read all of it every time would take the processor from what is measured."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._read_bytes = 0

    def unread(self) -> list[dict[str, Any]]:
        """What was noted since the last time: `time` (seconds, monotonic) and the frame itself."""
        if not self._log.exists():
            return []
        with self._log.open("rb") as stream:
            stream.seek(self._read_bytes)
            lines = [line for line in stream if line.endswith(b"\n")]
        self._read_bytes += sum(map(len, lines))
        return [json.loads(line) for line in lines]


def _pass_on(source: IO[bytes], target: IO[bytes], notes: IO[str]) -> None:
    with target:
        while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
            body = source.read(_LENGTH.unpack(head)[0])
            target.write(head + body)
            target.flush()
            frame = json.loads(body)
            if frame.get("type") in _NOTED:
                notes.write(json.dumps({"time": time.monotonic(), "frame": frame}) + "\n")


if __name__ == "__main__":
    main()
