"""The door that a worker shuts behind itself, before it reads the first bytes of a stranger.

Where the system lacks a part, the worker works on with the others, and says so (`Confinement`, which goes with Ready).
"""

import contextlib
import os
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from isthisme.workers import landlock, limits, macos_sandbox
from isthisme.workers.system_calls import CallFilter


@dataclass(frozen=True, slots=True)
class Confinement:
    """What holds a worker."""

    landlock: int | None  # the version that keeps it from files; None where nothing does
    seccomp: str | None  # the version of libseccomp whose filter keeps it from the network and from other processes
    macos_sandbox: bool
    limits: tuple[str, ...]  # as `limits` names them

    @property
    def is_whole(self) -> bool:
        return self.landlock is not None and self.seccomp is not None and len(self.limits) == 4


def close_door(kept: Collection[int]) -> Confinement:
    """Gives up, for good, all that decoding does not need. `kept` are the file descriptors that stay open.

    All that will be needed has to be loaded before. Never raises for what the system lacks.
    """
    _close_others(kept)
    is_alone = _threads() == 1  # Landlock holds the thread that asks for it, and those that it starts
    calls = _or_none(CallFilter)
    files = _or_none(landlock.give_up_files) if is_alone else None
    sandboxed = macos_sandbox.close()
    limits.give_up_growth()
    in_force = limits.in_force()
    seccomp = None
    if calls is not None:
        with contextlib.suppress(OSError):
            calls.apply()
            seccomp = calls.version
    return Confinement(files, seccomp, sandboxed, in_force)


def _or_none[Made](make: Callable[[], Made]) -> Made | None:
    try:
        return make()
    except OSError:
        return None


def _close_others(kept: Collection[int]) -> None:
    for number in _open_descriptors():
        if number not in kept:
            with contextlib.suppress(OSError):
                os.close(number)


def _open_descriptors() -> list[int]:
    folder = Path("/proc/self/fd" if sys.platform == "linux" else "/dev/fd")
    return [int(each.name) for each in folder.iterdir()] if folder.is_dir() else []


def _threads() -> int:
    folder = Path("/proc/self/task")
    return len(list(folder.iterdir())) if folder.is_dir() else 1
