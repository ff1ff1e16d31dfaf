from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from isthisme.index.base import VectorIndex
from isthisme.index.exact import ExactIndex
from isthisme.index.joined import JoinedIndex
from tests.index.contract import VectorIndexContract


class TestJoinedIndex(VectorIndexContract):
    """Cut into three parts, one of them nearly everything."""

    def make(
        self,
        photo_ids: NDArray[np.int64],
        hashes: NDArray[np.uint64],
        descriptors: NDArray[np.int8] | None,
        *,
        generation: int = 3,
    ) -> VectorIndex:
        cuts = [0, len(photo_ids) * 9 // 10, len(photo_ids) * 19 // 20, len(photo_ids)]
        parts = [
            ExactIndex(
                generation,
                photo_ids[first:last],
                hashes[first:last],
                None if descriptors is None else descriptors[first:last],
            )
            for first, last in pairwise(cuts)
        ]
        return JoinedIndex(generation, parts)
