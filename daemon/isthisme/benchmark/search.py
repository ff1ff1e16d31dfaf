"""How long the index takes by its size, what it misses, how fast it opens and how much memory it holds.

Vectors are made in the likeness of real descriptors where photos are given: with their mean and their spread, so that
some directions tell more than others, and with kin among them. Without photos all directions are alike.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numkong
import numpy as np
import psutil
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from isthisme.benchmark.table import timed
from isthisme.index.base import INT8_UNIT, VectorIndex
from isthisme.index.exact import ExactIndex
from isthisme.index.segment import Columns, map_segment, write_segment

_LENGTH = 512
_REGIONS = 11  # of a page image
_PAGE_IMAGES = 8  # asked about at once
_NEIGHBOURS = 15
_BARE_QUERIES = 18  # what the kernel alone is timed with, to compare days and machines by
_MADE_AT_ONCE = 50_000
_STANDS_OUT = 0.13  # what is more similar than the background by so much is worth verifying
_TARGETS = {10_000: 1.0, 100_000: 5.0, 1_000_000: 25.0}  # ms a page image


@dataclass(frozen=True, slots=True)
class _Likeness:
    """How vectors are distributed."""

    mean: NDArray[np.float32]  # (512,)
    axes: NDArray[np.float32]  # (512, 512), rows as long as the spread along them
    real: NDArray[np.float32]  # (N, 512) unit vectors; possibly none

    def made(self, count: int, random: np.random.Generator) -> NDArray[np.int8]:
        """(count, 512): half of them kin of real ones, more or less."""
        vectors = self.mean + random.normal(size=(count, _LENGTH)).astype(np.float32) @ self.axes
        if len(self.real):
            kinship = random.uniform(0, 0.7, (count, 1)).astype(np.float32)
            kin = self.real[random.integers(len(self.real), size=count)]
            vectors = kinship * kin + np.sqrt(1 - kinship**2) * vectors
        return _quantised(vectors)


def likeness(real: NDArray[np.int8] | None) -> _Likeness:
    """Of (N, 512) real descriptors; of none, where all directions are alike."""
    if real is None:
        return _Likeness(
            np.zeros(_LENGTH, np.float32),
            np.eye(_LENGTH, dtype=np.float32) / np.float32(np.sqrt(_LENGTH)),
            np.zeros((0, _LENGTH), np.float32),
        )
    vectors = real.astype(np.float32) / np.float32(INT8_UNIT)
    spread, axes = np.linalg.eigh(np.cov((vectors - vectors.mean(0)).T))
    scaled = np.sqrt(np.maximum(spread, 0))[:, None] * axes.T
    return _Likeness(vectors.mean(0), scaled.astype(np.float32), vectors)


def measure(
    sizes: Sequence[int], real: NDArray[np.int8] | None, console: Console, *, repeats: int, plot: Path | None
) -> None:
    """Prints the table, one row for each size, and draws time against size."""
    kind = "in the likeness of real descriptors" if real is not None else "random"
    times = Table(
        "photos", "ms a picture", "of 8 at once", "to reach", "every one in full",
        "bare numkong, 18 vectors", "numpy, float32", "times as fast",
        title=f"Search, {_REGIONS} regions a picture, one thread, vectors {kind}",
    )  # fmt: skip
    rest = Table(
        "photos", "found that stand out", "first of all found", "8 hashes, ms", "opened, ms", "bytes a photo",
        title="What it finds of what comparing every one in full finds, and what it takes",
    )  # fmt: skip
    lines: list[tuple[int, float, float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.segment"
            queries = _write(path, size, likeness(real))
            lines.append(_measure_one(path, size, queries, times, rest, repeats=repeats))
            path.unlink()
    console.print(times)
    console.print(rest)
    if plot is not None:
        _draw(lines, plot)
        console.print(f"drawn: {plot}", highlight=False)


def _write(path: Path, size: int, alike: _Likeness) -> NDArray[np.int8]:
    """A segment, and queries (R, 512): every second one is similar by 0.3 to 0.8 to a photo in it."""
    random = np.random.default_rng(size)
    vectors = np.empty((size, _LENGTH), np.int8)
    for start in range(0, size, _MADE_AT_ONCE):
        vectors[start : start + _MADE_AT_ONCE] = alike.made(min(_MADE_AT_ONCE, size - start), random)
    hashes = random.integers(0, 2**63, size).astype(np.uint64)
    write_segment(path, [Columns(np.arange(1, size + 1), hashes, vectors)])
    count = _REGIONS * _PAGE_IMAGES
    queries = alike.made(count, random)
    found = vectors[random.integers(size, size=count // 2)].astype(np.float32) / np.float32(INT8_UNIT)
    similarity = random.uniform(0.3, 0.8, (len(found), 1)).astype(np.float32)
    others = queries[::2] / np.float32(INT8_UNIT)
    others = others - (others * found).sum(1, keepdims=True) * found
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    queries[::2] = _quantised(similarity * found + np.sqrt(1 - similarity**2) * others)
    return queries


def _measure_one(
    path: Path, size: int, queries: NDArray[np.int8], times: Table, rest: Table, *, repeats: int
) -> tuple[int, float, float, float]:
    before, started = _resident(), time.perf_counter()
    index = map_segment(path).index(1)
    index.nearest(queries[:1], 1)
    opened = 1000 * (time.perf_counter() - started)
    columns = map_segment(path)
    vectors = columns.descriptors
    assert vectors is not None  # noqa: S101 written above
    exact = ExactIndex(1, columns.photo_ids, columns.hashes, vectors)
    picture = queries[:_REGIONS]
    single = timed(lambda: index.nearest(picture, _NEIGHBOURS), repeats=repeats).median
    together = timed(lambda: index.nearest(queries, _NEIGHBOURS), repeats=max(3, repeats // 4)).median / _PAGE_IMAGES
    by_hash = timed(lambda: index.nearest_by_hash(columns.hashes[:8], 8), repeats=repeats).median
    resident = (_resident() - before) / size
    scan = timed(lambda: exact.nearest(picture, _NEIGHBOURS), repeats=max(3, repeats // 4)).median
    packed = numkong.dots_pack(queries[:_BARE_QUERIES])
    bare = timed(lambda: numkong.dots_packed(vectors, packed), repeats=max(3, repeats // 4)).median
    peer = timed(lambda: _by_numpy(vectors, picture), repeats=3).median
    stands_out, first = _recall(index, exact, queries)
    target = _TARGETS.get(size)
    timed_numbers = (single, together, target or float("nan"), scan, bare, peer, peer / single)
    times.add_row(f"{size:,}", *(f"{number:.2f}" for number in timed_numbers))
    rest.add_row(
        f"{size:,}", f"{stands_out:.3f}", f"{first:.3f}", f"{by_hash:.2f}", f"{opened:.1f}", f"{resident:,.0f}"
    )
    return size, single, scan, peer


def _recall(index: VectorIndex, exact: VectorIndex, queries: NDArray[np.int8]) -> tuple[float, float]:
    """How often the exact answer's first photo comes first: where it stands out from the background, and everywhere."""
    ours, theirs = index.nearest(queries, _NEIGHBOURS), exact.nearest(queries, _NEIGHBOURS)
    same = ours.photo_ids[:, 0] == theirs.photo_ids[:, 0]
    background = theirs.similarities[:, 4:].mean(axis=1)
    stands_out = theirs.similarities[:, 0] - background > _STANDS_OUT
    return float(same[stands_out].mean()), float(same.mean())


