"""Doing inputs one after the other, each noted beforehand where a parent process finds it when this one dies."""

import contextlib
import mmap
import struct
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.fuzz.findings import Recorder, place_of
from tests.fuzz.target import Target

_HEAD = struct.Struct("=QQQI")  # inputs begun, inputs done, units done, bytes of the input
NOTE_BYTES = _HEAD.size + (1 << 20)


@dataclass(frozen=True, slots=True)
class Count:
    begun: int
    done: int
    units: int


class Note:
    """Memory that a parent and its child share: how far the child is, and what it is at."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, NOTE_BYTES)

    def write(self, count: Count, data: bytes) -> None:
        _HEAD.pack_into(self._memory, 0, count.begun, count.done, count.units, len(data))
        self._memory[_HEAD.size : _HEAD.size + len(data)] = data

    def read(self) -> tuple[Count, bytes]:
        begun, done, units, size = _HEAD.unpack_from(self._memory)
        return Count(begun, done, units), self._memory[_HEAD.size : _HEAD.size + size]


class Attempts:
    """What one process has tried."""

    def __init__(self, target: Target, recorder: Recorder, note: Note, most_cpu_seconds: float) -> None:
        self._target = target
        self._recorder = recorder
        self._note = note
        self._most_cpu_seconds = most_cpu_seconds
        self._done = self._units = 0

    def attempt(self, data: bytes) -> None:
        """One input. What fails is recorded, and so is what takes more of the processor than it may."""
        self._note.write(Count(self._done + 1, self._done, self._units), data)
        began = time.process_time()
        try:
            self._units += self._target.attack(data)
        except Exception as error:  # noqa: BLE001 whatever it is, it is what was looked for
            self._recorder.record(data, place_of(error), traceback.format_exc())
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # what libraries in Rust raise
                raise
            self._recorder.record(data, place_of(error), traceback.format_exc())
        took = time.process_time() - began
        if took > self._most_cpu_seconds:
            self._recorder.record(data, f"slow: {took:.1f} s of the processor")
        self._done += 1
        self._note.write(Count(self._done, self._done, self._units), b"")


def until(runs: int | None, seconds: float | None) -> Callable[[int], bool]:
    """Whether to go on after so many inputs."""
    give_up = None if seconds is None else time.monotonic() + seconds

    def goes_on(done: int) -> bool:
        return (runs is None or done < runs) and (give_up is None or time.monotonic() < give_up)

    return goes_on


@contextlib.contextmanager
def opened(target: Target) -> Iterator[Target]:
    try:
        yield target
    finally:
        target.close()
