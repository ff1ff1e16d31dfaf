"""A pool of worker processes with one line of jobs; the user's own questions go before the indexer's work."""

import contextlib
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from isthisme.errors import IsThisMeError, ModelUnusable, WorkerCrashed
from isthisme.workers import wire
from isthisme.workers.child import Child
from isthisme.workers.line import Line, Priority

__all__ = ["Priority", "WorkerPool"]

_START_SECONDS = 60.0
_JOB_SECONDS = 30.0
_JOBS_OF_A_WORKER = 1_000  # what a picture left in it, leaks or an intruder, stays no longer
_DUE_SHARE = 0.8  # of them; from there on a pause serves to replace it, since a start takes a second of the processor
_PAUSE_SECONDS = 0.5

_log = logging.getLogger(__name__)


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
        jobs_of_a_worker: int = _JOBS_OF_A_WORKER,
        program: Sequence[str] = ("-m", "isthisme.workers.process"),  # what Python is to run
    ) -> None:
        self.count = count
        self._program = program
        self._model = model
        self._niceness = niceness  # 0 to 19; above 0 other programs go first
        self._job_seconds = job_seconds
        self._jobs_of_a_worker = jobs_of_a_worker
        self._jobs = Line(count)
        self._children: set[int] = set()
        self._closed = False
        self._closing = threading.Lock()  # no job may come in behind those that are cancelled
        self._threads = [threading.Thread(target=self._serve, args=(number,), daemon=True) for number in range(count)]
        for thread in self._threads:
            thread.start()

    @property
    def process_ids(self) -> frozenset[int]:
        return frozenset(self._children)

    def submit(self, request: wire.Request, priority: Priority) -> "Future[wire.Reply]":
        """The reply to come. A failure on the worker's side arrives as the IsThisMeError that it was there."""
        with self._closing:
            if self._closed:
                raise WorkerCrashed("the program is closing")
            return self._jobs.put(request, priority)

    def close(self) -> None:
        """Ends the workers after the jobs that they are at; what still waits is cancelled."""
        with self._closing:
            self._closed = True
        for job in self._jobs.clear():
            job.future.cancel()
        for _ in self._threads:
            self._jobs.put(None, Priority.CLOSING)
        for thread in self._threads:
            thread.join()

    def _serve(self, number: int) -> None:
        # The addresses on a page are asked for. So pages have a worker of their own, which sees no photo of the user's:
        # one that is taken over could put such a photo into an address.
        of_pictures, of_pages = _Seat(), _Seat()
        while True:
            is_due = of_pictures.jobs_done >= _DUE_SHARE * self._jobs_of_a_worker
            job = self._jobs.take(number, _PAUSE_SECONDS if is_due else None)
            if job is None:
                self._replace(of_pictures)
            elif job.request is None:
                break
            elif job.future.set_running_or_notify_cancel():
                seat = of_pages if isinstance(job.request, wire.ReadPage) else of_pictures
                self._carry_out(job.request, job.future, seat)
        self._empty(of_pictures)
        self._empty(of_pages)

    def _carry_out(self, request: wire.Request, future: "Future[wire.Reply]", seat: _Seat) -> None:
        try:
            reply = self._seated(seat).ask(request, self._job_seconds)
        except IsThisMeError as error:
            if seat.child is not None:
                _log.info("a worker is replaced: %s; its last words: %s", error, seat.child.last_words)
            self._empty(seat)
            future.set_exception(error)
        except Exception as error:  # noqa: BLE001 the thread must live on, and the asker must hear of it
            self._empty(seat)
            future.set_exception(WorkerCrashed(f"a worker could not be used: {error}"))
        else:
            seat.jobs_done += 1
            _settle(future, reply)

    def _replace(self, seat: _Seat) -> None:
        """In a pause, so that the next picture need not wait for it."""
        self._empty(seat)
        with contextlib.suppress(IsThisMeError, OSError):  # who asks next is told
            self._seated(seat)

    def _seated(self, seat: _Seat) -> Child:
        """The seat's worker; a fresh one where there is none, it ended since, or it did enough."""
        if seat.child is not None and (seat.child.has_ended or seat.jobs_done >= self._jobs_of_a_worker):
            self._empty(seat)
        if seat.child is None:
            seat.child = self._start()
        return seat.child

    def _empty(self, seat: _Seat) -> None:
        self._end(seat.child)
        seat.child, seat.jobs_done = None, 0

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
