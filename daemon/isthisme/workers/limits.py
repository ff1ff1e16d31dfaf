"""What a worker may use, kept by the system: memory, processor time, files. Windows has nothing of the kind."""

import contextlib
import os
import subprocess
import sys
import time

if sys.platform != "win32":
    import resource

# Enough for the full model and the largest picture that the decoder accepts; a bomb ends the worker, not the machine.
MEMORY_BYTES = 3 << 30
MEMORY, TIME, FILE_SIZE, OPEN_FILES = "memory", "processor time", "file size", "open files"


def limit_memory() -> None:
    """Before anything is loaded."""
    _lower("RLIMIT_CORE", 0)
    _lower("RLIMIT_AS", MEMORY_BYTES)


def give_up_growth() -> None:
    """When all is loaded: no file grows, none is opened beside those that are.

    The number of processes is not limited here: the system counts the user's, threads included, and HEIC is decoded
    with a thread.
    """
    _lower("RLIMIT_FSIZE", 0)
    _lower("RLIMIT_NOFILE", 0)


def in_force() -> tuple[str, ...]:
    """What limits this process now. Processor time is given by whoever asks it (`allow_seconds`)."""
    found: list[str] = []
    if sys.platform != "win32":
        kinds = {MEMORY: resource.RLIMIT_AS, FILE_SIZE: resource.RLIMIT_FSIZE, OPEN_FILES: resource.RLIMIT_NOFILE}
        found = [name for name, kind in kinds.items() if 0 <= resource.getrlimit(kind)[1] <= MEMORY_BYTES]
    return (*found, TIME) if sys.platform == "linux" else tuple(found)


def allow_seconds(process_id: int, seconds: float) -> None:
    """Lets a process use so much more processor time; then the system ends it. Linux alone: set from outside.

    The worker itself may not ask for more, and may not keep the signal from ending it.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, ValueError):  # it has ended; its pipes tell
            # Linux has a clock for each process; its number is made of the process's (clock_getcpuclockid).
            used_seconds = time.clock_gettime(~process_id << 3 | 2)
            until = int(used_seconds + seconds) + 1
            _, most = resource.prlimit(process_id, resource.RLIMIT_CPU)
            resource.prlimit(process_id, resource.RLIMIT_CPU, (until, most))


def give_way(niceness: int) -> None:
    """This process goes after those that are less nice (0 to 19). On Windows its parent says so (`windows_flags`)."""
    if sys.platform != "win32":
        os.nice(niceness)


def windows_flags(niceness: int) -> int:
    """How Windows is to start a worker: without a window, and after others where it is to be nice; 0 elsewhere."""
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW | (subprocess.BELOW_NORMAL_PRIORITY_CLASS if niceness else 0)
    return 0


def _lower(kind: str, most: int) -> None:
    if sys.platform != "win32":
        with contextlib.suppress(ValueError, OSError):  # macOS refuses limits on address space
            resource.setrlimit(getattr(resource, kind), (most, most))
