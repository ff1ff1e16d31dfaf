"""What goes wrong: a plan drawn by lot from a seed, and the hand that carries it out."""

import asyncio
import contextlib
import random
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from tests.soak.album import Album
from tests.soak.audit import Auditor
from tests.soak.browser import Browser
from tests.soak.deaths import Deaths
from tests.soak.disk import Disk
from tests.soak.findings import Findings
from tests.soak.jumping_clock import Offset
from tests.soak.processes import Processes
from tests.soak.settled import settled
from tests.soak.site import Site

DAEMON_FAULTS: Final = ("kill_daemon", "end_daemon")  # in the first part of a run: later its memory is watched
HARSH_FAULTS: Final = (*DAEMON_FAULTS, "kill_host", "fill_disk", "sleep")
MILD_FAULTS: Final = (
    "kill_worker",
    "stop_worker",
    "jump_clock",
    "drop_network",
    "stall_network",
    "add_photos",
    "remove_photos",
    "rename_photos",
    "replace_photos",
    "unplug_drive",
    "slow_browser",
)
_HOUR = 3600.0
_FORGET_SECONDS = 600.0
_MOST_OVERDUE = 0.03  # of the run
_JUMPS: Final = (-2 * _HOUR, _HOUR, -30 * 24 * _HOUR, 8 * 24 * _HOUR, 45.0, -45.0)  # verdicts live for a week


@dataclass(frozen=True, slots=True)
class Fault:
    at: float  # share of the run, 0 to 1
    name: str
    seed: int


def plan_faults(seed: int, count: int, level: str, daemon_dies_until: float) -> list[Fault]:
    """In turns, each in an order of its own, so that every kind comes. `level` is none, some or all.

    Afterwards the faults that end the daemon are moved into the first part of the run.
    """
    chance = random.Random(seed)
    kinds = {"none": (), "some": MILD_FAULTS, "all": (*HARSH_FAULTS, *MILD_FAULTS)}[level]
    names: list[str] = []
    while kinds and len(names) < count:
        names += chance.sample(kinds, len(kinds))
    names = names[:count]
    moments = [(number + chance.uniform(0.1, 0.9)) / max(1, count) for number in range(count)]
    planned = [
        Fault(at * daemon_dies_until if name in DAEMON_FAULTS else at, name, chance.randrange(10**9))
        for at, name in zip(moments, names, strict=False)
    ]
    return sorted(planned, key=lambda fault: fault.at)


