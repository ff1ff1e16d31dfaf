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
import pyarrow
from numpy.typing import NDArray

from isthisme.bulk.shelf import Generation, Trouble, mark_of
from isthisme.domain import DESCRIPTOR_LENGTH
from isthisme.errors import IsThisMeError, TransientError

_PATIENCE_SECONDS = 120.0  # for a server that is away
_PAUSE_SECONDS = 1.0
_ROWS_TOGETHER = 1_000  # of parts that wait: a server takes many for little more than a few


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
        for part in sorted(generation.parts()):
            ids = generation.photo_ids(part)
            if ids is not None and mark_of(part, len(ids)) not in marked:
                self.add(part, len(ids))
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def add(self, part: str, rows: int) -> None:
        self._parts.put((part, rows))

    def finish(self) -> None:
        """Waits until the index has all, or it is told why not."""
        self._parts.put(None)
        self._thread.join()
        self._generation.write_errors(error_name(self._name), self._troubles)

    def _work(self) -> None:
        while parts := self._waiting():
            if not self._troubles:
                try:
                    self._push(parts)
                except IsThisMeError as error:
                    self._troubles.append(Trouble(error.code, self._name, str(error)))

    def _waiting(self) -> list[tuple[str, int]]:
        """Parts that wait, as many as are worth sending together; none when there will be no more."""
        parts: list[tuple[str, int]] = []
        part = self._parts.get()
        while part is not None:
            parts.append(part)
            if self._parts.empty() or sum(rows for _, rows in parts) >= _ROWS_TOGETHER:
                return parts
            part = self._parts.get()
        self._parts.put(None)  # for the next look
        return parts

    def _push(self, parts: Sequence[tuple[str, int]]) -> None:
        tables = [self._generation.columns(part, ["photo_id", "hash", "descriptor"]) for part, _ in parts]
        columns = pyarrow.concat_tables(tables)
        ids = np.asarray(columns["photo_id"].to_numpy(), np.int64)
        descriptors = None
        if self._generation.model is not None:
            joined = b"".join(columns["descriptor"].to_pylist())
            descriptors = np.frombuffer(joined, np.int8).reshape(-1, DESCRIPTOR_LENGTH)
        hashes = np.asarray(columns["hash"].to_numpy(), np.uint64)
        references = [
            f"{part}#{row}" for (part, _), table in zip(parts, tables, strict=True) for row in range(len(table))
        ]
        if len(ids):
            self._upsert(ids, hashes, descriptors, references)
        self.pushed += len(ids)
        for part, rows in parts:
            self._generation.mark_indexed(self._name, part, rows)

    def _upsert(
        self,
        ids: NDArray[np.int64],
        hashes: NDArray[np.uint64],
        descriptors: NDArray[np.int8] | None,
        references: Sequence[str],
    ) -> None:
        """Tries until the server has it, or patience ends."""
        until = time.monotonic() + self._patience_seconds
        given = self._generation.owner, self._generation.number, ids, hashes, descriptors, references
        while True:
            try:
                self._index.upsert(*given, model=self._generation.model or "")
            except TransientError:
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return


def error_name(index: str) -> str:
    """Under which errors of an index are written."""
    return "index-" + hashlib.sha256(index.encode()).hexdigest()[:16]
