"""The photos on a shelf, looked for on the server that `isthisme ingest --index` brought them to.

A process holds nothing of them, however many there are: the server tells which are near and where on the shelf each of
them lies, and a part of the shelf is opened where a picture is to be compared with one of its photos.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

import numpy as np

from isthisme.bulk.places import Places
from isthisme.bulk.shelf import Generation, ShelvedPhoto, photo_id
from isthisme.bulk.shelf_search import ShelfPhotos
from isthisme.bulk.watched import Watched, WatchedPhoto
from isthisme.domain import ReferencePhoto
from isthisme.errors import IndexUnavailable, ShelfUnusable
from isthisme.index.base import VectorIndex
from isthisme.index.gathered import GatheredIndex
from isthisme.index.joined import JoinedIndex
from isthisme.index.milvus import MilvusIndex
from isthisme.index.milvus_photos import Located, MilvusPhotos, PartOfSeveral
from isthisme.matcher import Matcher
from isthisme.workers import WorkerEngine

_GENERATION = 1  # of the index made here, which lives no longer than the process


@dataclass(frozen=True, slots=True)
class ServedPhotos:
    """For each process that scans; as `ShelfPhotos`, which it looks for elsewhere."""

    shelved: ShelfPhotos
    sizes: tuple[int, ...]  # photos of each generation: the server has to have them all
    connect: Callable[[], MilvusPhotos]  # called on each machine, which has a token of its own; it is compared

    @contextmanager
    def open(self, engine: WorkerEngine) -> Iterator[Watched]:
        """Raises ModelUnusable where this machine describes with another model, and what connecting raises."""
        self.shelved.check_model(engine)
        photos = self.connect()
        with closing(photos.server):
            served = _ServedShelf(photos, self.shelved.generations, self.sizes)
            yield Watched(Matcher(engine, served, served), served.of, deep=self.shelved.deep)


def served(shelved: ShelfPhotos, connect: Callable[[], MilvusPhotos]) -> ServedPhotos:
    """Counts what is on the shelf. Raises ShelfUnusable."""
    return ServedPhotos(shelved, tuple(map(_size, shelved.generations)), connect)


def _size(generation: Generation) -> int:
    """Photos that two parts have count once."""
    parts = [generation.columns(part, ["photo_id"])["photo_id"].to_numpy() for part in generation.parts()]
    return len(np.unique(np.concatenate([*parts, np.zeros(0, np.int64)])))


class _ServedShelf:
    """The index, and what the matcher needs to know. Threads may share it.

    Every call raises IndexUnavailable where the server does not answer or lacks photos, and ShelfUnusable.
    """

    def __init__(self, photos: MilvusPhotos, generations: Sequence[Generation], sizes: Sequence[int]) -> None:
        self._photos = photos
        self._places = {each.owner: Places(each) for each in generations}
        self._by_hashes_alone = generations[0].model is None
        self._parts: dict[PartOfSeveral, int] = {}  # and how many photos are in each
        for number in sorted({each.number for each in generations}):
            among = [(each.owner, size) for each, size in zip(generations, sizes, strict=True) if each.number == number]
            part = PartOfSeveral(tuple(owner for owner, _ in among), number)
            self._parts[part] = sum(size for _, size in among)
        self._lock = threading.Lock()
        self._connections = -1
        self._index: VectorIndex | None = None

    def index(self) -> VectorIndex | None:
        with self._lock:
            # After a new connection the server may be another than it was: one from an older backup.
            if self._index is None or self._connections != self._photos.server.connections:
                self._index = self._made()
                self._connections = self._photos.server.connections
            return self._index

    def previews(self, photo_ids: Sequence[int]) -> Mapping[int, ReferencePhoto]:
        """What several owners have is there once: to compare it once is enough, and `of` tells whose it is."""
        found: dict[bytes, ShelvedPhoto] = {}
        for photo in self._known(photo_ids):
            found.setdefault(photo.content_hash, photo)
        return {each.photo_id: ReferencePhoto(each.preview, each.width, each.height) for each in found.values()}

    def photo_with_content(self, sha256: bytes) -> int | None:
        """The id of a photo whose file is these bytes: of one of the owners that have it."""
        return next((photo.photo_id for _, photo in self._same(sha256)), None)

    def of(self, photo_id: int) -> list[WatchedPhoto]:
        """Everybody who has this photo, byte for byte."""
        (found,) = self._known([photo_id])
        return [WatchedPhoto(owner, photo.address, photo.photo_id) for owner, photo in self._same(found.content_hash)]

    def _made(self) -> VectorIndex:
        indexes = []
        for part, size in self._parts.items():
            index = MilvusIndex(self._photos, part, by_hashes_alone=self._by_hashes_alone)
            if len(index) < size:
                raise IndexUnavailable(
                    f"{self._photos.server.address} has {len(index):,} of {size:,} photos; 'isthisme ingest --index' "
                    "brings the others"
                )
            indexes.append(index)
        return GatheredIndex(JoinedIndex(_GENERATION, indexes))

    def _known(self, photo_ids: Sequence[int]) -> Iterator[ShelvedPhoto]:
        """In their order."""
        located: dict[int, Located] = {}
        for part in self._parts:
            located |= self._photos.located(part, photo_ids)
        for each in photo_ids:
            if each not in located:
                raise IndexUnavailable(f"{self._photos.server.address} does not know a photo that it named just now")
            yield self._referred(located[each].owner, located[each].reference, each)

    def _same(self, content: bytes) -> Iterator[tuple[str, ShelvedPhoto]]:
        """The owners of a photo, and theirs."""
        for part in self._parts:
            ids = {owner: photo_id(owner, content) for owner in part.owners}
            found = self._photos.references(list(ids), part.generation, list(ids.values()))
            for owner, reference in found.items():
                photo = self._referred(owner, reference, ids[owner])
                if photo.content_hash == content:
                    yield owner, photo

    def _referred(self, owner: str, reference: str, photo_id: int) -> ShelvedPhoto:
        """What a reference in the index stands for."""
        part, _, row = reference.partition("#")
        if not row.isdecimal():
            raise ShelfUnusable(f"the index says that a photo of {owner} lies at {reference!r}")
        return self._places[owner].photo(part, int(row), photo_id)
