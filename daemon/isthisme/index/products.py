"""Products between rows of an index and a few queries, through numkong's kernels."""

import numkong
import numpy as np
from numpy.typing import NDArray

from isthisme.index.best_rows import Scores

_TOGETHER = 4  # kernels take queries by fours, and slowly what is left over


def dot_products(vectors: NDArray[np.int8], queries: NDArray[np.int8]) -> Scores:
    """Products of vectors (N, D) with queries (R, D)."""
    packed = numkong.dots_pack(_filled_up(queries))

    def score(rows: slice) -> NDArray[np.int32]:
        products: NDArray[np.int32] = np.asarray(numkong.dots_packed(np.ascontiguousarray(vectors[rows]), packed))
        return products

    return score


def shared_bits(bits: NDArray[np.uint8], queries: NDArray[np.uint8]) -> Scores:
    """How many bits are set in rows (N, bytes) and queries (R, bytes) both."""
    packed = numkong.dots_pack(_filled_up(queries), dtype="uint1")

    def score(rows: slice) -> NDArray[np.int32]:
        counts: NDArray[np.uint32] = np.asarray(numkong.dots_packed(np.ascontiguousarray(bits[rows]), packed))
        return counts.view(np.int32)

    return score


def _filled_up[Number: np.generic](queries: NDArray[Number]) -> NDArray[Number]:
    """The queries, with rows of zeros after them up to a multiple of _TOGETHER."""
    return np.concatenate([queries, np.zeros((-len(queries) % _TOGETHER, queries.shape[1]), queries.dtype)])
