"""The photos on a shelf, of one owner or of all, looked for as one: their index, and what matching needs of them."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pyarrow
from numpy.typing import NDArray

from isthisme.bulk.shelf import Generation, generations
from isthisme.bulk.shelf_references import ShelfReferences
from isthisme.bulk.stores import address_in, in_words, open_store
from isthisme.bulk.watched import Watched, WatchedPhoto
from isthisme.domain import DESCRIPTOR_LENGTH, ReferencePhoto
from isthisme.errors import ModelUnusable, ShelfUnusable, UsageError
from isthisme.index.base import VectorIndex
from isthisme.index.gathered import GatheredIndex
from isthisme.index.segment import Columns
from isthisme.index.sketched import WORTH_SKETCHING, sketches_of
from isthisme.matcher import Matcher
from isthisme.names import checked_name
from isthisme.workers import WorkerEngine

_GENERATION = 1  # of the index made here, which lives no longer than the process
_COLUMNS = ["photo_id", "content_hash", "hash", "descriptor"]


@dataclass(frozen=True, slots=True)
class ShelfPhotos:
    """For each process that scans."""

    generations: tuple[Generation, ...]  # one of each owner, of the model that describes pictures
    deep: bool

    @contextmanager
    def open(self, engine: WorkerEngine) -> Iterator[Watched]:
        """Raises ShelfUnusable, and ModelUnusable where this machine describes with another model."""
        self.check_model(engine)
        photos = ShelvedPhotos(self.generations)
        yield Watched(Matcher(engine, photos, photos), photos.of, deep=self.deep)

    def check_model(self, engine: WorkerEngine) -> None:
        """Raises ModelUnusable where a machine describes with another model than the photos are described with."""
        if (model := engine.model()) != self.generations[0].model:
            raise ModelUnusable(
                f"a worker describes with {model or 'no model'}, the photos are described with "
                f"{self.generations[0].model or 'none'}; give all workers the same version and the same model"
            )

    @property
    def mark(self) -> str:
        """Is another one when other photos are on the shelf. Raises ShelfUnusable."""
        there = [
            (address_in(*open_store(f"{each.shelf}/{each.owner}/{each.number}")), unit, size)
            for each in self.generations
            for unit, size in sorted(each.state())
        ]
        return hashlib.sha256(json.dumps([there, self.deep]).encode()).hexdigest()[:16]


def photos_on(shelf: str, owners: Sequence[str], model: str | None, *, deep: bool) -> ShelfPhotos:
    """Those of the owners named, or of all. Raises UsageError where one has none of this model, and ShelfUnusable."""
    shelf = shelf.rstrip("/")
    for owner in owners:
        checked_name(owner)
    found = []
    for owner in owners or _owners(shelf):
        known = generations(shelf, owner)
        fitting = [each for each in known if each.model == model]
        if not fitting and (owners or known):
            models = ", ".join(str(each.model) for each in known) or "nothing"
            raise UsageError(
                f"the shelf {shelf} holds {models} for {owner}, and pictures are described by {model}: run 'isthisme "
                "ingest' with this model, or scan with that one"
            )
        found += fitting
    if not found:
        raise UsageError(f"the shelf {shelf} holds nobody's photos; 'isthisme ingest' brings them there")
    return ShelfPhotos(tuple(found), deep)


def _owners(shelf: str) -> list[str]:
    store, root = open_store(shelf)
    with in_words(shelf):
        folders = [str(each["name"]) for each in store.ls(root, detail=True) if each["type"] == "directory"]
    names = sorted(each.rstrip("/").rpartition("/")[2] for each in folders)
    return [name for name in names if not name.startswith(".")]


class ShelvedPhotos:
    """The index, and what the matcher needs to know. A photo that several owners have is in the index once.

    Holds the descriptors of all, 576 bytes for each photo; previews and addresses are read when they are needed.
    """

    def __init__(self, chosen: Sequence[Generation]) -> None:
        """Raises ShelfUnusable."""
        self._generations = tuple(chosen)
        self._references = [ShelfReferences(each) for each in chosen]
        parts = [
            (number, generation.columns(part, _COLUMNS))
            for number, generation in enumerate(chosen)
            for part in sorted(generation.parts())
        ]
        ids = _joined([table["photo_id"].to_numpy() for _, table in parts], np.int64)
        contents = _joined([_beginnings(table["content_hash"]) for _, table in parts], np.uint64)
        of = np.repeat(np.array([number for number, _ in parts], np.int32), [len(table) for _, table in parts])
        hashes = _joined([table["hash"].to_numpy() for _, table in parts], np.uint64)
        _, first = np.unique(contents, return_index=True)
        self._index = _index(ids[first], hashes[first], self._descriptors(parts, first))
        by_id = np.argsort(ids, kind="stable")
        self._ids, self._id_owners, self._id_contents = ids[by_id], of[by_id], contents[by_id]
        by_content = np.argsort(contents, kind="stable")
        self._contents, self._content_ids = contents[by_content], ids[by_content]

    def index(self) -> VectorIndex | None:
        return self._index

    def previews(self, photo_ids: Sequence[int]) -> Mapping[int, ReferencePhoto]:
        """Those that are known; ids without a photo are left out."""
        found: dict[int, ReferencePhoto] = {}
        for photo_id in photo_ids:
            at = self._at(photo_id)
            if at is not None:
                found |= self._references[self._id_owners[at]].previews([photo_id])
        return found

    def photo_with_content(self, sha256: bytes) -> int | None:
        """The id of a photo whose file is these bytes: of one of the owners that have it."""
        return next((photo_id for photo_id, _, content in self._same(_beginning(sha256)) if content == sha256), None)

    def of(self, photo_id: int) -> list[WatchedPhoto]:
        """Everybody who has this photo, byte for byte."""
        at = self._at(photo_id)
        if at is None:
            return []
        same = list(self._same(int(self._id_contents[at])))
        wanted = next(content for each, _, content in same if each == photo_id)
        return [photo for _, photo, content in same if content == wanted]

    def _at(self, photo_id: int) -> int | None:
        at = int(np.searchsorted(self._ids, photo_id))
        return at if at < len(self._ids) and self._ids[at] == photo_id else None

    def _same(self, beginning: int) -> Iterator[tuple[int, WatchedPhoto, bytes]]:
        """Photos whose contents begin alike, each with its id and the SHA-256 of its file."""
        first = np.searchsorted(self._contents, np.uint64(beginning), "left")
        last = np.searchsorted(self._contents, np.uint64(beginning), "right")
        for photo_id in dict.fromkeys(self._content_ids[first:last].tolist()):
            at = self._at(photo_id)
            owner = 0 if at is None else int(self._id_owners[at])
            photo = self._references[owner].photo(photo_id)
            if photo is not None:
                shown = WatchedPhoto(self._generations[owner].owner, photo.address, photo_id=photo_id)
                yield photo_id, shown, photo.content_hash

    def _descriptors(
        self, parts: Sequence[tuple[int, pyarrow.Table]], chosen: NDArray[np.int64]
    ) -> NDArray[np.int8] | None:
        if self._generations[0].model is None:
            return None
        vectors = _joined([_vectors(table["descriptor"]) for _, table in parts], np.int8)
        return vectors.reshape(-1, DESCRIPTOR_LENGTH)[chosen]


def _index(
    ids: NDArray[np.int64], hashes: NDArray[np.uint64], descriptors: NDArray[np.int8] | None
) -> VectorIndex | None:
    if not len(ids):
        return None
    sketches = sketches_of(descriptors) if descriptors is not None and len(ids) >= WORTH_SKETCHING else None
    return GatheredIndex(Columns(ids, hashes, descriptors, sketches).index(_GENERATION))


def _joined[T: np.generic](arrays: Sequence[NDArray[T]], kind: type[T]) -> NDArray[T]:
    return np.concatenate([*arrays, np.zeros(0, kind)]).astype(kind, copy=False)


def _vectors(column: pyarrow.ChunkedArray) -> NDArray[np.int8]:
    """(N * 512,). Raises ShelfUnusable where one is missing."""
    if column.null_count:
        raise ShelfUnusable("a part of the shelf has photos without descriptors among others that have them")
    return _bytes_of(column, DESCRIPTOR_LENGTH).view(np.int8)


def _beginnings(column: pyarrow.ChunkedArray) -> NDArray[np.uint64]:
    """(N,): the first 8 bytes of each."""
    return _bytes_of(column, 32).reshape(-1, 32)[:, :8].copy().view(">u8").ravel().astype(np.uint64)


def _beginning(sha256: bytes) -> int:
    return int.from_bytes(sha256[:8])


def _bytes_of(column: pyarrow.ChunkedArray, width: int) -> NDArray[np.uint8]:
    pieces = [
        np.frombuffer(chunk.buffers()[1], np.uint8, len(chunk) * width, chunk.offset * width)
        for chunk in column.chunks
        if len(chunk)
    ]
    return np.concatenate([*pieces, np.zeros(0, np.uint8)])
