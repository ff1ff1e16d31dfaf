"""Several parts of one generation as one index: segments on disk, and what has come since."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from isthisme.index.base import HashNeighbours, Neighbours, VectorIndex


class JoinedIndex:
    """Asks each part and merges what they find; see `VectorIndex`. A photo is in one part only."""

    def __init__(self, generation: int, parts: Sequence[VectorIndex]) -> None:
        self.generation = generation
        self._parts = tuple(part for part in parts if len(part))

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    def nearest(self, descriptors: NDArray[np.int8], count: int) -> Neighbours:
        """The `count` most similar photos to each of (R, 512)."""
        found = [part.nearest(descriptors, count) for part in self._parts]
        if len(found) == 1:
            return found[0]
        if not found:
            nothing = np.zeros((len(descriptors), 0))
            return Neighbours(nothing.astype(np.int64), nothing.astype(np.float32))
        ids = np.concatenate([each.photo_ids for each in found], axis=1)
        similarities = np.concatenate([each.similarities for each in found], axis=1)
        order = np.lexsort((ids, -similarities))[:, :count]
        return Neighbours(np.take_along_axis(ids, order, axis=1), np.take_along_axis(similarities, order, axis=1))

    def nearest_by_hash(self, hashes: NDArray[np.uint64], count: int) -> HashNeighbours:
        """The `count` nearest photos to each of (H,) hashes."""
        found = [part.nearest_by_hash(hashes, count) for part in self._parts]
        if len(found) == 1:
            return found[0]
        if not found:
            nothing = np.zeros((len(hashes), 0), np.int64)
            return HashNeighbours(nothing, nothing)
        ids = np.concatenate([each.photo_ids for each in found], axis=1)
        distances = np.concatenate([each.distances for each in found], axis=1)
        order = np.lexsort((ids, distances))[:, :count]
        return HashNeighbours(np.take_along_axis(ids, order, axis=1), np.take_along_axis(distances, order, axis=1))
