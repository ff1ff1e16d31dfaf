"""Each process of a cluster keeps sandboxed workers, started once: they load the models and decode strangers' bytes."""

import threading
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import psutil
from distributed import Worker, WorkerPlugin, get_worker

from isthisme.workers import Priority, WorkerEngine, WorkerPool


class Sandboxes(WorkerPlugin):
    """Given to a cluster once; a process that joins later, or comes back after a crash, gets it as well."""

    name = "isthisme-sandboxes"
    idempotent = True  # a second command on the same cluster shares what is there

    def __init__(self, model: str, count: int | None = None) -> None:
        self._model = model
        self._count = count  # sandboxed workers of each process; None means one for each of its threads

    def setup(self, worker: Worker) -> None:
        self._pool = WorkerPool(self._model, self._count or worker.state.nthreads)
        self.engine = WorkerEngine(self._pool, Priority.INDEXING)
        self.worker = worker.id
        self.is_closing = False
        self._used_before = _own_seconds()
        self._kept: dict[Hashable, Any] = {}
        self._open = ExitStack()
        self._lock = threading.Lock()

    def teardown(self, worker: Worker) -> None:
        self.is_closing = True  # what fails from now on fails for that
        self._open.close()
        self._pool.close()

    def kept[T](self, key: Hashable, opened: Callable[[], AbstractContextManager[T]]) -> T:
        """What tasks of this process share, opened by the first that asks and closed with the process."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._open.enter_context(opened())
            kept: T = self._kept[key]
            return kept

    @property
    def process_ids(self) -> frozenset[int]:
        return self._pool.process_ids

    @property
    def processor_seconds(self) -> float:
        """Of this process and its sandboxes, since it joined."""
        total = _own_seconds() - self._used_before
        for process_id in self.process_ids:
            try:
                used = psutil.Process(process_id).cpu_times()
            except psutil.Error:  # it was replaced, and is counted with its parent
                continue
            total += used.user + used.system
        return total


def _own_seconds() -> float:
    """With those of children that have ended."""
    used = psutil.Process().cpu_times()
    ended = getattr(used, "children_user", 0.0) + getattr(used, "children_system", 0.0)  # where the system tells it
    return float(used.user + used.system + ended)


class SandboxesMissing(Exception):
    """The process was not given any: its scheduler is another than the one that was told to.

    A client finds its way back to an address by itself, sooner than anybody here hears that what was there is gone.
    """


def sandboxes_here() -> Sandboxes:
    """Those of the process that carries out the present task. Raises SandboxesMissing."""
    found = get_worker().plugins.get(Sandboxes.name)
    if not isinstance(found, Sandboxes):
        raise SandboxesMissing
    return found
