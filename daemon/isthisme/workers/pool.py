"""A pool of worker processes with one queue; the user's own questions go before the indexer's work."""

import itertools
import logging
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum

from isthisme.errors import IsThisMeError, ModelUnusable, WorkerCrashed
from isthisme.workers import wire
from isthisme.workers.child import Child

_START_SECONDS = 60.0
_JOB_SECONDS = 30.0
_JOBS_BEFORE_REPLACEMENT = 1_000  # what a picture left in a worker, leaks or an intruder, stays no longer

_log = logging.getLogger(__name__)


class Priority(IntEnum):
    """Smaller goes first."""

    ASKED = 0  # the user waits for it
    PASSIVE = 1  # pages being browsed
    INDEXING = 2
    CLOSING = 9


@dataclass(order=True)
class _Job:
    priority: Priority
    number: int
    request: wire.Request | None = field(compare=False)  # None ends the worker's thread
    future: "Future[wire.Reply]" = field(compare=False, default_factory=Future)


@dataclass(slots=True)
class _Seat:
    """A place for one worker, of one thread of the pool."""

    child: Child | None = None
    jobs_done: int = 0  # by this child


class WorkerPool:
    """Processes start with the first job, one for each thread, and are replaced when they crash or hang."""

    def __init__(
        self,
        model: str,
        count: int,
        *,
        niceness: int = 0,
        job_seconds: float = _JOB_SECONDS,
        program: Sequence[str] = ("-m", "isthisme.workers.process"),  # what Python is to run
    ) -> None:
        self.count = count
        self._program = program
        self._model = model
        self._niceness = niceness  # 0 to 19; above 0 other programs go first
        self._job_seconds = job_seconds
        self._numbers = itertools.count()
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._children: set[int] = set()
        self._closed = False
        self._closing = threading.Lock()  # no job may come in behind those that are cancelled
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """Jobs that no worker has taken yet."""
        return self._jobs.qsize()

    @property
    def process_ids(self) -> frozenset[int]:
        return frozenset(self._children)

    def submit(self, request: wire.Request, priority: Priority) -> "Future[wire.Reply]":
        """The reply to come. A failure on the worker's side arrives as the IsThisMeError that it was there."""
        job = _Job(priority, next(self._numbers), request)
        with self._closing:
            if self._closed:
                raise WorkerCrashed("the program is closing")
            self._jobs.put(job)
        return job.future

    def close(self) -> None:
        """Ends the workers after the jobs that they are at; what still waits is cancelled."""
        with self._closing:
            self._closed = True
        while True:
            try:
                self._jobs.get_nowait().future.cancel()
            except queue.Empty:
                break
        for _ in self._threads:
            self._jobs.put(_Job(Priority.CLOSING, next(self._numbers), None))
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        # The addresses on a page are asked for. So pages have a worker of their own, which sees no photo of the user's:
        # one that is taken over could put such a photo into an address.
        of_pictures, of_pages = _Seat(), _Seat()
        while (job := self._jobs.get()).request is not None:
            if not job.future.set_running_or_notify_cancel():
                continue
            seat = of_pages if isinstance(job.request, wire.ReadPage) else of_pictures
            try:
                reply = self._seated(seat).ask(job.request, self._job_seconds)
            except IsThisMeError as error:
                if seat.child is not None:
                    _log.info("a worker is replaced: %s; its last words: %s", error, seat.child.last_words)
                self._empty(seat)
                job.future.set_exception(error)
            except Exception as error:  # noqa: BLE001 the thread must live on, and the asker must hear of it
                self._empty(seat)
                job.future.set_exception(WorkerCrashed(f"a worker could not be used: {error}"))
            else:
                seat.jobs_done += 1
                _settle(job.future, reply)
        self._empty(of_pictures)
        self._empty(of_pages)

    def _seated(self, seat: _Seat) -> Child:
        """The seat's worker; a fresh one where there is none, it ended since, or it did enough."""
        if seat.child is not None and (seat.child.has_ended or seat.jobs_done >= _JOBS_BEFORE_REPLACEMENT):
            self._empty(seat)
        if seat.child is None:
            seat.child, seat.jobs_done = self._start(), 0
        return seat.child

    def _empty(self, seat: _Seat) -> None:
        self._end(seat.child)
        seat.child = None

    def _start(self) -> Child:
        child = Child(self._program, self._model, self._niceness)
        self._children.add(child.process_id)
        try:
            reply = child.first_reply(_START_SECONDS)
        except WorkerCrashed as error:
            self._end(child)
            raise WorkerCrashed(f"a worker could not start: {child.last_words or error}") from error
        if isinstance(reply, wire.Failed):
            self._end(child)
            raise ModelUnusable(reply.message)
        return child

    def _end(self, child: Child | None) -> None:
        if child is not None:
            self._children.discard(child.process_id)
            child.end()


def _settle(future: "Future[wire.Reply]", reply: wire.Reply) -> None:
    if isinstance(reply, wire.Failed):
        future.set_exception(_error(reply))
    else:
        future.set_result(reply)


def _error(failed: wire.Failed) -> IsThisMeError:
    return _error_types().get(failed.code, WorkerCrashed)(failed.message)


def _error_types() -> dict[str, type[IsThisMeError]]:
    found: dict[str, type[IsThisMeError]] = {}
    unseen: list[type[IsThisMeError]] = [IsThisMeError]
    while unseen:
        kind = unseen.pop()
        found[kind.code] = kind
        unseen.extend(kind.__subclasses__())
    return found
