"""Each process of a cluster keeps sandboxed workers, started once: they load the models and decode strangers' bytes."""

import threading
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

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
        self._kept: dict[Hashable, Any] = {}
        self._open = ExitStack()
        self._lock = threading.Lock()

    def teardown(self, worker: Worker) -> None:
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


def sandboxes_here() -> Sandboxes:
    """Those of the process that carries out the present task. Raises what it raises outside of one."""
    found = get_worker().plugins[Sandboxes.name]
    assert isinstance(found, Sandboxes)  # noqa: S101 the name is ours
    return found
