"""The current index in memory, kept in step with the catalog, whichever process writes there."""

import threading
from collections.abc import Callable

from isthisme.catalog import Catalog
from isthisme.catalog.generations import IndexMark
from isthisme.index.exact import ExactIndex


class LiveIndex:
    """Threads may share it; each call gives a snapshot that stays as it is.

    `model` tells which model describes query images now. A generation by another model is searched by its hashes
    alone, until it is rebuilt: its descriptors cannot be compared with theirs.
    """

    def __init__(self, catalog: Catalog, model: Callable[[], str | None]) -> None:
        self._catalog = catalog
        self._model = model
        self._lock = threading.Lock()
        self._mark = IndexMark(0, 0, 0)
        self._index: ExactIndex | None = None

    def mark(self) -> IndexMark:
        """The state of the index now, without loading it."""
        return self._catalog.generations.mark()

    def index(self) -> ExactIndex | None:
        """The index as it is now; None when there is none or it is empty."""
        with self._lock:
            mark = self._catalog.generations.mark()
            if mark != self._mark:
                self._follow(mark)
            return self._index if self._index is not None and len(self._index) else None

    def _follow(self, mark: IndexMark) -> None:
        generation = self._catalog.generations.current()
        if generation is None or generation.number != mark.generation:
            return  # switched this moment: the next call sees it, this one answers from what there was
        grew_only = (mark.generation, mark.removals) == (self._mark.generation, self._mark.removals)
        base = self._index if grew_only else None
        known = 0 if base is None else self._mark.newest_description
        rows = self._catalog.generations.descriptions(generation, after=known)
        descriptors = rows.descriptors if generation.model == self._model() else None
        if base is None:
            self._index = ExactIndex(generation.number, rows.photo_ids, rows.hashes, descriptors)
        else:
            self._index = base.extended(rows.photo_ids, rows.hashes, descriptors)
        # What was read, not what the mark said: rows may have come between the two.
        self._mark = IndexMark(mark.generation, rows.newest, mark.removals)
