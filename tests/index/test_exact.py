import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from isthisme.errors import UsageError
from isthisme.index.base import FORGOTTEN, VectorIndex
from isthisme.index.exact import ExactIndex
from tests.index.contract import VectorIndexContract, exact_similarities, vectors


class TestExactIndex(VectorIndexContract):
    def make(
        self,
        photo_ids: NDArray[np.int64],
        hashes: NDArray[np.uint64],
        descriptors: NDArray[np.int8] | None,
        *,
        generation: int = 3,
    ) -> VectorIndex:
        return ExactIndex(generation, photo_ids, hashes, descriptors)


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(UsageError):
        ExactIndex(1, np.arange(3), np.zeros(2, np.uint64), None)
    with pytest.raises(UsageError):
        ExactIndex(1, np.arange(3), np.zeros(3, np.uint64), vectors(2))


@given(st.integers(1, 3000), st.integers(1, 50), st.integers(1, 9), st.integers(0, 1000), st.floats(0, 0.9))
def test_search_is_the_same_as_sorting_everything(
    count: int, wanted: int, queries: int, seed: int, forgotten: float
) -> None:
    random = np.random.default_rng(seed)
    stored, asked = vectors(count, seed), vectors(queries, seed + 1)
    ids = random.permutation(count).astype(np.int64)
    ids[random.random(count) < forgotten] = FORGOTTEN
    left = np.flatnonzero(ids != FORGOTTEN)
    index = ExactIndex(1, ids, random.integers(0, 9, count).astype(np.uint64), stored)
    assert len(index) == len(left)
    found = index.nearest(asked, wanted)
    for row, each in enumerate(exact_similarities(stored[left], asked)):
        order = np.lexsort((ids[left], -each))[:wanted]
        assert found.photo_ids[row].tolist() == ids[left][order].tolist()
    by_hash = index.nearest_by_hash(np.array([3], np.uint64), wanted)
    assert FORGOTTEN not in by_hash.photo_ids
    assert by_hash.photo_ids.shape == (1, min(wanted, len(left)))
