import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from isthisme.index.best_rows import best_rows


def _check(scores: NDArray[np.int32], queries: int, count: int) -> None:
    found = best_rows(lambda rows: scores[rows].copy(), len(scores), queries, count)
    assert len(found) == queries
    for query, (rows, values) in enumerate(found):
        order = np.argsort(-scores[:, query], kind="stable")
        least = scores[order[min(count, len(order)) - 1], query]
        assert sorted(rows.tolist()) == np.flatnonzero(scores[:, query] >= least).tolist()
        assert np.array_equal(values, scores[rows, query])


@given(st.integers(1, 20_000), st.integers(1, 5), st.integers(1, 300), st.integers(1, 2000), st.integers(0, 99))
def test_they_are_those_that_sorting_finds(length: int, queries: int, count: int, spread: int, seed: int) -> None:
    """Few different scores among them, so that many are equal; and columns that are nobody's."""
    scores = np.random.default_rng(seed).integers(-spread, spread, (length, queries + 3)).astype(np.int32)
    _check(scores, queries, count)


@pytest.mark.parametrize("step", [16, 20, 100])
def test_where_all_sampled_rows_are_high_or_low_none_is_missed(step: int) -> None:
    scores = np.random.default_rng(1).integers(0, 1000, (40_000, 2)).astype(np.int32)
    scores[::step, 0] += 5000
    scores[::step, 1] -= 5000
    for count in (1, 200, 6000):
        _check(scores, 2, count)
