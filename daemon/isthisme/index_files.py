"""The index's files beside the catalog: what makes a big index open at once. The catalog alone holds the truth.

Descriptions are kept in the catalog; segments repeat them in a form that is mapped and searched as it lies. Which
segments count is written in the catalog, in the transaction that follows their writing, so that a file is either whole
and named there or nobody looks at it. A missing or broken segment is made anew.
"""

import logging
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isthisme.catalog import Catalog
from isthisme.catalog.generations import DescriptionRows, Generation, Segments
from isthisme.encryption import PLAIN, Vault
from isthisme.errors import IndexFileUnusable
from isthisme.index.base import FORGOTTEN
from isthisme.index.segment import Columns, destroy, erase, map_segment, write_segment
from isthisme_host.private_files import lock, open_private

_log = logging.getLogger(__name__)

_LEAST_ROWS = 4096  # newer ones are read from the catalog in a few milliseconds
_MOST_ROWS_AT_ONCE = 65_536  # read from the catalog; 35 MB
_LINGER_SECONDS = 600.0  # a file that counts no more may still be searched for so long


@dataclass(frozen=True, slots=True)
class Opened:
    """A generation's segments, and up to which description they reach."""

    parts: tuple[Columns, ...]
    newest_description: int
    state: Segments  # as the catalog told it; when that changes, they are to be opened anew


