"""A pool of worker processes with one queue; the user's own questions go before the indexer's work."""

import itertools
import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum

from isthisme.errors import IsThisMeError, ModelUnusable, WorkerCrashed
from isthisme.workers import wire
from isthisme.workers.child import Child

_START_SECONDS = 60.0
_JOB_SECONDS = 30.0
_JOBS_BEFORE_REPLACEMENT = 20_000  # decoders leak a little; a fresh process now and then keeps memory flat


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


class WorkerPool:
    """Processes start with the first job, one for each thread, and are replaced when they crash or hang."""

    def __init__(self, model: str, count: int, *, niceness: int = 0, job_seconds: float = _JOB_SECONDS) -> None:
        self.count = count
        self._model = model
        self._niceness = niceness  # 0 to 19; above 0 other programs go first
        self._job_seconds = job_seconds
        self._numbers = itertools.count()
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._children: set[int] = set()
        self._closed = False
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
        if self._closed:
            raise WorkerCrashed("the program is closing")
        job = _Job(priority, next(self._numbers), request)
        self._jobs.put(job)
        return job.future

    def close(self) -> None:
        """Ends the workers after the jobs that they are at; what still waits is cancelled."""
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
        child: Child | None = None
        jobs_done = 0
        while (job := self._jobs.get()).request is not None:
            if not job.future.set_running_or_notify_cancel():
                continue
            try:
                if child is None:
                    child, jobs_done = self._start(), 0
                reply = child.ask(job.request, self._job_seconds)
            except IsThisMeError as error:
                self._end(child)
                child = None
                job.future.set_exception(error)
            except Exception as error:  # noqa: BLE001 the thread must live on, and the asker must hear of it
                self._end(child)
                child = None
                job.future.set_exception(WorkerCrashed(f"a worker could not be used: {error}"))
            else:
                jobs_done += 1
                if jobs_done >= _JOBS_BEFORE_REPLACEMENT:
                    self._end(child)
                    child = None
                _settle(job.future, reply)
        self._end(child)

    def _start(self) -> Child:
        child = Child(self._model, self._niceness)
        self._children.add(child.process_id)
        try:
            reply = child.first_reply(_START_SECONDS)
        except WorkerCrashed:
            self._end(child)
            raise
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
