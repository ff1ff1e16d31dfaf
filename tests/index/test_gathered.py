import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from isthisme.index.base import Neighbours, VectorIndex
from isthisme.index.exact import ExactIndex
from isthisme.index.gathered import GatheredIndex
from tests.index.contract import VectorIndexContract, vectors


class TestGatheredIndex(VectorIndexContract):
    def make(
        self,
        photo_ids: NDArray[np.int64],
        hashes: NDArray[np.uint64],
        descriptors: NDArray[np.int8] | None,
        *,
        generation: int = 3,
    ) -> VectorIndex:
        return GatheredIndex(ExactIndex(generation, photo_ids, hashes, descriptors))


class _Slow(ExactIndex):
    """Its first search goes on until it is told to end; notes what it was asked for."""

    def __init__(self, count: int) -> None:
        super().__init__(1, np.arange(count), np.zeros(count, np.uint64), vectors(count))
        self.asked: list[int] = []
        self.is_searching, self.may_end = threading.Event(), threading.Event()
        self.trouble: Exception | None = None

    def nearest(self, descriptors: NDArray[np.int8], count: int) -> Neighbours:
        self.asked.append(len(descriptors))
        self.is_searching.set()
        assert self.may_end.wait(60)
        if len(self.asked) > 1 and self.trouble is not None:
            raise self.trouble
        return super().nearest(descriptors, count)


def _wait_for(index: GatheredIndex, waiting: int) -> None:
    while len(index._waiting) < waiting:
        pass


def test_what_is_asked_during_a_search_is_searched_for_together() -> None:
    slow = _Slow(50)
    index = GatheredIndex(slow)
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(index.nearest, vectors(50)[:1], 1)
        assert slow.is_searching.wait(60)
        others = [threads.submit(index.nearest, vectors(50)[row : row + 2], 1 + row) for row in (10, 20, 30)]
        _wait_for(index, 3)
        slow.may_end.set()
        assert first.result().photo_ids.tolist() == [[0]]
        for row, other in zip((10, 20, 30), others, strict=True):
            assert other.result().photo_ids.shape == (2, 1 + row)
            assert other.result().photo_ids[:, 0].tolist() == [row, row + 1]
    assert slow.asked == [1, 6]


def test_all_who_asked_together_hear_of_its_failure_and_the_next_is_answered() -> None:
    slow = _Slow(50)
    slow.trouble = OSError("the disk is gone")
    index = GatheredIndex(slow)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(index.nearest, vectors(50)[:1], 1)
        assert slow.is_searching.wait(60)
        others = [threads.submit(index.nearest, vectors(50)[:1], 1) for _ in range(2)]
        _wait_for(index, 2)
        slow.may_end.set()
        assert first.result().photo_ids.tolist() == [[0]]
        for other in others:
            with pytest.raises(OSError, match="disk"):
                other.result()
    slow.trouble = None
    assert index.nearest(vectors(50)[7:8], 1).photo_ids.tolist() == [[7]]
