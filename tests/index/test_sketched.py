import numpy as np
from numpy.typing import NDArray

from isthisme.index.base import FORGOTTEN, VectorIndex
from isthisme.index.exact import ExactIndex
from isthisme.index.sketched import SketchedIndex, signs_of
from tests.index.contract import VectorIndexContract, near, vectors


def sketched(photo_ids: NDArray[np.int64], descriptors: NDArray[np.int8]) -> SketchedIndex:
    exact = ExactIndex(3, photo_ids, np.zeros(len(photo_ids), np.uint64), descriptors)
    return SketchedIndex(exact, descriptors, signs_of(descriptors))


class TestSketchedIndex(VectorIndexContract):
    def make(
        self,
        photo_ids: NDArray[np.int64],
        hashes: NDArray[np.uint64],
        descriptors: NDArray[np.int8] | None,
        *,
        generation: int = 3,
    ) -> VectorIndex:
        exact = ExactIndex(generation, photo_ids, hashes, descriptors)
        return exact if descriptors is None else SketchedIndex(exact, descriptors, signs_of(descriptors))


def test_what_stands_out_is_found_as_by_exact_search() -> None:
    """Similar by 0.4, which chance does not reach among 20,000: at most 0.2."""
    stored = vectors(20_000)
    rows = np.random.default_rng(1).permutation(len(stored))[:200]
    found = sketched(np.arange(len(stored)), stored).nearest(near(stored[rows], 0.4), 1)
    assert (found.photo_ids[:, 0] == rows).mean() >= 0.995


def test_forgotten_photos_are_not_found() -> None:
    stored, ids = vectors(3000), np.arange(3000)
    ids[::2] = FORGOTTEN
    index = sketched(ids, stored)
    assert len(index) == 1500
    found = index.nearest(stored[:100], 3)
    assert FORGOTTEN not in found.photo_ids
    assert found.photo_ids[1::2, 0].tolist() == list(range(1, 100, 2))


def test_an_album_that_was_forgotten_nearly_whole_still_answers() -> None:
    stored = np.repeat(vectors(1), 5000, axis=0)
    stored[-3:] = vectors(3, seed=2)
    ids = np.full(5000, FORGOTTEN)
    ids[-3:] = [1, 2, 3]
    assert sorted(sketched(ids, stored).nearest(vectors(1), 3).photo_ids[0].tolist()) == [1, 2, 3]
