"""A worker whose decoder is poisoned by bytes that say how: everything else is the real worker's."""

import contextlib
import ctypes
import os
import socket
import sys
from collections.abc import Callable

from isthisme.domain import SmallCopy
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.workers import process
from isthisme.workers.preparation import prepared

_ANSWERS = 3  # where the worker writes its frames


def hang() -> None:
    while True:
        pass


def flood() -> None:
    for _ in range(64):
        with contextlib.suppress(OSError):  # as libraries in C do, which do not look whether anybody listens
            os.write(2, b"warning: \x1b[31mthis picture is odd\n" * 4096)


def chatter() -> None:
    os.write(1, b"corrupt JPEG data: 3 extraneous bytes\n")
    os.write(1, b"\xff" * 4096)


POISONS: dict[bytes, Callable[[], object]] = {
    b"crash": lambda: ctypes.string_at(8),
    b"abort": os.abort,
    b"exit": lambda: os._exit(0),
    b"hang": hang,
    b"allocate": lambda: bytearray(8 << 30),
    b"flood": flood,
    b"chatter": chatter,
    b"answer nonsense": lambda: os.write(_ANSWERS, b"\xff" * 64),
    b"answer twice": lambda: os.write(_ANSWERS, b"\x02\0\0\0\x91\x01\x02\0\0\0\x91\x01"),
    b"fork": os.fork,
    b"run a program": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606
    b"open a file": lambda: open("/etc/passwd", "rb"),  # noqa: PTH123, SIM115
    b"connect": lambda: socket.create_connection(("127.0.0.1", 9)),
}


class PoisonedEngine(Engine):
    """Falls for `poison: HOW`."""

    def shrink(self, data: bytes) -> SmallCopy:
        before, _, poison = data.partition(b"poison: ")
        if not before:
            POISONS[poison]()
            return SmallCopy(b"", None)
        return super().shrink(data)


def poisoned(model: str) -> Engine:
    prepared(model)
    return PoisonedEngine(Models.none())


if __name__ == "__main__":
    assert "isthisme.workers" in sys.modules
    process.main(poisoned)
