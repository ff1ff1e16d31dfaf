"""The current index, kept in step with the catalog, whichever process writes there."""

import threading
from collections.abc import Callable
from typing import Protocol

from isthisme.catalog import Catalog
from isthisme.catalog.generations import DescriptionRows, Generation, IndexMark, Segments
from isthisme.index.base import VectorIndex
from isthisme.index.gathered import GatheredIndex
from isthisme.index.joined import JoinedIndex
from isthisme.index.segment import Columns, joined
from isthisme.index_files import IndexFiles


class CurrentIndex(Protocol):
    """Where the index of a home is as it is now, and which state that is. Threads may share it."""

    def mark(self) -> IndexMark:
        """The state of the index now, without loading it."""
        ...

    def index(self) -> VectorIndex | None:
        """The index as it is now; None when there is none or it is empty. Raises what `matcher.Indexes` says."""
        ...


class LiveIndex:
    """Threads may share it; each call gives a snapshot that stays as it is.

    Segments are mapped, and what is newer than they are lies in memory. `model` tells which model describes query
    images now. A generation by another model is searched by its hashes alone, until it is rebuilt: its descriptors
    cannot be compared with theirs.
    """

    def __init__(self, catalog: Catalog, model: Callable[[], str | None], files: IndexFiles) -> None:
        self._catalog = catalog
        self._model = model
        self._files = files
        self._lock = threading.Lock()
        self._mark = IndexMark(0, 0, 0)
        self._files_state: Segments | None = None  # as the catalog told it when they were opened
        self._opened: tuple[Columns, ...] = ()
        self._newer: Columns | None = None
        self._index: VectorIndex | None = None

    def mark(self) -> IndexMark:
        """The state of the index now, without loading it."""
        return self._catalog.generations.mark()

    def index(self) -> VectorIndex | None:
        """The index as it is now; None when there is none or it is empty."""
        with self._lock:
            mark = self._catalog.generations.mark()
            generation = self._catalog.generations.current()
            # Switched this moment: the next call sees it, this one answers from what there was.
            if generation is not None and generation.number == mark.generation:
                self._follow(generation, mark)
            return self._index if self._index is not None and len(self._index) else None

    def _follow(self, generation: Generation, mark: IndexMark) -> None:
        files_state = self._catalog.generations.segments(generation)
        has_moved = (mark.generation, mark.removals) != (self._mark.generation, self._mark.removals)
        newest = self._mark.newest_description
        if has_moved or files_state != self._files_state:  # also files that count no more: they are overwritten soon
            opened = self._files.open(generation)
            self._opened, newest, self._newer = opened.parts, opened.newest_description, None
            self._files_state = opened.state
        elif mark == self._mark:
            return
        rows = self._catalog.generations.descriptions(generation, after=newest)
        self._newer = columns_of(rows) if self._newer is None else joined(self._newer, columns_of(rows))
        by_hashes_alone = generation.model != self._model()
        parts = [
            part.index(generation.number, by_hashes_alone=by_hashes_alone) for part in (*self._opened, self._newer)
        ]
        self._index = GatheredIndex(JoinedIndex(generation.number, parts))
        # What was read, not what the mark said: rows may have come between the two.
        self._mark = IndexMark(mark.generation, rows.newest, mark.removals)


def columns_of(rows: DescriptionRows) -> Columns:
    return Columns(rows.photo_ids, rows.hashes, rows.descriptors)
