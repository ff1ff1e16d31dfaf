"""The jobs that wait for a worker: the urgent first, and of those as urgent the ones whose picture a worker knows.

A worker remembers what it decoded last, so it goes on with what it began. Who finds neither its own nor new work takes
what another one began. A picture keeps its place from its first job on, and while a worker verifies one, which takes
long, the others take what else it began as if it were new: or what is seen on a page would wait for what is not.
"""

import heapq
import itertools
import threading
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum

from isthisme.workers import wire

REMEMBERED = 4  # pictures that a worker keeps decoded: several are under way at once, each verified after a while


class Priority(IntEnum):
    """Smaller goes first."""

    ASKED = 0  # the user waits for it
    PASSIVE = 1  # pages being browsed
    INDEXING = 2
    CLOSING = 9


@dataclass(order=True, slots=True)
class Job:
    priority: Priority
    number: int  # of the first job about the picture
    request: wire.Request | None = field(compare=False)  # None ends the worker's thread
    picture: int | None = field(compare=False)  # which one it is about, where the worker would remember it
    future: "Future[wire.Reply]" = field(compare=False, default_factory=Future)


class Line:
    """Threads may share it; those that take are numbered from 0."""

    def __init__(self, takers: int) -> None:
        self._numbers = itertools.count()
        self._new: list[Job] = []
        self._begun: list[list[Job]] = [[] for _ in range(takers)]  # by who knows the picture
        self._known: list[OrderedDict[int, int]] = [OrderedDict() for _ in range(takers)]  # pictures, and their numbers
        self._is_verifying = [False] * takers
        self._changed = threading.Condition()

    def __len__(self) -> int:
        with self._changed:
            return len(self._new) + sum(map(len, self._begun))

    def put(self, request: wire.Request | None, priority: Priority) -> "Future[wire.Reply]":
        """The reply to come."""
        job = Job(priority, next(self._numbers), request, _picture(request))
        with self._changed:
            place = self._new
            for known, begun in zip(self._known, self._begun, strict=True):
                if job.picture is not None and job.picture in known:
                    job.number, place = known[job.picture], begun
            heapq.heappush(place, job)
            self._changed.notify()
        return job.future

    def take(self, taker: int, timeout_seconds: float | None = None) -> Job | None:
        """The next job for this one, which waits for it; None where none came in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._best(taker) is not None, timeout_seconds):
                return None
            place = self._best(taker)
            assert place is not None  # noqa: S101 it was waited for
            job = heapq.heappop(place)
            self._is_verifying[taker] = isinstance(job.request, wire.Verify)
            if job.picture is not None:
                known = self._known[taker]
                known[job.picture] = job.number
                known.move_to_end(job.picture)
                if len(known) > REMEMBERED:
                    known.popitem(last=False)
            return job

    def clear(self) -> list[Job]:
        """Takes out all that wait."""
        with self._changed:
            jobs = [job for place in (self._new, *self._begun) for job in place]
            for place in (self._new, *self._begun):
                place.clear()
            return jobs

    def _best(self, taker: int) -> list[Job] | None:
        """Where the next job for this one waits."""
        places = [(1, self._new)]
        for other, begun in enumerate(self._begun):
            places.append((0 if other == taker else 1 if self._is_verifying[other] else 2, begun))
        waiting = [(rank, place) for rank, place in places if place]
        return min(waiting, key=lambda each: (each[1][0].priority, each[0], each[1][0].number))[1] if waiting else None


def _picture(request: wire.Request | None) -> int | None:
    """A number for the picture: where two share one, no more is lost than the time to decode it again."""
    match request:
        case wire.DescribeQuery(data) | wire.Verify(data) | wire.Compare(data):
            return hash(data)
        case _:
            return None