@dataclass(slots=True)
class Chaos:
    """Carries out a plan. `scale`: how long things last, 1 in a long run."""

    site: Site
    album: Album
    disk: Disk
    clock: Offset
    processes: Processes
    browsers: list[Browser]
    deaths: Deaths
    auditor: Auditor
    findings: Findings
    environment: dict[str, str]
    scale: float

    async def run(self, plan: list[Fault], progress: Callable[[], float]) -> None:
        """`progress`: how much of the run is over, 0 to 1. All kinds come, in the plan's order; what is overdue, since
        those before it took long, is left out where its kind came already."""
        came: set[str] = set()
        for fault in plan:
            while progress() < fault.at:  # noqa: ASYNC110 it is a reading, not an event
                await asyncio.sleep(0.05)
            if progress() > fault.at + _MOST_OVERDUE and fault.name in came:
                self.findings.counts["faults left out, being overdue"] += 1
                continue
            came.add(fault.name)
            work: Callable[[random.Random], Awaitable[None]] = getattr(self, fault.name)
            self.findings.counts[f"fault: {fault.name.replace('_', ' ')}"] += 1
            await work(random.Random(fault.seed))

    async def kill_daemon(self, _chance: random.Random) -> None:
        self._end("daemon", signal.SIGKILL)
        await self._look("after the daemon was killed")

    async def end_daemon(self, _chance: random.Random) -> None:
        self._end("daemon", signal.SIGTERM)
        await self._look("after the daemon was ended")

    async def kill_host(self, chance: random.Random) -> None:
        self._end("host", signal.SIGKILL, chance)
        await self._look("after a host was killed")

    async def kill_worker(self, chance: random.Random) -> None:
        self._end("worker", signal.SIGKILL, chance)

    async def stop_worker(self, chance: random.Random) -> None:
        """Hangs, as a decoder might."""
        workers = self.processes.workers()
        if workers:
            await self._stopped([chance.choice(workers)], 4.0 * self.scale)

    async def slow_browser(self, chance: random.Random) -> None:
        """A host that moves nothing, in either direction."""
        hosts = self.processes.hosts()
        if hosts:
            await self._stopped([chance.choice(hosts)], 5.0 * self.scale)

    async def sleep(self, _chance: random.Random) -> None:
        """All stand still; afterwards it is an hour later."""
        daemon = self.processes.of_role("daemon")
        await self._stopped([*daemon, *self.processes.workers(), *self.processes.hosts()], 5.0 * self.scale)
        self.clock.seconds += _HOUR

    async def jump_clock(self, chance: random.Random) -> None:
        self.clock.seconds += chance.choice(_JUMPS)

    async def fill_disk(self, chance: random.Random) -> None:
        self.deaths.is_disk_full = True
        try:
            await asyncio.to_thread(self.disk.fill)
            await asyncio.sleep(chance.uniform(5.0, 15.0) * self.scale)
        finally:
            await asyncio.to_thread(self.disk.free)
            self.deaths.is_disk_full = False
        await self._look("after the disk was full")

    async def drop_network(self, chance: random.Random) -> None:
        await self.site.drop(chance.uniform(2.0, 12.0) * self.scale)

    async def stall_network(self, chance: random.Random) -> None:
        await self.site.stall(chance.uniform(2.0, 15.0) * self.scale)

    async def add_photos(self, chance: random.Random) -> None:
        await self._change("add", chance)

    async def remove_photos(self, chance: random.Random) -> None:
        await self._change("remove", chance)

    async def rename_photos(self, chance: random.Random) -> None:
        await self._change("rename", chance)

    async def replace_photos(self, chance: random.Random) -> None:
        await self._change("replace", chance)

    async def unplug_drive(self, chance: random.Random) -> None:
        self.album.unplug()
        await asyncio.sleep(chance.uniform(5.0, 20.0) * self.scale)
        self.album.plug_in()

    async def _change(self, how: str, chance: random.Random) -> None:
        gone = await asyncio.to_thread(self.album.change, how, chance, chance.randint(1, 6))
        if gone and await settled(self.browsers[0]):
            await self._forget(gone)

    async def _forget(self, gone: dict[Path, int]) -> None:
        """Deleted photos stay known, until the user says otherwise on the command line."""
        command = [sys.executable, "-m", "isthisme", "forget", "--yes", *map(str, gone)]
        done = await asyncio.to_thread(
            subprocess.run, command, env=self.environment, capture_output=True, check=False, timeout=_FORGET_SECONDS
        )
        self.findings.counts[f"photos forgotten: exit code {done.returncode}"] += len(gone)
        if done.returncode == 0:
            self.album.are_forgotten(gone.values())

    async def _look(self, when: str) -> None:
        await self.auditor.look(self.browsers[-1], when)

    async def _stopped(self, processes: list[psutil.Process], seconds: float) -> None:
        for process in processes:
            _signal(process, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        for process in processes:
            _signal(process, signal.SIGCONT)

    def _end(self, role: str, number: signal.Signals, chance: random.Random | None = None) -> None:
        found = self.processes.of_role(role)
        if not found:
            self.findings.counts[f"fault that found no {role}"] += 1
            return
        if role != "worker":
            self.deaths.note()
        _signal(found[0] if chance is None else chance.choice(found), number)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
        process.send_signal(number)
