"""A large index: sketches of all descriptors first, then the full descriptors of the best few."""

from math import isqrt

import numpy as np
from numpy.typing import NDArray

from isthisme.index.base import DIMENSIONS, FORGOTTEN, INT8_UNIT, HashNeighbours, Neighbours
from isthisme.index.best_rows import good_rows, highest
from isthisme.index.exact import ExactIndex, in_order
from isthisme.index.products import dot_products, shared_bits
from isthisme.index.threads import in_threads

_QUARTER = DIMENSIONS // 4
SKETCH_BYTES = 3 * DIMENSIONS // 8
WORTH_SKETCHING = 32_768  # photos; below, exact search is as fast (measured 2026-11-23)
_SKETCHED_AT_ONCE = 4096  # few megabytes of numbers between
_LISTED_A_PART = 20_000  # of what threads share: milliseconds
_PLANES = np.arange(4, dtype=np.int8)[:, None]
_VALUES = np.array([1, 2, 4, 8], np.int32)


def sketches_of(descriptors: NDArray[np.int8]) -> NDArray[np.uint8]:
    """(N, 192) three bits for each of (N, 512): whether it is among its row's highest 384, 256 and 128.

    Equal numbers are told apart by their place, so that as many bits are set in every sketch: the bits that two share
    then tell how similar they are, whoever they are.
    """
    sketches = np.empty((len(descriptors), SKETCH_BYTES), np.uint8)
    for start in range(0, len(descriptors), _SKETCHED_AT_ONCE):
        some = np.clip(descriptors[start : start + _SKETCHED_AT_ONCE], -63, 63).astype(np.int16)
        ranked = some * DIMENSIONS + np.arange(DIMENSIONS, dtype=np.int16)
        bounds = np.sort(ranked, axis=1)[:, _QUARTER::_QUARTER]
        bits = np.packbits(ranked[:, None] >= bounds[:, :, None], axis=2)
        sketches[start : start + len(some)] = bits.reshape(len(some), SKETCH_BYTES)
    return sketches


class SketchedIndex:
    """Compares the sketches of all photos, then the shortlisted descriptors themselves; see `VectorIndex`.

    The more similar two vectors are, the more bits their sketches share. That lists one photo in a hundred or fewer; of
    these the query's numbers, summed where a sketch has bits, choose a few hundred more exactly.
    """

    def __init__(self, exact: ExactIndex, descriptors: NDArray[np.int8], sketches: NDArray[np.uint8]) -> None:
        """`descriptors` are those of `exact`, `sketches` theirs."""
        self._exact = exact
        self._descriptors = descriptors
        self._sketches = sketches
        self.generation = exact.generation

    def __len__(self) -> int:
        return len(self._exact)

    def nearest(self, descriptors: NDArray[np.int8], count: int) -> Neighbours:
        """The `count` most similar photos to each of (R, 512)."""
        width = min(count, len(self))
        if not len(descriptors) or width <= 0 or 2 * count > self._shortlisted:
            return self._exact.nearest(descriptors, count)
        queries = np.ascontiguousarray(descriptors, dtype=np.int8)
        listed = good_rows(
            shared_bits(self._sketches, sketches_of(queries)),
            len(self._sketches),
            len(queries),
            300 + 2 * isqrt(len(self._sketches)),  # or, as a rule, two or three times as many
        )
        weights = _weights_of(queries)

        def best_of_some(first: int) -> list[tuple[NDArray[np.int64], NDArray[np.int32]]]:
            some = range(first, min(first + at_once, len(queries)))
            return [self._best(queries[each], weights[each], listed[each][0], width) for each in some]

        at_once = 1 + _LISTED_A_PART * len(queries) // sum(len(rows) for rows, _ in listed)
        best = [one for some in in_threads(best_of_some, range(0, len(queries), at_once)) for one in some]
        if any(len(ids) < width for ids, _ in best):  # nearly all that was listed was forgotten
            return self._exact.nearest(descriptors, count)
        similarities = np.stack([scores for _, scores in best]) / np.float32(INT8_UNIT**2)
        return Neighbours(np.stack([ids for ids, _ in best]), similarities.astype(np.float32))

    def nearest_by_hash(self, hashes: NDArray[np.uint64], count: int) -> HashNeighbours:
        """The `count` nearest photos to each of (H,) hashes."""
        return self._exact.nearest_by_hash(hashes, count)

    @property
    def _shortlisted(self) -> int:
        """How many are compared in full for each descriptor."""
        return 100 + isqrt(len(self._sketches)) // 5

    def _best(
        self, query: NDArray[np.int8], weights: NDArray[np.uint8], rows: NDArray[np.int64], width: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Ids and products of the best of these rows; fewer than `width` where fewer are known."""
        rows, _ = highest(rows, _weighed(np.take(self._sketches, rows, axis=0), weights), self._shortlisted)
        ids = self._exact.photo_ids[rows]
        is_known = ids != FORGOTTEN
        vectors = np.take(self._descriptors, rows[is_known], axis=0)
        return in_order(ids[is_known], dot_products(vectors, query[None])(slice(None))[:, 0], width)


def _weights_of(queries: NDArray[np.int8]) -> NDArray[np.uint8]:
    """(R, 4, 192): which bits of a sketch count 1, 2, 4 and 8 for each of (R, 512), its numbers in 16 steps."""
    steps = np.clip((queries >> 1) + 8, 0, 15)  # a number's spread is 5.6, as 512 of them have a length of 127
    planes = np.packbits(steps[:, None] >> _PLANES & 1, axis=2)
    return np.concatenate([planes, planes, planes], axis=2)


def _weighed(sketches: NDArray[np.uint8], weights: NDArray[np.uint8]) -> NDArray[np.int32]:
    """(N,) what orders sketches (N, 192) by similarity to the query of the weights (4, 192)."""
    return shared_bits(sketches, weights)(slice(None)) @ _VALUES
