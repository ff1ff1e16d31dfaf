"""A worker that certain bytes make end itself, as a picture might that a decoder falls for."""

import os

from isthisme.bulk.sandboxes import Sandboxes
from isthisme.config import NO_MODEL
from isthisme.domain import PhotoDescription
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.workers import Priority, WorkerEngine, WorkerPool, process
from isthisme.workers.preparation import prepared

POISON = b"poison"


class PoisonedEngine(Engine):
    def describe_photo(self, data: bytes) -> PhotoDescription:
        if data == POISON:
            os.abort()
        return super().describe_photo(data)


class PoisonedSandboxes(Sandboxes):
    """Sandboxes with such workers."""

    def setup(self, worker: object) -> None:
        super().setup(worker)  # type: ignore[arg-type]
        self._pool.close()
        self._pool = WorkerPool(NO_MODEL, 1, program=(__file__,))
        self.engine = WorkerEngine(self._pool, Priority.INDEXING)


def _prepared(model: str) -> Engine:
    prepared(model)
    return PoisonedEngine(Models.none())


if __name__ == "__main__":
    process.main(_prepared)
