"""What a set of processes has used until now: memory and processor time. On Linux alone, save where it says so."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import psutil


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


def family_processor_seconds() -> float:
    """The time that all cores have spent on this process and on all below it, those included that have ended.

    One that has ended is counted with its parent, where the system does so (Linux).
    """
    own = psutil.Process()
    while True:
        try:
            return sum(map(_with_ended_children, [own, *own.children(recursive=True)]))
        except psutil.NoSuchProcess:  # it ended meanwhile: what it spent is its parent's now
            continue


def _with_ended_children(process: psutil.Process) -> float:
    spent = process.cpu_times()
    return float(spent.user + spent.system + spent.children_user + spent.children_system)


def _held_kilobytes(process_id: int) -> int:
    lines = Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _ticks(process_id: int) -> int:
    # The name in parentheses may hold anything; the times are the 12th and 13th word behind it.
    words = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return int(words[11]) + int(words[12])
