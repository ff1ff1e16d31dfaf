"""What every vector index promises, and the words for what it finds."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 512
INT8_UNIT = 127.0  # length of a stored vector
HASH_BITS = 64
FORGOTTEN = -1  # the id that stands where a photo was; no photo has it


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


class VectorIndex(Protocol):
    """One generation's photos, to be searched by descriptor and by perceptual hash.

    - It is a snapshot: photos that are added later are not in it. A photo that is forgotten may vanish from it at once.
    - Every similarity and distance that it gives is exact: the product of the stored vectors over 127 squared, and the
      count of differing bits. What a photo's number is does not depend on the other photos in the index.
    - An exact index misses no neighbour. An approximate one may miss some, and never invents one or puts them in a
      wrong order. How many it misses is measured by `scripts/bench`.
    - Asking for many descriptors at once costs less than asking for each: ask for all regions of a picture together.
    - It gives as many columns as asked for, or as many as it holds photos; none without descriptors of a model.
    - Threads may share it.

    `tests/index/contract.py` holds these promises as tests that every implementation inherits.
    """

    @property
    def generation(self) -> int:
        """The number of the generation that it shows."""
        ...

    def __len__(self) -> int:
        """The number of photos."""
        ...

    def nearest(self, descriptors: NDArray[np.int8], count: int) -> Neighbours:
        """The `count` most similar photos to each of (R, 512)."""
        ...

    def nearest_by_hash(self, hashes: NDArray[np.uint64], count: int) -> HashNeighbours:
        """The `count` nearest photos to each of (H,) hashes."""
        ...
