"""Keeps a server's copy of the index in step with the catalog, which stays the truth.

What a server has is noted in the catalog, for each generation: the number under which the server knows it, drawn at
random, so that nothing of another home or of an older catalog can be taken for it; descriptions up to which the server
has everything; and how far it may have more, noted before it is sent, so that nothing is forgotten there that was sent
and not noted. Killed anywhere, the next call goes on from there; what is sent twice is written once.
"""

import json
import logging
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from isthisme.catalog import Catalog
from isthisme.catalog.generations import DescriptionRows, Generation
from isthisme.index.milvus_photos import MilvusPhotos, Part

_log = logging.getLogger(__name__)

_KIND = "pushed"
_ROWS_AT_ONCE = 4_000
_MOST_MARKS = 48


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a server has of a generation's descriptions."""

    number: int  # the generation's, there
    marks: tuple[tuple[int, int], ...] = ()  # row ids and photos of descriptions: up to each it has all; rising
    reaching: int = 0  # beyond this row id it has nothing
    removals: int = -1  # what was taken out of the index up to this count is removed there; -1: not looked at yet

    def with_mark(self, row_id: int, photo_id: int) -> "Pushed":
        marks = (*self.marks, (row_id, photo_id))
        if len(marks) > _MOST_MARKS:  # the older half gets sparser: few are needed, and near the end
            half = len(marks) // 2
            marks = (*marks[:half:2], *marks[half:])
        return replace(self, marks=marks)


class PushRecord:
    """Of one owner's photos on one server, in the catalog."""

    def __init__(self, catalog: Catalog, server: str, owner: str) -> None:
        self._catalog = catalog
        self._prefix = f"{server} {owner}"

    def of(self, generation: int) -> Pushed | None:
        text = self._catalog.records.get(_KIND, f"{self._prefix} {generation}")
        return None if text is None else _read(text)

    def put(self, generation: int, pushed: Pushed) -> None:
        self._catalog.records.put(_KIND, f"{self._prefix} {generation}", json.dumps(asdict(pushed)))

    def drop(self, generation: int) -> None:
        self._catalog.records.drop(_KIND, f"{self._prefix} {generation}")

    def all(self) -> dict[int, Pushed]:
        """By generation."""
        found = {}
        for name, text in self._catalog.records.all(_KIND).items():
            prefix, _, generation = name.rpartition(" ")
            if prefix == self._prefix:
                found[int(generation)] = _read(text)
        return found

    def reach(self, generation: Generation, pushed: Pushed) -> int:
        """The row id up to which the server has every description of the generation that there is; 0 where none.

        Row ids of the newest descriptions are given again after these were removed; ids of photos never are. So a mark
        whose description is still that photo's tells that no row id before it was given again.
        """
        for row_id, photo_id in reversed(pushed.marks):
            row = self._catalog.generations.descriptions(generation, after=row_id - 1, at_most=1)
            if row.newest == row_id and row.photo_ids.tolist() == [photo_id]:
                return row_id
        return 0


