"""One part of what a Milvus server holds as a `VectorIndex`."""

import threading

import numpy as np
from numpy.typing import NDArray

from isthisme.index.base import FORGOTTEN, HASH_BITS, INT8_UNIT, HashNeighbours, Neighbours
from isthisme.index.exact import in_order
from isthisme.index.milvus_photos import (
    DESCRIPTORS,
    HASHES,
    MOST_NEIGHBOURS,
    MilvusPhotos,
    Part,
    PartOfSeveral,
    signs_of_hashes,
)

_MORE_AT_ONCE = 8  # times as many neighbours are asked for while equal ones may lie beyond the last
_NONE_SO_LOW = np.iinfo(np.int32).min


class MilvusIndex:
    """The photos of one owner and generation, or of everybody; see `VectorIndex`.

    It is a snapshot as far as positions tell: photos written later have greater ones than `part.up_to`. The size is
    asked for once, and not before it matters. Of photos that are equally near more than 16,384 the server does not say
    all; then those with the smallest ids among the ones that it says are given.

    Raises IndexUnavailable where the server does not answer in time, and IndexServerUnusable where it will not answer.
    """

    def __init__(self, photos: MilvusPhotos, part: Part | PartOfSeveral, *, by_hashes_alone: bool = False) -> None:
        self._photos = photos
        self.part = part
        self._by_hashes_alone = by_hashes_alone
        self._lock = threading.Lock()
        self._sizes: dict[str, int] = {HASHES: -1, DESCRIPTORS: 0 if by_hashes_alone else -1}  # -1: not asked yet

    @property
    def generation(self) -> int:
        return self.part.generation

    def __len__(self) -> int:
        return self._size(HASHES)

    def nearest(self, descriptors: NDArray[np.int8], count: int) -> Neighbours:
        """The `count` most similar photos to each of (R, 512)."""
        ids, products = self._best(DESCRIPTORS, descriptors, count)
        similarities = products / np.float32(INT8_UNIT**2)
        similarities[ids == FORGOTTEN] = -1.0
        return Neighbours(ids, similarities.astype(np.float32))

    def nearest_by_hash(self, hashes: NDArray[np.uint64], count: int) -> HashNeighbours:
        """The `count` nearest photos to each of (H,) hashes."""
        ids, products = self._best(HASHES, signs_of_hashes(hashes), count)
        distances = (HASH_BITS - products.astype(np.int64)) // 2
        distances[ids == FORGOTTEN] = HASH_BITS
        return HashNeighbours(ids, distances)

    def _best(self, what: str, queries: NDArray[np.int8], count: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """(R, width) ids and products, equal ones by id; FORGOTTEN where an approximate search found too few."""
        rows = len(queries)
        width = max(0, min(count, MOST_NEIGHBOURS, self._known_most(what))) if rows else 0
        ids = np.full((rows, width), FORGOTTEN, np.int64)
        products = np.full((rows, width), _NONE_SO_LOW, np.int32)
        if not width:
            return ids, products
        given = np.zeros(rows, np.int64)
        limit = min(2 * width + 8, MOST_NEIGHBOURS)
        open_rows = np.arange(rows)
        vectors = queries.astype(np.float32)
        while len(open_rows):
            undecided = []
            answers = self._photos.search(self.part, what, vectors[open_rows], limit)
            for row, (found, scores) in zip(open_rows.tolist(), answers, strict=True):
                given[row] = min(width, len(found))
                best, best_scores = in_order(found, scores, width)
                ids[row, : given[row]], products[row, : given[row]] = best, best_scores
                # The last that the server gave equals the last that is wanted: a smaller id may lie beyond it.
                if len(found) == limit and scores.min() == best_scores[-1]:
                    undecided.append(row)
            if limit == MOST_NEIGHBOURS:
                break
            open_rows, limit = np.array(undecided, np.int64), min(_MORE_AT_ONCE * limit, MOST_NEIGHBOURS)
        if given.min() < width:  # there are no more, or an approximate search missed some: the size tells which
            width = max(int(given.max()), min(width, self._size(what)))
        return ids[:, :width], products[:, :width]

    def _known_most(self, what: str) -> int:
        """How many there can be, as far as that is known without asking."""
        with self._lock:
            return self._sizes[what] if self._sizes[what] >= 0 else MOST_NEIGHBOURS

    def _size(self, what: str) -> int:
        with self._lock:
            if self._sizes[what] < 0:
                self._sizes[what] = self._photos.count(self.part, what)
            return self._sizes[what]
