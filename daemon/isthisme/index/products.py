"""Blocks of products between all rows of an index and a few queries, through numkong's kernels."""

from collections.abc import Iterator

import numkong
import numpy as np
from numpy.typing import NDArray

_BLOCK_SCORES = 1 << 16  # computed at once: they stay in the processor's cache
_FIRST_BLOCK = 1024  # rows; few, since all of them pass until there are bounds
_TOGETHER = 4  # kernels take queries by fours, and slowly what is left over


def dot_products(vectors: NDArray[np.int8], queries: NDArray[np.int8]) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """Products (B, R or more) of vectors (N, D) with queries (R, D), each block with its first row."""
    packed = numkong.dots_pack(_filled_up(queries))
    for start, block in blocks(vectors, _BLOCK_SCORES // len(queries)):
        products: NDArray[np.int32] = np.asarray(numkong.dots_packed(block, packed))
        yield start, products


def equal_bits(bits: NDArray[np.uint8], queries: NDArray[np.uint8]) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """How many bits of rows (N, bytes) and of queries (R, bytes) are equal, in blocks as `dot_products`."""
    packed = numkong.hammings_pack(_filled_up(~queries))  # counted are the bits that differ from the opposite
    for start, block in blocks(bits, _BLOCK_SCORES // len(queries)):
        counts: NDArray[np.uint32] = np.asarray(numkong.hammings_packed(block, packed))
        yield start, counts.view(np.int32)


def blocks[Number: np.generic](rows: NDArray[Number], largest: int) -> Iterator[tuple[int, NDArray[Number]]]:
    """The rows in blocks that grow, each with its first row: bounds are found among few, and then let few pass."""
    start, size = 0, _FIRST_BLOCK
    while start < len(rows):
        yield start, rows[start : start + size]
        start, size = start + size, max(_FIRST_BLOCK, min(4 * size, largest))


def _filled_up[Number: np.generic](queries: NDArray[Number]) -> NDArray[Number]:
    """The queries, with rows of zeros after them up to a multiple of _TOGETHER."""
    return np.pad(queries, ((0, -len(queries) % _TOGETHER), (0, 0)))
