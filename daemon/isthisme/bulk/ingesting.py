"""One run of `isthisme ingest`: the graph, driven until every unit of the plan is on the shelf.

For each unit three tasks: `read_unit` brings the bytes to a worker, `glance` tells their hashes, `describe` looks at
those that nobody described yet and writes the part. In between the run chooses, unit by unit in the plan's order, which
pictures are new. So each content is described once, and the shelf is the same whoever was lost meanwhile.

There is one way to go on after anything: to begin anew, and pass over the units whose parts are there.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from distributed import Future
from numpy.typing import NDArray

from isthisme.bulk.archives import split
from isthisme.bulk.cluster import Cluster, SchedulerLost, outcome
from isthisme.bulk.describing import Report, describe, glance
from isthisme.bulk.reading import read_unit
from isthisme.bulk.shelf import Generation, Trouble, photo_id
from isthisme.bulk.sources import Archive, Unit, find_units
from isthisme.errors import EnvironmentFault, IsThisMeError, SourceUnreadable, TransientError
from isthisme.scanning.found import Unread

_DESCRIBE_FIRST = 10  # priority: what is read already goes before what is to be read
_ARCHIVES_AHEAD = 4  # that are divided while others are worked on
_NO_UNIT = "plan-"  # how the names of errors begin that belong to none
# Codes of errors that the same picture may not give again.
PASSING = frozenset(
    {SourceUnreadable.code}
    | {kind.code for parent in TransientError.__subclasses__() for kind in (parent, *parent.__subclasses__())}
)


@dataclass(slots=True)
class Outcome:
    """What came of a run so far."""

    described: int = 0
    known: int = 0  # contents that are on the shelf already
    left_out: int = 0  # icons
    unread: int = 0
    units: int = 0  # done by this run
    units_before: int = 0  # done by earlier ones
    members_before: int = 0  # pictures in those
    archived: int = 0  # pictures in archives, of both
    archived_bytes: int = 0
    processor_seconds: dict[str, float] = field(default_factory=dict)  # by worker
    report: Callable[[], None] = lambda: None  # called when anything here has changed
    written: Callable[[str, int], None] = lambda _unit, _rows: None  # a part is there, with so many rows

    @property
    def pictures(self) -> int:
        return self.described + self.known + self.left_out + self.unread

    def add(self, report: Report, unit: Unit) -> None:
        self.described += report.described
        self.left_out += report.left_out
        self.unread += report.unread
        self.known += len(unit.members) - report.described - report.left_out - report.unread
        self.units += 1
        self._measure(unit)
        before = self.processor_seconds.get(report.worker, 0.0)
        self.processor_seconds[report.worker] = max(before, report.processor_seconds)
        self.written(unit.name, report.rows)
        self.report()

    def pass_over(self, unit: Unit) -> None:
        """It was done by an earlier run."""
        self.units_before += 1
        self.members_before += len(unit.members)
        self._measure(unit)

    def _measure(self, unit: Unit) -> None:
        if unit.kind in ("zip", "tar"):
            self.archived += len(unit.members)
            self.archived_bytes += sum(member.size for member in unit.members)


class KnownPhotos:
    """The ids of all photos of a generation; 8 bytes for each that was there before the run."""

    def __init__(self, ids: NDArray[np.int64]) -> None:
        self._before = np.unique(ids)
        self._since: set[int] = set()

    def add(self, photo_id: int) -> bool:
        """Whether it is new."""
        at = int(np.searchsorted(self._before, photo_id))
        if photo_id in self._since or (at < len(self._before) and self._before[at] == photo_id):
            return False
        self._since.add(photo_id)
        return True


@dataclass(slots=True)
class _Flight:
    """A unit under way. What was read stays on its worker as long as this holds it."""

    unit: Unit
    read: "Future[Any]"
    glance: "Future[Any]"


class Ingest:
    """Puts what lies at some addresses onto a shelf."""

    def __init__(self, cluster: Cluster, generation: Generation, outcome: Outcome) -> None:
        self._cluster = cluster
        self._generation = generation
        self._outcome = outcome
        self._troubles: set[str] = set()  # names of errors that belong to no unit
        self._finished: set[str] = set()  # units that this run did
        self._passed_over: set[str] = set()  # and those that others did
        self._parts: set[str] | None = None  # that were there when they were looked at last

    def run(self, urls: Sequence[str], *, again: bool = False) -> None:
        """Describes what is not described yet; `again`: also what failed for reasons that may have passed.

        Raises UsageError, ClusterLost, ShelfUnusable, DiskFull and ModelUnusable; what was done stays done.
        """
        self._generation.sweep()
        once_more = {unit for unit, unread in self._generation.errors() if unread.code in PASSING} if again else set()
        for name in self._generation.error_names():
            if name.startswith(_NO_UNIT):
                self._generation.write_errors(name, [])
        while True:
            once_more -= self._finished
            done, known = self._on_the_shelf(once_more)
            try:
                self._describe_all(urls, done, known)
            except SchedulerLost:
                self._cluster.reconnect()
            else:
                return

    def _on_the_shelf(self, once_more: Collection[str]) -> tuple[set[str], KnownPhotos]:
        """The units that are done, and all contents that were looked at. A part that is broken is to be done again.

        What a worker wrote, and could not tell because its scheduler was gone, is told here.
        """
        ids = {part: self._generation.photo_ids(part) for part in self._generation.parts()}
        sound = {part: each for part, each in ids.items() if each is not None}
        if self._parts is not None:
            for part in sorted(sound.keys() - self._parts - self._finished):
                self._outcome.written(part, len(sound[part]))
        self._parts = set(sound)
        done = {unit for part in sound for unit in self._generation.units_in(part)}.difference(once_more)
        failed = [
            each.photo_id for unit, each in self._generation.errors() if unit in done and each.photo_id is not None
        ]
        return done, KnownPhotos(np.concatenate([*sound.values(), np.array(failed, np.int64)]))

    def _describe_all(self, urls: Sequence[str], done: set[str], known: KnownPhotos) -> None:
        coming = self._units(urls, done)
        waiting: deque[_Flight] = deque()  # for their turn to be chosen from, in the plan's order
        glanced: set[Future[Any]] = set()  # of those, glances that came before their turn
        describing: dict[Future[Any], _Flight] = {}
        while True:
            while len(waiting) + len(describing) < self._cluster.window and (unit := next(coming, None)) is not None:
                read = self._cluster.submit(read_unit, unit)
                waiting.append(_Flight(unit, read, self._cluster.submit(glance, read)))
            if not waiting and not describing:
                return
            unsettled = [flight.glance for flight in waiting if flight.glance not in glanced]
            for future in self._cluster.settled([*describing, *unsettled]):
                if future in describing:
                    self._settle(describing.pop(future).unit, outcome(future))
                else:
                    glanced.add(future)
            while waiting and waiting[0].glance in glanced:
                flight = waiting.popleft()
                glanced.remove(flight.glance)
                hashes = outcome(flight.glance)
                if isinstance(hashes, IsThisMeError):
                    self._settle(flight.unit, hashes)
                else:
                    describing[self._described(flight, hashes, known)] = flight

    def _described(self, flight: _Flight, hashes: Sequence[bytes | None], known: KnownPhotos) -> "Future[Any]":
        owner = self._generation.owner
        new = frozenset(
            place for place, each in enumerate(hashes) if each is not None and known.add(photo_id(owner, each))
        )
        given = flight.read, new, flight.unit.name, self._generation
        return self._cluster.submit(describe, *given, priority=_DESCRIBE_FIRST)

    def _settle(self, unit: Unit, result: Report | IsThisMeError) -> None:
        """Raises an EnvironmentFault that is the result: it would be that of the next unit as well."""
        if isinstance(result, EnvironmentFault):
            raise result
        if isinstance(result, IsThisMeError):
            troubles = [Trouble.of(Unread.because(member.name, result)) for member in unit.members]
            result = Report(self._generation.write(unit.name, [], troubles), 0, 0, len(troubles), "", 0.0)
        self._finished.add(unit.name)
        self._outcome.add(result, unit)

    def _units(self, urls: Sequence[str], done: set[str]) -> Iterator[Unit]:
        """Those of the plan that are to be done; notes what cannot be divided into units."""
        for found in self._divided(chain.from_iterable(map(find_units, urls))):
            if isinstance(found, Unread):
                self._note(found)
            elif found.name not in done:
                yield found
            elif found.name not in self._passed_over and found.name not in self._finished:
                self._passed_over.add(found.name)
                self._outcome.pass_over(found)

    def _divided(self, plan: Iterator[Unit | Archive | Unread]) -> Iterator[Unit | Unread]:
        """Archives are divided on the workers, a few ahead, and come in their turn."""
        ahead: deque[Unit | Unread | tuple[Archive, Future[Any]]] = deque()
        for found in plan:
            ahead.append((found, self._cluster.submit(split, found)) if isinstance(found, Archive) else found)
            while ahead and (len(ahead) > _ARCHIVES_AHEAD or not isinstance(ahead[0], tuple)):
                yield from self._parts_of(ahead.popleft())
        for each in ahead:
            yield from self._parts_of(each)

    def _parts_of(self, found: Unit | Unread | tuple[Archive, "Future[Any]"]) -> Iterator[Unit | Unread]:
        if not isinstance(found, tuple):
            yield found
            return
        archive, division = found
        self._cluster.settled([division])
        parts = outcome(division)
        if isinstance(parts, EnvironmentFault):
            raise parts
        yield from [Unread.because(archive.address, parts)] if isinstance(parts, IsThisMeError) else parts

    def _note(self, unread: Unread) -> None:
        name = _NO_UNIT + hashlib.sha256(unread.address.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        self._generation.write_errors(name, [Trouble.of(unread)])
        if name not in self._troubles:
            self._troubles.add(name)
            self._outcome.unread += 1
            self._outcome.report()
