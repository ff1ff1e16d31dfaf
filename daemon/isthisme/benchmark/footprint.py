"""What a set of processes has used until now: memory and processor time. From /proc, so on Linux alone."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path


def memory_megabytes(process_ids: Iterable[int]) -> float | None:
    """What the processes hold together, pages that they share counted once; None where the system does not tell."""
    try:
        return sum(map(_held_kilobytes, process_ids)) / 1024
    except OSError:
        return None


def processor_seconds(process_ids: Iterable[int]) -> float | None:
    """The time that all cores have spent on the processes; None where the system does not tell."""
    if sys.platform != "linux":
        return None
    try:
        return sum(map(_ticks, process_ids)) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return None


def _held_kilobytes(process_id: int) -> int:
    lines = Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _ticks(process_id: int) -> int:
    # The name in parentheses may hold anything; the times are the 12th and 13th word behind it.
    words = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return int(words[11]) + int(words[12])