def _by_numpy(vectors: NDArray[np.int8], queries: NDArray[np.int8]) -> None:
    """What one would write first: a float32 product in blocks, and the largest of each."""
    asked = queries.astype(np.float32)
    for start in range(0, len(vectors), 1 << 16):
        scores = asked @ vectors[start : start + (1 << 16)].astype(np.float32).T
        np.argpartition(scores, -min(_NEIGHBOURS, scores.shape[1]), axis=1)


def _resident() -> int:
    """Bytes of this process's memory that are in use now, mapped files among them."""
    return int(psutil.Process().memory_info().rss)


def _draw(lines: list[tuple[int, float, float, float]], path: Path) -> None:
    sizes = [line[0] for line in lines]
    figure, axes = plt.subplots(figsize=(7, 4.5))
    for column, name in ((1, "ours"), (2, "every descriptor in full"), (3, "numpy, float32")):
        axes.loglog(sizes, [line[column] for line in lines], "o-", label=name)
    axes.loglog(list(_TARGETS), list(_TARGETS.values()), "k_", markersize=14, label="to reach")
    axes.set_xlabel("photos in the index")
    axes.set_ylabel(f"ms for a picture's {_REGIONS} regions, one thread")
    axes.grid(visible=True, which="both", alpha=0.2)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _quantised(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    return np.rint(INT8_UNIT * vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.int8)
