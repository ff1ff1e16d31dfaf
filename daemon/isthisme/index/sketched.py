"""A large index: signs first, then the full descriptors of the best few. From the size where exact search gets slow."""

import numkong
import numpy as np
from numpy.typing import NDArray

from isthisme.index.base import DIMENSIONS, FORGOTTEN, INT8_UNIT, HashNeighbours, Neighbours
from isthisme.index.best_rows import best_rows
from isthisme.index.exact import ExactIndex, in_order
from isthisme.index.products import equal_bits

SIGN_BYTES = DIMENSIONS // 8
WORTH_SKETCHING = 32_768  # photos; below, exact search is as fast (measured 2026-11-23)
_LEAST_SHORTLIST = 192  # photos compared in full for each region
_SHORTLIST_SHARE = 7e-4  # of the index, besides


def signs_of(descriptors: NDArray[np.int8]) -> NDArray[np.uint8]:
    """(N, 64) one bit for each of (N, 512): whether the number is positive."""
    return np.packbits(descriptors > 0, axis=1)


class SketchedIndex:
    """Compares the signs of all descriptors, then the shortlisted descriptors themselves; see `VectorIndex`.

    Unit vectors at an angle of a differ in the sign of about a / pi of their numbers, so that similar ones are on the
    shortlist (Charikar 2002). It misses neighbours that are hardly more similar than any other photo, and those are no
    candidates.
    """

    def __init__(self, exact: ExactIndex, descriptors: NDArray[np.int8], signs: NDArray[np.uint8]) -> None:
        """`descriptors` are those of `exact`, `signs` theirs."""
        self._exact = exact
        self._descriptors = descriptors
        self._signs = signs
        self.generation = exact.generation

    def __len__(self) -> int:
        return len(self._exact)

    def nearest(self, descriptors: NDArray[np.int8], count: int) -> Neighbours:
        """The `count` most similar photos to each of (R, 512)."""
        shortlist = int(_LEAST_SHORTLIST + _SHORTLIST_SHARE * len(self._signs))
        if not len(descriptors) or min(count, len(self)) <= 0 or 2 * count > shortlist:
            return self._exact.nearest(descriptors, count)
        queries = np.ascontiguousarray(descriptors, dtype=np.int8)
        ids, similarities = [], []
        for query, rows in zip(queries, self._shortlists(queries, shortlist), strict=True):
            known = rows[self._exact.photo_ids[rows] != FORGOTTEN]
            if len(known) < min(count, len(self)):  # nearly all that it lists was forgotten
                return self._exact.nearest(descriptors, count)
            packed = numkong.dots_pack(query[None])
            products = np.asarray(numkong.dots_packed(self._descriptors[known], packed))[:, 0]
            found, scores = in_order(self._exact.photo_ids[known], products, count)
            ids.append(found)
            similarities.append(scores / np.float32(INT8_UNIT**2))
        return Neighbours(np.stack(ids), np.stack(similarities).astype(np.float32))

    def nearest_by_hash(self, hashes: NDArray[np.uint64], count: int) -> HashNeighbours:
        """The `count` nearest photos to each of (H,) hashes."""
        return self._exact.nearest_by_hash(hashes, count)

    def _shortlists(self, queries: NDArray[np.int8], length: int) -> list[NDArray[np.int64]]:
        """For each query the rows that share most signs with it."""
        score = equal_bits(self._signs, signs_of(queries))
        return [rows for rows, _ in best_rows(score, len(self._signs), len(queries), length)]
