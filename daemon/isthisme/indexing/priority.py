"""Gives way to other programs, for processor and disk, as far as the system knows of such a thing."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

_NICENESS = 10


def give_way() -> None:
    """This process and what it starts go after all others from now on, and read the disk when nobody else does."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        return
    os.nice(_NICENESS)
    if sys.platform == "linux":
        with suppress(psutil.Error, OSError):
            psutil.Process().ionice(psutil.IOPRIO_CLASS_IDLE)


def give_way_as_session(niceness: int) -> None:
    """The same for the processor and all of this session, where this process leads one.

    Linux weighs niceness only inside a session when it groups programs by session, as most desktops have it.
    """
    if sys.platform == "linux" and os.getsid(0) == os.getpid():
        with suppress(OSError):  # a kernel without it
            Path("/proc/self/autogroup").write_text(str(niceness), encoding="ascii")


@contextmanager
def idle_disk() -> Iterator[None]:
    """Threads that are started inside read the disk when nobody else does. To be used in the main thread.

    Linux has this for each thread, which begins with what the thread has that starts it.
    """
    if sys.platform != "linux":
        yield
        return
    process = psutil.Process()
    before = None
    with suppress(psutil.Error, OSError):  # a container may refuse it, or have no such thing
        found = process.ionice()
        process.ionice(psutil.IOPRIO_CLASS_IDLE)
        before = found
    try:
        yield
    finally:
        if before is not None:
            has_levels = before.ioclass in (psutil.IOPRIO_CLASS_RT, psutil.IOPRIO_CLASS_BE)
            process.ionice(before.ioclass, before.value if has_levels else None)
