"""Runs the daemon with a wall clock that others set, as a person, the network or a broken battery would.

Started in place of the interpreter by the real native host (see `launcher`). Nothing in the product knows of it. What
Python programs read as the time of day jumps; the monotonic clock goes on.
"""

import mmap
import runpy
import shlex
import struct
import sys
import time
from pathlib import Path

_SECONDS = struct.Struct("=d")


class Offset:
    """Seconds that the daemons' wall clock is ahead of the true one, in a file that they map."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_SECONDS.pack(0.0))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _SECONDS.size)

    @property
    def seconds(self) -> float:
        return float(_SECONDS.unpack_from(self._map)[0])

    @seconds.setter
    def seconds(self, seconds: float) -> None:
        _SECONDS.pack_into(self._map, 0, seconds)


def launcher(folder: Path, clock: Path) -> Path:
    """A program that takes the arguments of the interpreter which the native host starts the daemon with."""
    path = folder / "python-with-another-clock"
    command = shlex.join([sys.executable, "-I", str(Path(__file__).resolve()), str(clock)])
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    path.chmod(0o700)
    return path


def main() -> None:
    clock, _isolated, _m, module, *words = sys.argv[1:]
    offset, true_time, true_time_ns = Offset(Path(clock)), time.time, time.time_ns
    time.time = lambda: true_time() + offset.seconds
    time.time_ns = lambda: true_time_ns() + int(offset.seconds * 1e9)
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