class IndexFiles:
    """Processes may share the folder. Threads may share this."""

    def __init__(self, catalog: Catalog, folder: Path, vault: Vault = PLAIN) -> None:
        self._catalog = catalog
        self._folder = folder
        self._vault = vault
        self._lock = threading.Lock()

    def open(self, generation: Generation) -> Opened:
        """What there is of a generation, as far as it is in step with the catalog; possibly nothing."""
        try:
            if not self._is_in_step(generation):
                with self._alone():
                    self._erase(generation)
            state = self._catalog.generations.segments(generation)
            if self._is_in_step(generation):
                return Opened(tuple(self._mapped(name) for name in state.names), state.newest, state)
        except (OSError, IndexFileUnusable) as error:
            _log.warning("the index is read from the catalog: %s", error)
        return Opened((), 0, self._catalog.generations.segments(generation))

    def settle(self, *, at_once: bool = False) -> None:
        """Brings the files into step with the catalog: writes what is new, erases what was forgotten.

        With `at_once` also files that count no more are overwritten now, though a search that runs this moment may then
        miss photos. Raises IndexFileUnusable when the disk refuses; the catalog is searched meanwhile.
        """
        try:
            with self._alone():
                for generation in (self._catalog.generations.current(), self._catalog.generations.building()):
                    if generation is not None:
                        self._erase(generation)
                        self._extend(generation)
                self._clear(at_once=at_once)
        except OSError as error:
            words = f"the index's files in {self._folder} cannot be written: {error}; free disk space or permissions?"
            raise IndexFileUnusable(words) from error

    def damage(self) -> str | None:
        """Where the files differ from the catalog, in words; None when they do not. Reads all of both."""
        generation = self._catalog.generations.current()
        if generation is None or not self._is_in_step(generation):
            return None  # they are brought into step before anybody searches them
        state, after = self._catalog.generations.segments(generation), 0
        try:
            for name in state.names:
                held = self._mapped(name)
                kept = np.flatnonzero(held.photo_ids != FORGOTTEN)
                for start in range(0, len(kept), _MOST_ROWS_AT_ONCE):
                    some = held.rows(kept[start : start + _MOST_ROWS_AT_ONCE])
                    rows = self._catalog.generations.descriptions(generation, after=after, at_most=len(some))
                    if not _are_same(some, rows) or not held.has_right_sketches(kept[start : start + len(some)]):
                        return f"{self._folder / name} holds something else than the catalog"
                    after = rows.newest
        except IndexFileUnusable as error:
            return str(error)
        return None

    def make_anew(self) -> None:
        """Drops all segments and writes them again. Raises IndexFileUnusable when the disk refuses."""
        for generation in (self._catalog.generations.current(), self._catalog.generations.building()):
            if generation is not None:
                removals = self._catalog.generations.mark().removals
                self._catalog.generations.put_segments(generation, Segments((), 0, removals))
        self.settle()

    def _mapped(self, name: str) -> Columns:
        return map_segment(self._folder / name, self._vault)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        with self._lock:
            handle = open_private(self._folder / "lock", os.O_RDWR | os.O_CREAT)
            try:
                lock(handle, wait=True)
                yield
            finally:
                os.close(handle)

    def _is_in_step(self, generation: Generation) -> bool:
        """Whether nothing was taken out of the index since the files were last looked through."""
        generations = self._catalog.generations
        return generations.segments(generation).removals == generations.mark().removals

    def _erase(self, generation: Generation) -> None:
        """Overwrites what was taken out of the index since the files were last looked through."""
        generations = self._catalog.generations
        removals = generations.mark().removals
        segments = generations.segments(generation)
        if segments.removals == removals:
            return
        present = generations.described(generation)
        try:
            paths = [self._folder / name for name in segments.names]
            erased = sum(erase(path, present.photo_ids, self._vault) for path in paths)
            held = [np.zeros(0, np.int64), *(self._mapped(name).photo_ids for name in segments.names)]
            covered = present.photo_ids[present.row_ids <= segments.newest]
            if not np.isin(covered, np.concatenate(held)).all():  # the number of a removed row was given again
                raise IndexFileUnusable(f"the segments of generation {generation.number} lack photos")
        except IndexFileUnusable as error:
            _log.warning("the index's files are made anew: %s", error)
            generations.put_segments(generation, Segments((), 0, removals))
            return
        if erased:
            _log.info("%d photos were erased from the index's files", erased)
        newest = min(segments.newest, int(present.row_ids.max(initial=0)))
        generations.put_segments(generation, Segments(segments.names, newest, removals))

    def _extend(self, generation: Generation) -> None:
        """Writes segments of the descriptions that none has yet."""
        segments = self._sound(generation)
        while True:
            rows = self._catalog.generations.descriptions(generation, after=segments.newest, at_most=_MOST_ROWS_AT_ONCE)
            if len(rows.photo_ids) < _LEAST_ROWS:
                return
            parts = [Columns(rows.photo_ids, rows.hashes, rows.descriptors)]
            names = list(segments.names)
            # As in counting with binary digits: each description is written again as often as its segment doubles.
            while names and len(last := self._mapped(names[-1])) <= 2 * sum(map(len, parts)):
                parts.insert(0, last)
                names.pop()
            name = f"{secrets.token_hex(8)}.segment"
            write_segment(self._folder / name, parts, self._vault)
            self._retire(segments.names[len(names) :])
            segments = Segments((*names, name), rows.newest, segments.removals)
            self._catalog.generations.put_segments(generation, segments)

    def _sound(self, generation: Generation) -> Segments:
        """A generation's segments, written again where an older version did; none where one cannot be mapped."""
        segments = self._catalog.generations.segments(generation)
        try:
            for name in segments.names:
                columns = self._mapped(name)
                if columns.lacks_sketches:
                    segments = self._renewed(generation, segments, name, columns)
        except IndexFileUnusable as error:
            _log.warning("the index's files are made anew: %s", error)
            return Segments((), 0, segments.removals)
        return segments

    def _renewed(self, generation: Generation, segments: Segments, name: str, columns: Columns) -> Segments:
        """The segments with one of them written again."""
        renewed = f"{secrets.token_hex(8)}.segment"
        write_segment(self._folder / renewed, [columns], self._vault)
        self._retire((name,))
        names = tuple(renewed if each == name else each for each in segments.names)
        changed = Segments(names, segments.newest, segments.removals)
        self._catalog.generations.put_segments(generation, changed)
        return changed

    def _retire(self, names: tuple[str, ...]) -> None:
        """Their last hour begins now."""
        for name in names:
            os.utime(self._folder / name)

    def _clear(self, *, at_once: bool) -> None:
        """Overwrites and removes the files that count no more."""
        named = self._catalog.generations.segment_names()
        for path in self._folder.iterdir():
            if path.suffix in (".segment", ".unfinished") and path.name not in named:
                lingers = path.suffix == ".segment" and time.time() - path.lstat().st_mtime < _LINGER_SECONDS
                if at_once or not lingers:
                    destroy(path)


def _are_same(held: Columns, rows: DescriptionRows) -> bool:
    pairs = ((held.photo_ids, rows.photo_ids), (held.hashes, rows.hashes), (held.descriptors, rows.descriptors))
    return all(
        ours is theirs if ours is None or theirs is None else np.array_equal(ours, theirs) for ours, theirs in pairs
    )