class VectorPush:
    """One thread at a time; several processes may each have one, and then send some things twice."""

    def __init__(
        self,
        catalog: Catalog,
        photos: MilvusPhotos,
        owner: str,
        consented: Callable[[], AbstractContextManager[object]],
        *,
        rows_at_once: int = _ROWS_AT_ONCE,  # sent between two notes
    ) -> None:
        """`consented` is open while a batch is sent, so that no withdrawal comes between; it raises where the owner has
        not agreed, or not any more, to vectors leaving this computer."""
        self._catalog = catalog
        self._photos = photos
        self._owner = owner
        self._consented = consented
        self._rows_at_once = rows_at_once
        self.record = PushRecord(catalog, str(photos.server.address), owner)

    def settle(self) -> None:
        """Sends what is new, removes what was forgotten, and drops generations that are no more.

        Raises IndexUnavailable and IndexServerUnusable; then it has sent a part, and the same call goes on. Raises what
        `consented` raises before anything is sent.
        """
        with self._consented():
            pass
        wanted = [each for each in (self._catalog.generations.current(), self._catalog.generations.building()) if each]
        for generation in wanted:
            pushed = self.record.of(generation.number) or Pushed(1 + secrets.randbelow(2**62))
            pushed = self._without_forgotten(generation, pushed)
            self._extend(generation, pushed)
        for number, pushed in self.record.all().items():
            if number not in {each.number for each in wanted}:
                self._photos.drop_generation(self._owner, pushed.number)
                self._photos.purge()
                self.record.drop(number)

    def is_settled(self) -> bool:
        """Whether the server has of everything forgotten nothing, as far as it is known here."""
        removals = self._catalog.generations.mark().removals
        return all(each.removals == removals for each in self.record.all().values())

    def _without_forgotten(self, generation: Generation, pushed: Pushed) -> Pushed:
        """Removes what was forgotten, and sends again what the server lost, where either may be."""
        removals = self._catalog.generations.mark().removals
        reach = self.record.reach(generation, pushed)
        if pushed.removals == removals and self._holds_all(generation, pushed, reach):
            return pushed
        present = self._catalog.generations.described(generation)
        covered = present.photo_ids[present.row_ids <= reach]
        held = self._photos.ids(self._owner, pushed.number, pushed.reaching)
        gone, lost = np.setdiff1d(held, covered), np.setdiff1d(covered, held)
        if len(gone):
            self._photos.delete(self._owner, pushed.number, gone)
            self._photos.purge()
        if len(lost):
            _log.warning("%s lacks %d photos that it had; they are sent again", self._photos.server.address, len(lost))
            self._send_again(generation, pushed, reach, lost)
        marks = tuple(mark for mark in pushed.marks if mark[0] <= reach)
        settled = replace(pushed, marks=marks, reaching=reach, removals=removals)
        self.record.put(generation.number, settled)
        return settled

    def _holds_all(self, generation: Generation, pushed: Pushed, reach: int) -> bool:
        """It does not where it was set up anew, or from an older copy of its own."""
        sizes = self._catalog.generations
        part = Part(self._owner, pushed.number, up_to=reach)
        return not reach or self._photos.count(part) == sizes.size(generation) - sizes.size(generation, after=reach)

    def _send_again(self, generation: Generation, pushed: Pushed, reach: int, lost: NDArray[np.int64]) -> None:
        after = 0
        while after < reach:
            rows = self._catalog.generations.descriptions(generation, after=after, at_most=self._rows_at_once)
            if not len(rows.photo_ids):
                return
            after = rows.newest
            with self._consented():
                self._send(generation, pushed, rows, np.flatnonzero(np.isin(rows.photo_ids, lost)))

    def _extend(self, generation: Generation, pushed: Pushed) -> None:
        after = pushed.marks[-1][0] if pushed.marks else 0
        while True:
            rows = self._catalog.generations.descriptions(generation, after=after, at_most=self._rows_at_once)
            if not len(rows.photo_ids):
                return
            with self._consented():  # it may be withdrawn while a large index is on its way
                pushed = replace(pushed, reaching=max(pushed.reaching, rows.newest))
                self.record.put(generation.number, pushed)
                self._send(generation, pushed, rows, np.arange(len(rows.photo_ids)))
                pushed = pushed.with_mark(rows.newest, int(rows.photo_ids[-1]))
                self.record.put(generation.number, pushed)
            after = rows.newest

    def _send(self, generation: Generation, pushed: Pushed, rows: DescriptionRows, chosen: NDArray[np.intp]) -> None:
        if not len(chosen):
            return
        ids = rows.photo_ids[chosen]
        self._photos.upsert(
            self._owner,
            pushed.number,
            ids,
            rows.hashes[chosen],
            None if rows.descriptors is None else rows.descriptors[chosen],
            [str(each) for each in ids.tolist()],
            model=generation.model or "",
            positions=rows.row_ids[chosen],
        )


def _read(text: str) -> Pushed:
    fields = json.loads(text)
    fields["marks"] = tuple(tuple(mark) for mark in fields["marks"])
    return Pushed(**fields)
