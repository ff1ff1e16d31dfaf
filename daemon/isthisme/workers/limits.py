"""What a worker may use, kept by the system: memory, processor time, files."""

import contextlib
import resource
import sys
import time

# Enough for the full model and the largest picture that the decoder accepts; a bomb ends the worker, not the machine.
MEMORY_BYTES = 3 << 30
MEMORY, TIME, FILE_SIZE, OPEN_FILES = "memory", "processor time", "file size", "open files"


def limit_memory() -> None:
    """Before anything is loaded."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_AS, MEMORY_BYTES)


def give_up_growth() -> None:
    """When all is loaded: no file grows, none is opened beside those that are.

    The number of processes is not limited here: the system counts the user's, threads included, and HEIC is decoded
    with a thread.
    """
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_NOFILE, 0)


def in_force() -> tuple[str, ...]:
    """What limits this process now. Processor time is given by whoever asks it (`allow_seconds`)."""
    kinds = {MEMORY: resource.RLIMIT_AS, FILE_SIZE: resource.RLIMIT_FSIZE, OPEN_FILES: resource.RLIMIT_NOFILE}
    found = [name for name, kind in kinds.items() if 0 <= resource.getrlimit(kind)[1] <= MEMORY_BYTES]
    return (*found, TIME) if sys.platform == "linux" else tuple(found)


def allow_seconds(process_id: int, seconds: float) -> None:
    """Lets a process use so much more processor time; then the system ends it. Linux alone: set from outside.

    The worker itself may not ask for more, and may not keep the signal from ending it.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, ValueError):  # it has ended; its pipes tell
            until = int(_used_seconds(process_id) + seconds) + 1
            _, most = resource.prlimit(process_id, resource.RLIMIT_CPU)
            resource.prlimit(process_id, resource.RLIMIT_CPU, (until, most))


def _used_seconds(process_id: int) -> float:
    """Linux has a clock for each process; its number is made of the process's (clock_getcpuclockid)."""
    return time.clock_gettime(~process_id << 3 | 2)


def _lower(kind: int, most: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # macOS refuses limits on address space
        resource.setrlimit(kind, (most, most))
