"""Searches of several threads as one: a page's pictures are looked for together, which costs less than each alone."""

import threading
from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from isthisme.index.base import HashNeighbours, Neighbours, VectorIndex


class GatheredIndex:
    """Who asks during a search is searched for in the next one, with all others who do; see `VectorIndex`."""

    def __init__(self, index: VectorIndex) -> None:
        self._index = index
        self._waiting: list[tuple[NDArray[np.int8], int, Future[Neighbours]]] = []
        self._list = threading.Lock()
        self._turn = threading.Lock()

    @property
    def generation(self) -> int:
        return self._index.generation

    def __len__(self) -> int:
        return len(self._index)

    def nearest(self, descriptors: NDArray[np.int8], count: int) -> Neighbours:
        """The `count` most similar photos to each of (R, 512)."""
        answer: Future[Neighbours] = Future()
        with self._list:
            self._waiting.append((descriptors, count, answer))
        with self._turn:
            if not answer.done():  # else another searched for us while we waited for our turn
                self._search()
        return answer.result()

    def nearest_by_hash(self, hashes: NDArray[np.uint64], count: int) -> HashNeighbours:
        """The `count` nearest photos to each of (H,) hashes."""
        return self._index.nearest_by_hash(hashes, count)

    def _search(self) -> None:
        with self._list:
            waiting, self._waiting = self._waiting, []
        try:
            found = self._index.nearest(
                np.concatenate([descriptors for descriptors, _, _ in waiting]), max(count for _, count, _ in waiting)
            )
        except BaseException as error:
            for _, _, answer in waiting:
                answer.set_exception(error)
            raise
        first = 0
        for descriptors, count, answer in waiting:
            last = first + len(descriptors)
            answer.set_result(
                Neighbours(
                    found.photo_ids[first:last, : max(count, 0)], found.similarities[first:last, : max(count, 0)]
                )
            )
            first = last
