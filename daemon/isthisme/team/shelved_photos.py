"""Owners whose photos lie on a shelf: their previews there, their vectors on an engine's server or in memory.

Where only the server knows an owner, who sends vectors from their own computer, there is nothing to compare with.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from isthisme.bulk.shelf import Generation, exact_index, generations
from isthisme.bulk.shelf_references import ShelfReferences
from isthisme.catalog.generations import IndexMark
from isthisme.domain import ReferencePhoto
from isthisme.errors import IndexUnavailable
from isthisme.index.base import VectorIndex
from isthisme.index.exact import ExactIndex
from isthisme.index.milvus import MilvusIndex
from isthisme.index.milvus_photos import MilvusPhotos, Part
from isthisme.team.homes import OwnerHome
from isthisme.team.photos import OwnersPhotos, photos_in_home

_LOOK_SECONDS = 60.0  # between looks for new parts of the shelf
_KEPT_SECONDS = 600.0  # parts gain rows, too


@dataclass(slots=True)
class _Shelved:
    """What is known of one owner's generation."""

    generation: Generation
    parts: frozenset[str]
    references: ShelfReferences
    read_at: float
    looked_at: float
    index: ExactIndex | None = None  # where no server has the vectors


class ShelvedPhotos:
    """Gives each owner's photos, as `PhotosOf`. Threads may share it."""

    def __init__(
        self,
        shelf: str | None,
        server: MilvusPhotos | None,
        model: Callable[[], str | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shelf = shelf
        self._server = server
        self._model = model
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, _Shelved] = {}

    def __call__(self, home: OwnerHome) -> OwnersPhotos:
        """On the shelf; else on the server alone; else in the owner's folder. Raises what asking these raises."""
        shelved = self._shelved(home.owner)
        if shelved is not None:
            index, rows = self._index(shelved), len(shelved.references)
            return OwnersPhotos(lambda: index, shelved.references, lambda: IndexMark(index.generation, rows, 0))
        number = self._sent_generation(home.owner)
        if number is None or self._server is None:
            return photos_in_home(home)
        sent = MilvusIndex(self._server, Part(home.owner, number))
        return OwnersPhotos(lambda: sent, _NoReferences(), lambda: IndexMark(number, time.time_ns(), 0))

    def _index(self, shelved: _Shelved) -> VectorIndex:
        generation = shelved.generation
        by_hashes_alone = generation.model != self._model()
        if self._server is not None:
            part = Part(generation.owner, generation.number)
            index = MilvusIndex(self._server, part, by_hashes_alone=by_hashes_alone)
            if len(index) < len(shelved.references):
                raise IndexUnavailable(
                    f"{self._server.server.address} has {len(index):,} of {len(shelved.references):,} photos; "
                    "'isthisme ingest --index' brings the others"
                )
            return index
        with self._lock:
            if shelved.index is None:
                whole = exact_index(generation)
                descriptors = None if by_hashes_alone else whole.descriptors
                shelved.index = ExactIndex(whole.generation, whole.photo_ids, whole.hashes, descriptors)
            return shelved.index

    def _shelved(self, owner: str) -> _Shelved | None:
        if self._shelf is None:
            return None
        with self._lock:
            known, now = self._known.get(owner), self._clock()
            if known is not None and now - known.looked_at < _LOOK_SECONDS:
                return known
            made = generations(self._shelf, owner)
            chosen = next((each for each in made if each.model == self._model()), made[-1] if made else None)
            if chosen is None:
                return None
            parts = frozenset(chosen.parts())
            is_new = known is None or (known.generation, known.parts) != (chosen, parts)
            if known is None or is_new or now - known.read_at > _KEPT_SECONDS:
                known = _Shelved(chosen, parts, ShelfReferences(chosen), now, now)
                self._known[owner] = known
            known.looked_at = now
            return known

    def _sent_generation(self, owner: str) -> int | None:
        """Of those that an owner sent, the one of the model that describes pictures now."""
        if self._server is None:
            return None
        model = self._model() or ""
        return next((number for number, its in self._server.generations(owner).items() if its == model), None)


class _NoReferences:
    def previews(self, _photo_ids: Sequence[int]) -> Mapping[int, ReferencePhoto]:
        return {}

    def photo_with_content(self, _sha256: bytes) -> int | None:
        return None
