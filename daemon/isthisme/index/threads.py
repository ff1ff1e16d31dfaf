"""Work shared among the cores. numkong and numpy let other threads go on while they compute."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

_MOST = 4  # the computer has other things to do


def in_threads[Part, Result](work: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """What the work makes of each part, in order. Threads live as long as this call; on one core there are none."""
    threads = min(_cores(), _MOST, len(parts))
    if threads < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(threads, "search") as pool:
        return list(pool.map(work, parts))


def _cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
