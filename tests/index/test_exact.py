import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthisme.errors import UsageError
from isthisme.index.exact import ExactIndex


def vectors(count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    made = rng.normal(size=(count, 512))
    return np.rint(127 * made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.int8)


def index_of(count: int, seed: int = 0) -> ExactIndex:
    return ExactIndex(3, np.arange(count) + 100, np.arange(count, dtype=np.uint64), vectors(count, seed))


def test_the_nearest_photo_is_the_one_with_the_same_vector() -> None:
    index = index_of(50)
    found = index.nearest(vectors(50)[[7, 31]], 3)
    assert found.photo_ids[:, 0].tolist() == [107, 131]
    assert found.similarities[:, 0] == pytest.approx([1, 1], abs=0.02)
    assert (np.diff(found.similarities, axis=1) <= 0).all()


def test_equal_similarities_are_ordered_by_id() -> None:
    same = np.repeat(vectors(1), 5, axis=0)
    index = ExactIndex(1, np.array([9, 2, 7, 4, 5]), np.zeros(5, np.uint64), same)
    assert index.nearest(same[:1], 3).photo_ids.tolist() == [[2, 4, 5]]
    assert index.nearest_by_hash(np.zeros(1, np.uint64), 4).photo_ids.tolist() == [[2, 4, 5, 7]]


def test_hashes_are_compared_in_bits() -> None:
    index = ExactIndex(1, np.array([1, 2, 3]), np.array([0b0, 0b111, 0b1], np.uint64), None)
    found = index.nearest_by_hash(np.array([0b11], np.uint64), 3)
    assert found.photo_ids.tolist() == [[2, 3, 1]]
    assert found.distances.tolist() == [[1, 1, 2]]


def test_an_index_without_descriptors_has_no_neighbours_by_descriptor() -> None:
    index = ExactIndex(1, np.array([1]), np.zeros(1, np.uint64), None)
    assert index.nearest(vectors(2), 5).photo_ids.shape == (2, 0)


def test_an_empty_index_answers() -> None:
    index = ExactIndex(0, np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros((0, 512), np.int8))
    assert len(index) == 0
    assert index.nearest(vectors(2), 5).photo_ids.shape == (2, 0)
    assert index.nearest_by_hash(np.zeros(8, np.uint64), 5).photo_ids.shape == (8, 0)


def test_extending_gives_what_building_at_once_gives_and_leaves_the_old_alone() -> None:
    whole, part = index_of(30), ExactIndex(3, np.arange(20) + 100, np.arange(20, dtype=np.uint64), vectors(30)[:20])
    longer = part.extended(np.arange(20, 30) + 100, np.arange(20, 30, dtype=np.uint64), vectors(30)[20:])
    query = vectors(4, seed=5)
    assert (longer.nearest(query, 6).photo_ids == whole.nearest(query, 6).photo_ids).all()
    assert len(part) == 20
    assert longer.generation == 3


def test_an_empty_index_takes_its_kind_from_what_it_is_extended_with() -> None:
    empty = ExactIndex(1, np.zeros(0, np.int64), np.zeros(0, np.uint64), None)
    assert empty.extended(np.array([1]), np.zeros(1, np.uint64), vectors(1)).nearest(vectors(1), 1).photo_ids[0, 0] == 1


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(UsageError):
        ExactIndex(1, np.arange(3), np.zeros(2, np.uint64), None)
    with pytest.raises(UsageError):
        index_of(3).extended(np.array([9]), np.zeros(1, np.uint64), None)


@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 1000))
def test_search_is_the_same_as_sorting_everything(count: int, wanted: int, seed: int) -> None:
    stored, query = vectors(count, seed), vectors(2, seed + 1)
    ids = np.random.default_rng(seed).permutation(count).astype(np.int64)
    found = ExactIndex(1, ids, np.zeros(count, np.uint64), stored).nearest(query, wanted)
    for row, each in enumerate(query.astype(np.int64) @ stored.astype(np.int64).T):
        order = np.lexsort((ids, -each))[:wanted]
        assert found.photo_ids[row].tolist() == ids[order].tolist()
