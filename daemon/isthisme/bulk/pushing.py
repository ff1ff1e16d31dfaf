"""Brings the parts of a shelf into an index on a server, beside the run that writes them.

It runs where the command runs: workers, which read what strangers made, hold no key of the index. A mark beside the
part says that the index has it; without the mark it is brought once more, which changes nothing.
"""

import hashlib
import queue
import threading
import time
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from isthisme.bulk.shelf import Generation, Trouble, mark_of
from isthisme.domain import DESCRIPTOR_LENGTH
from isthisme.errors import IsThisMeError, TransientError

_PATIENCE_SECONDS = 120.0  # for a server that is away
_PAUSE_SECONDS = 1.0


class Upserts(Protocol):
    """An index on a server. Raises TransientError where it may work later, and another IsThisMeError where not."""

    def upsert(
        self,
        owner: str,
        generation: int,
        ids: NDArray[np.int64],
        hashes: NDArray[np.uint64],
        descriptors: NDArray[np.int8] | None,
        references: Sequence[str],
        *,
        model: str = "",
    ) -> None: ...


class Pusher:
    """Takes parts as they are written. What keeps them from the index is a row of errors; the next run brings them."""

    def __init__(
        self,
        generation: Generation,
        name: str,  # of the index: marks are kept for each
        index: Upserts,
        *,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._generation = generation
        self._name = name
        self._index = index
        self._patience_seconds = patience_seconds
        self._parts: queue.SimpleQueue[tuple[str, int] | None] = queue.SimpleQueue()
        self._troubles: list[Trouble] = []
        self.pushed = 0  # photos
        marked = generation.indexed(name)
        for unit in sorted(generation.units()):
            ids = generation.photo_ids(unit)
            if ids is not None and mark_of(unit, len(ids)) not in marked:
                self.add(unit, len(ids))
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def add(self, unit: str, rows: int) -> None:
        self._parts.put((unit, rows))

    def finish(self) -> None:
        """Waits until the index has all, or it is told why not."""
        self._parts.put(None)
        self._thread.join()
        self._generation.write_errors(error_name(self._name), self._troubles)

    def _work(self) -> None:
        while (part := self._parts.get()) is not None:
            if not self._troubles:
                try:
                    self._push(*part)
                except IsThisMeError as error:
                    self._troubles.append(Trouble(error.code, self._name, str(error)))

    def _push(self, unit: str, rows: int) -> None:
        columns = self._generation.columns(unit, ["photo_id", "hash", "descriptor"])
        ids = np.asarray(columns["photo_id"].to_numpy(), np.int64)
        descriptors = None
        if self._generation.model is not None:
            joined = b"".join(columns["descriptor"].to_pylist())
            descriptors = np.frombuffer(joined, np.int8).reshape(-1, DESCRIPTOR_LENGTH)
        hashes = np.asarray(columns["hash"].to_numpy(), np.uint64)
        references = [f"{unit}#{row}" for row in range(len(ids))]
        until = time.monotonic() + self._patience_seconds
        while len(ids):
            try:
                self._index.upsert(
                    self._generation.owner,
                    self._generation.number,
                    ids,
                    hashes,
                    descriptors,
                    references,
                    model=self._generation.model or "",
                )
                break
            except TransientError:
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE_SECONDS)
        self.pushed += len(ids)
        self._generation.mark_indexed(self._name, unit, rows)


def error_name(index: str) -> str:
    """Under which errors of an index are written."""
    return "index-" + hashlib.sha256(index.encode()).hexdigest()[:16]
