"""What the processes hold, read every few seconds: memory, open files, threads, files in the home folder."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from tests.soak.processes import Processes
from tests.soak.slope import Point

ROLES: Final = ("daemon", "worker", "host")
MEASURES: Final = ("memory", "handles", "threads")  # MB of its own share (PSS), open files and sockets, threads


@dataclass(frozen=True, slots=True)
class Sample:
    at: float  # seconds since the start of the run
    role: str
    life: str  # one process
    memory: float
    handles: int
    threads: int


@dataclass(slots=True)
class Gauges:
    processes: Processes
    home: Path
    every_seconds: float
    began: float = field(default_factory=time.monotonic)
    samples: list[Sample] = field(default_factory=list)
    log_bytes: int = 0  # the most that was seen
    home_bytes: list[Point] = field(default_factory=list)
    loads: list[float] = field(default_factory=list)  # of the machine: programs that want a processor

    async def run(self) -> None:
        while True:
            self.read()
            await asyncio.sleep(self.every_seconds)

    def read(self) -> None:
        now = time.monotonic() - self.began
        self.samples += (sample for role in ROLES for sample in self._of(role, now))
        self.processes.forget_dead()
        self.loads.append(psutil.getloadavg()[0])
        sizes = {path.name: size for path in self.home.glob("*") if (size := _size(path)) and path.name != "ballast"}
        self.log_bytes = max(self.log_bytes, sum(size for name, size in sizes.items() if "daemon.log" in name))
        self.home_bytes.append((now, sum(sizes.values()) / 1e6))

    def lives(self, role: str, measure: str) -> list[list[Point]]:
        """For each process of a role, its values."""
        found: dict[str, list[Point]] = {}
        for sample in self.samples:
            if sample.role == role:
                found.setdefault(sample.life, []).append((sample.at, float(getattr(sample, measure))))
        return list(found.values())

    def _of(self, role: str, now: float) -> Iterator[Sample]:
        for process in self.processes.of_role(role):
            try:
                memory = process.memory_full_info()
                share = getattr(memory, "pss", memory.rss) / 1e6
                life = f"{process.pid}@{process.create_time()}"
                yield Sample(now, role, life, share, process.num_fds(), process.num_threads())
            except psutil.Error:
                continue


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
