"""The rows with the highest scores: bounds are drawn from a sample, so that of all the others hardly any is kept."""

from collections.abc import Callable
from itertools import pairwise
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from isthisme.index.threads import in_threads

type Scores = Callable[[slice], NDArray[np.int32]]
"""Of the rows of a slice their scores (B, R or more) for R queries; columns beyond R are nobody's."""

_SAMPLE = 4096  # rows at the most
_SAMPLE_SHARE = 16  # and at the most one row in so many
_BLOCK_SCORES = 1 << 17  # made at once: they stay in the processor's cache
_BLOCKS_A_PART = 8  # of what threads share: milliseconds
_LOWEST, _HIGHEST = np.iinfo(np.int32).min, np.iinfo(np.int32).max


def best_rows(
    score: Scores, length: int, queries: int, count: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int32]]]:
    """For each query the best `count` of `length` rows, and their scores, in no order; more where scores are equal."""
    return [highest(rows, scores, count) for rows, scores in good_rows(score, length, queries, count)]


def good_rows(
    score: Scores, length: int, queries: int, count: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int32]]]:
    """For each query rows and their scores, in no order: all that reach a score which at least `count` do."""
    bounds = _bounds(score, length, queries, count)
    found = _reaching(score, length, bounds)
    short = [query for query, (rows, _) in enumerate(found) if len(rows) < min(count, length)]
    if short:  # the sample was unlike the rest
        bounds = np.full(queries, _HIGHEST, np.int32)
        bounds[short] = _LOWEST
        everything = _reaching(score, length, bounds)
        for query in short:
            found[query] = everything[query]
    return found


def highest(
    rows: NDArray[np.int64], scores: NDArray[np.int32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The `count` highest, one at least, and all that equal the last of them, so that they can be ordered by id."""
    if len(scores) <= count:
        return rows, scores
    stay = scores >= np.partition(scores, len(scores) - count)[len(scores) - count]
    return rows[stay], scores[stay]


def _bounds(score: Scores, length: int, queries: int, count: int) -> NDArray[np.int32]:
    """(R,) a score for each query that `count` rows reach, all but surely, and not many more."""
    step = max(_SAMPLE_SHARE, -(-length // _SAMPLE))
    sample = score(slice(0, length, step))[:, :queries]
    expected = -(-count // step)  # of the best rows in the sample
    rank = expected + 4 * isqrt(expected) + 4  # four deviations of a Poisson distribution more
    if rank > len(sample):
        return np.full(queries, _LOWEST, np.int32)
    by_query = np.ascontiguousarray(sample.T)
    return np.partition(by_query, len(sample) - rank, axis=1)[:, len(sample) - rank]


def _reaching(
    score: Scores, length: int, bounds: NDArray[np.int32]
) -> list[tuple[NDArray[np.int64], NDArray[np.int32]]]:
    """For each query the rows that reach its bound, and their scores."""
    columns = score(slice(0, 1)).shape[1]
    size = min(_BLOCK_SCORES // columns, length)
    row = np.full((1, columns), _HIGHEST, np.int32)
    row[0, : len(bounds)] = bounds
    repeated = np.repeat(row, size, axis=0)  # so that comparing runs along memory

    def reach(first: int) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
        places, scores = [], []  # a place counts rows and columns
        for start in range(first, min(first + _BLOCKS_A_PART * size, length), size):
            block = score(slice(start, min(start + size, length)))
            reached = np.flatnonzero(block >= repeated[: len(block)])
            places.append(reached + start * columns)
            scores.append(block.ravel()[reached])
        return np.concatenate(places), np.concatenate(scores)

    parts = in_threads(reach, range(0, length, _BLOCKS_A_PART * size))
    rows, queries = np.divmod(np.concatenate([places for places, _ in parts]), columns)
    order = np.argsort(queries.astype(np.uint16), kind="stable")
    rows, values = rows[order], np.concatenate([scores for _, scores in parts])[order]
    ends = np.searchsorted(queries[order], np.arange(len(bounds) + 1)).tolist()
    return [(rows[first:last], values[first:last]) for first, last in pairwise(ends)]
