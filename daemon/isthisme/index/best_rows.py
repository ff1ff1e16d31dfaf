"""The rows with the highest scores, gathered block by block: no array as long as the index is ever made or sorted."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_LEAST_WAITING = 256  # rows a query, for which drawing bounds costs more than it saves
_LOWEST, _HIGHEST = np.iinfo(np.int32).min, np.iinfo(np.int32).max


class BestRows:
    """The `count` rows with the highest scores for each of R queries, while blocks of scores pass by.

    A row passes when it reaches the lowest score that was among the best when bounds were last drawn. They are drawn
    anew when so many have passed that it pays.
    """

    def __init__(self, queries: int, count: int) -> None:
        self._count = count
        self._rows = [np.zeros(0, np.int64) for _ in range(queries)]
        self._scores = [np.zeros(0, np.int32) for _ in range(queries)]
        self._bounds = [_LOWEST] * queries
        self._repeated_bounds: NDArray[np.int32] = np.zeros((0, 0), np.int32)  # so that comparing runs along memory
        self._passed: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]] = []
        self._waiting = 0  # rows that passed since bounds were drawn
        self._most_waiting = 0  # of the first block all pass

    def see(self, start: int, scores: NDArray[np.int32]) -> None:
        """Scores (B, R or more) of the rows from `start` on; columns beyond R are nobody's."""
        if self._repeated_bounds.shape[0] < len(scores) or self._repeated_bounds.shape[1] != scores.shape[1]:
            self._repeat_bounds(*scores.shape)
        flat = np.flatnonzero(scores >= self._repeated_bounds[: len(scores)])
        rows, queries = np.divmod(flat, scores.shape[1])
        self._passed.append((rows + start, queries, scores.ravel()[flat]))
        self._waiting += len(rows)
        if self._waiting > self._most_waiting:
            self._draw()
            self._waiting, self._most_waiting = 0, max(_LEAST_WAITING, 4 * self._count) * len(self._bounds)

    def best(self) -> list[tuple[NDArray[np.int64], NDArray[np.int32]]]:
        """For each query its rows and their scores, in no order; more than `count` where scores are equal."""
        self._draw()
        return list(zip(self._rows, self._scores, strict=True))

    def _repeat_bounds(self, rows: int, columns: int) -> None:
        bounds = np.full(columns, _HIGHEST, np.int32)
        bounds[: len(self._bounds)] = self._bounds
        self._repeated_bounds = np.tile(bounds, (rows, 1))

    def _draw(self) -> None:
        if not self._passed:
            return
        rows, queries, scores = (np.concatenate(parts) for parts in zip(*self._passed, strict=True))
        self._passed.clear()
        order = np.argsort(queries.astype(np.uint16), kind="stable")
        rows, scores = rows[order], scores[order]
        ends = np.searchsorted(queries[order], np.arange(len(self._rows) + 1))
        for query, (first, last) in enumerate(pairwise(ends.tolist())):
            found = np.concatenate([self._rows[query], rows[first:last]])
            values = np.concatenate([self._scores[query], scores[first:last]])
            if len(values) > self._count:
                bound = np.partition(values, len(values) - self._count)[len(values) - self._count]
                stay = values >= bound  # all of equal scores, so that they can be ordered by id in the end
                found, values = found[stay], values[stay]
                self._bounds[query] = int(bound)
            self._rows[query], self._scores[query] = found, values
        if len(self._repeated_bounds):
            self._repeat_bounds(*self._repeated_bounds.shape)
