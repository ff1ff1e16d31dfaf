"""Every photo's descriptor and hash in memory, compared with a query's without approximation."""

from dataclasses import dataclass

import numkong
import numpy as np
from numpy.typing import NDArray

from isthisme.errors import UsageError

DIMENSIONS = 512
INT8_UNIT = 127.0  # length of a stored vector


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest photos to each of R descriptors, most similar first; equal similarities are ordered by id."""

    photo_ids: NDArray[np.int64]  # (R, count)
    similarities: NDArray[np.float32]  # (R, count), -1 to 1


@dataclass(frozen=True, slots=True)
class HashNeighbours:
    """The nearest photos to each of H hashes, nearest first; equal distances are ordered by id."""

    photo_ids: NDArray[np.int64]  # (H, count)
    distances: NDArray[np.int64]  # (H, count), Hamming distance in bits, 0 to 64


class ExactIndex:
    """A snapshot that never changes; `extended` makes the next one."""

    def __init__(
        self,
        generation: int,
        photo_ids: NDArray[np.int64],  # (N,)
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
        self._packed = numkong.dots_pack(self.descriptors) if self.descriptors is not None and count else None

    def __len__(self) -> int:
        return len(self.photo_ids)

    def nearest(self, descriptors: NDArray[np.int8], count: int) -> Neighbours:
        """The `count` most similar photos to each of (R, 512); fewer columns when the index holds fewer."""
        width = min(count, len(self)) if self._packed is not None else 0
        if self._packed is None or width <= 0 or not len(descriptors):
            return Neighbours(np.zeros((len(descriptors), 0), np.int64), np.zeros((len(descriptors), 0), np.float32))
        rows = np.ascontiguousarray(descriptors, dtype=np.int8)
        dots: NDArray[np.int32] = np.asarray(numkong.dots_packed(rows, self._packed))
        chosen = np.stack([_smallest(-row, self.photo_ids, width) for row in dots])
        similarities = np.take_along_axis(dots, chosen, axis=1) / np.float32(INT8_UNIT**2)
        return Neighbours(self.photo_ids[chosen], similarities.astype(np.float32))

    def nearest_by_hash(self, hashes: NDArray[np.uint64], count: int) -> HashNeighbours:
        """The `count` nearest photos to each of (H,) hashes; fewer columns when the index holds fewer."""
        width = min(count, len(self))
        if width <= 0 or not len(hashes):
            return HashNeighbours(np.zeros((len(hashes), 0), np.int64), np.zeros((len(hashes), 0), np.int64))
        distances = np.bitwise_count(hashes[:, None] ^ self.hashes[None, :]).astype(np.int64)
        chosen = np.stack([_smallest(row, self.photo_ids, width) for row in distances])
        return HashNeighbours(self.photo_ids[chosen], np.take_along_axis(distances, chosen, axis=1))

    def extended(
        self, photo_ids: NDArray[np.int64], hashes: NDArray[np.uint64], descriptors: NDArray[np.int8] | None
    ) -> "ExactIndex":
        """A new snapshot with these besides. Raises UsageError when one side has descriptors and the other not."""
        if not len(photo_ids):
            return self
        if len(self) and (descriptors is None) != (self.descriptors is None):
            raise UsageError("photos with descriptors and photos without cannot share an index; rebuild it")
        joined = descriptors
        if len(self) and self.descriptors is not None and descriptors is not None:
            joined = np.concatenate([self.descriptors, descriptors])
        return ExactIndex(
            self.generation,
            np.concatenate([self.photo_ids, photo_ids]),
            np.concatenate([self.hashes, hashes]),
            joined,
        )


def _smallest(values: NDArray[np.signedinteger], ids: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """(count,) positions of the smallest values, ascending, ties by id."""
    bound = np.partition(values, count - 1)[count - 1]
    near = np.flatnonzero(values <= bound)
    order = np.lexsort((ids[near], values[near]))
    return np.asarray(near[order[:count]], dtype=np.int64)
