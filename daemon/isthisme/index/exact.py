"""Every photo's descriptor compared with a query's, without approximation: the reference, and the default."""

import numpy as np
from numpy.typing import NDArray

from isthisme.errors import UsageError
from isthisme.index.base import DIMENSIONS, FORGOTTEN, HASH_BITS, INT8_UNIT, HashNeighbours, Neighbours
from isthisme.index.best_rows import best_rows, highest
from isthisme.index.products import dot_products

_FIRST_HASHES, _MOST_HASHES = 1 << 10, 1 << 16  # compared at once: bounds are found among few, and then let few pass


class ExactIndex:
    """Searches arrays as they are, in memory or mapped from a file; see `VectorIndex`."""

    def __init__(
        self,
        generation: int,
        photo_ids: NDArray[np.int64],  # (N,); FORGOTTEN where a photo was
        hashes: NDArray[np.uint64],  # (N,)
        descriptors: NDArray[np.int8] | None,  # (N, 512), unit vectors times 127; None without a model
    ) -> None:
        """Raises UsageError when the arrays do not belong together."""
        count = len(photo_ids)
        if hashes.shape != (count,) or (descriptors is not None and descriptors.shape != (count, DIMENSIONS)):
            shape = None if descriptors is None else descriptors.shape
            raise UsageError(f"{count} photos with hashes {hashes.shape} and descriptors {shape} make no index")
        self.generation = generation
        self.photo_ids = np.ascontiguousarray(photo_ids, dtype=np.int64)
        self.hashes = np.ascontiguousarray(hashes, dtype=np.uint64)
        self.descriptors = None if descriptors is None else np.ascontiguousarray(descriptors, dtype=np.int8)
        self._is_forgotten = self.photo_ids == FORGOTTEN
        self._forgotten = int(self._is_forgotten.sum())

    def __len__(self) -> int:
        return len(self.photo_ids) - self._forgotten

    def nearest(self, descriptors: NDArray[np.int8], count: int) -> Neighbours:
        """The `count` most similar photos to each of (R, 512); fewer columns when the index holds fewer."""
        width = min(count, len(self)) if self.descriptors is not None else 0
        if self.descriptors is None or width <= 0 or not len(descriptors):
            return Neighbours(np.zeros((len(descriptors), 0), np.int64), np.zeros((len(descriptors), 0), np.float32))
        products = dot_products(self.descriptors, np.ascontiguousarray(descriptors, dtype=np.int8))

        def score(rows: slice) -> NDArray[np.int32]:
            scores = products(rows)
            if self._forgotten:
                scores[self._is_forgotten[rows]] = np.iinfo(np.int32).min
            return scores

        best = best_rows(score, len(self.photo_ids), len(descriptors), width)
        chosen = [in_order(self.photo_ids[rows], scores, width) for rows, scores in best]
        similarities = np.stack([scores for _, scores in chosen]) / np.float32(INT8_UNIT**2)
        return Neighbours(np.stack([ids for ids, _ in chosen]), similarities.astype(np.float32))

    def nearest_by_hash(self, hashes: NDArray[np.uint64], count: int) -> HashNeighbours:
        """The `count` nearest photos to each of (H,) hashes; fewer columns when the index holds fewer."""
        width = min(count, len(self))
        if width <= 0 or not len(hashes):
            return HashNeighbours(np.zeros((len(hashes), 0), np.int64), np.zeros((len(hashes), 0), np.int64))
        chosen = [in_order(*self._near_by_hash(wanted, width), width) for wanted in hashes]
        return HashNeighbours(
            np.stack([ids for ids, _ in chosen]), -np.stack([scores for _, scores in chosen]).astype(np.int64)
        )

    def _near_by_hash(self, wanted: np.uint64, width: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Ids and negative distances of at least the `width` nearest photos, in no order."""
        bound = HASH_BITS
        ids, distances = np.zeros(0, np.int64), np.zeros(0, np.uint8)
        start, size = 0, _FIRST_HASHES
        while start < len(self.hashes):
            block = self.hashes[start : start + size]
            differing = np.bitwise_count(block ^ wanted)
            rows = np.flatnonzero(differing <= bound)
            found = self.photo_ids[start + rows]
            is_known = found != FORGOTTEN
            ids = np.concatenate([ids, found[is_known]])
            distances = np.concatenate([distances, differing[rows[is_known]]])
            if len(ids) > width:
                bound = int(np.partition(distances, width - 1)[width - 1])
                stay = distances <= bound
                ids, distances = ids[stay], distances[stay]
            start, size = start + size, min(4 * size, _MOST_HASHES)
        return ids, -distances.astype(np.int32)


def in_order(
    ids: NDArray[np.int64], scores: NDArray[np.int32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """At most `count` ids with their scores, highest first, equal ones by id."""
    ids, scores = highest(ids, scores, count)
    order = np.lexsort((ids, -scores))[:count]
    return ids[order], scores[order]
