import numpy as np
import pytest
from numpy.typing import NDArray

from isthisme.index.base import FORGOTTEN, VectorIndex
from isthisme.index.exact import ExactIndex
from isthisme.index.sketched import SketchedIndex, sketches_of
from tests.index.contract import VectorIndexContract, near, vectors


def sketched(photo_ids: NDArray[np.int64], descriptors: NDArray[np.int8]) -> SketchedIndex:
    exact = ExactIndex(3, photo_ids, np.zeros(len(photo_ids), np.uint64), descriptors)
    return SketchedIndex(exact, descriptors, sketches_of(descriptors))


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
        return exact if descriptors is None else SketchedIndex(exact, descriptors, sketches_of(descriptors))


def test_what_stands_out_is_found_as_by_exact_search() -> None:
    """Similar by 0.4, which chance does not reach among 20,000: at most 0.2."""
    stored = vectors(20_000)
    rows = np.random.default_rng(1).permutation(len(stored))[:200]
    found = sketched(np.arange(len(stored)), stored).nearest(near(stored[rows], 0.4), 1)
    assert (found.photo_ids[:, 0] == rows).mean() >= 0.995


def test_first_places_are_those_of_exact_search() -> None:
    """Also where nothing stands out: all directions are alike, and nobody is near."""
    stored, queries = vectors(20_000), vectors(300, seed=3)
    exact = ExactIndex(3, np.arange(len(stored)), np.zeros(len(stored), np.uint64), stored)
    found = SketchedIndex(exact, stored, sketches_of(stored)).nearest(queries, 1)
    assert (found.photo_ids == exact.nearest(queries, 1).photo_ids).mean() >= 0.975


@pytest.mark.parametrize("value", [-127, -1, 0, 1, 127])
def test_all_sketches_have_as_many_bits(value: int) -> None:
    """Also where many numbers are equal, so that the bits that two share tell all."""
    descriptors = np.concatenate([vectors(50), np.full((1, 512), value, np.int8)])
    descriptors[:, ::7] = value
    bits = np.unpackbits(sketches_of(descriptors), axis=1).reshape(-1, 3, 512).sum(axis=2)
    assert (bits == [384, 256, 128]).all()


def test_a_sketch_has_the_bits_of_the_highest_numbers() -> None:
    descriptor = np.random.default_rng(0).permutation(512).astype(np.int16) // 4 - 64
    columns = np.unpackbits(sketches_of(descriptor.astype(np.int8)[None])).reshape(3, 512)
    for bits, count in zip(columns, (384, 256, 128), strict=True):
        assert descriptor[bits == 1].min() >= np.sort(descriptor)[-count]
        assert descriptor[bits == 0].max() <= np.sort(descriptor)[-count]


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
