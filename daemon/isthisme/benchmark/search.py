"""How long the index takes by its size, what it misses, how fast it opens and how much memory it holds.

Vectors are made in the likeness of real descriptors where photos are given: with their mean and their spread, so that
some directions tell more than others, and with kin among them; the real ones are among them, too. Without photos all
directions are alike.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
_ASKED = 1_100  # what is found of so many is compared with exact search
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


@dataclass(frozen=True, slots=True)
class _Times:
    """Milliseconds for a picture, or for 18 vectors: of the processor, save where all cores are used."""

    one_core: float
    one_core_together: float  # of several that are asked about at once
    all_cores: float
    all_cores_together: float
    in_full: float
    bare: float
    peer: float


@dataclass(frozen=True, slots=True)
class _Found:
    """Shares of what exact search finds."""

    standing_out: float
    first: float
    all: float


def measure(
    sizes: Sequence[int],
    real: NDArray[np.int8] | None,
    edited: NDArray[np.int8] | None,
    console: Console,
    *,
    repeats: int,
    plot: Path | None,
) -> None:
    """Prints the tables, one row for each size, and draws time against size.

    `real` (N, 512) are descriptors of photos, `edited` (N, 512) those of edited copies of them, to be asked about.
    """
    kind = "in the likeness of real descriptors" if real is not None else "random"
    times = Table(
        "photos", "one core", "8 at once", "all cores", "8 at once", "to reach", "in full", "numkong", "numpy",
        title=f"Search, ms a picture of {_REGIONS} regions, alone or of 8 at once, vectors {kind}\n"
        f"The processor's time, save for all cores; in full; numkong's bare products with {_BARE_QUERIES}; numpy",
    )  # fmt: skip
    found = Table(
        "photos", "asked about", "that stand out", "first", "all 15",
        title="What it finds of what comparing every one in full finds",
    )  # fmt: skip
    rest = Table("photos", "8 hashes, ms", "opened, ms", "bytes a photo", title="What it takes besides")
    lines: list[tuple[int, _Times]] = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.segment"
            queries = _write(path, size, likeness(real))
            rest.add_row(f"{size:,}", *_what_it_takes(path, size, queries, repeats))
            columns = map_segment(path)
            index = columns.index(1)
            exact = ExactIndex(1, columns.photo_ids, columns.hashes, columns.descriptors)
            times_now = _times(index, exact, queries, repeats)
            lines.append((size, times_now))
            times.add_row(f"{size:,}", *_row(times_now, size))
            for name, asked in (("made vectors", queries), ("edited copies", edited)):
                if asked is not None:
                    share = _found(index, exact, asked)
                    shares = (f"{each:.4f}" for each in (share.standing_out, share.first, share.all))
                    found.add_row(f"{size:,}", f"{len(asked):,} {name}", *shares)
            path.unlink()
    for table in (times, found, rest):
        console.print(table)
    if plot is not None:
        _draw(lines, plot)
        console.print(f"drawn: {plot}", highlight=False)


def _write(path: Path, size: int, alike: _Likeness) -> NDArray[np.int8]:
    """A segment, and queries (R, 512): every second one is similar by 0.3 to 0.8 to a photo in it."""
    random = np.random.default_rng(size)
    vectors = np.empty((size, _LENGTH), np.int8)
    for start in range(0, size, _MADE_AT_ONCE):
        vectors[start : start + _MADE_AT_ONCE] = alike.made(min(_MADE_AT_ONCE, size - start), random)
    known = alike.real[: size // 4]
    vectors[: len(known)] = _quantised(known)
    hashes = random.integers(0, 2**63, size).astype(np.uint64)
    write_segment(path, [Columns(np.arange(1, size + 1), hashes, vectors)])
    queries = alike.made(_ASKED, random)
    found = vectors[random.integers(size, size=_ASKED // 2)].astype(np.float32) / np.float32(INT8_UNIT)
    similarity = random.uniform(0.3, 0.8, (len(found), 1)).astype(np.float32)
    others = queries[::2] / np.float32(INT8_UNIT)
    others = others - (others * found).sum(1, keepdims=True) * found
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    queries[::2] = _quantised(similarity * found + np.sqrt(1 - similarity**2) * others)
    return queries


def _what_it_takes(path: Path, size: int, queries: NDArray[np.int8], repeats: int) -> tuple[str, str, str]:
    before, started = _resident(), time.perf_counter()
    index = map_segment(path).index(1)
    index.nearest(queries[:1], 1)
    opened = 1000 * (time.perf_counter() - started)
    index.nearest(queries[: _REGIONS * _PAGE_IMAGES], _NEIGHBOURS)
    hashes = np.random.default_rng(1).integers(0, 2**63, 8).astype(np.uint64)
    by_hash = timed(lambda: index.nearest_by_hash(hashes, 8), repeats=repeats).median
    resident = (_resident() - before) / size
    return f"{by_hash:.2f}", f"{opened:.1f}", f"{resident:,.0f}"


def _times(index: VectorIndex, exact: ExactIndex, queries: NDArray[np.int8], repeats: int) -> _Times:
    picture, page = queries[:_REGIONS], queries[: _REGIONS * _PAGE_IMAGES]
    vectors = exact.descriptors
    assert vectors is not None  # noqa: S101 written above
    few = max(3, repeats // 4)

    def alone(clock: Callable[[], float]) -> float:
        return timed(lambda: index.nearest(picture, _NEIGHBOURS), repeats=repeats, clock=clock).median

    def together(clock: Callable[[], float]) -> float:
        return timed(lambda: index.nearest(page, _NEIGHBOURS), repeats=few, clock=clock).median / _PAGE_IMAGES

    clock = time.process_time
    with _one_core():
        one_core = alone(clock), together(clock)
        in_full = timed(lambda: exact.nearest(picture, _NEIGHBOURS), repeats=few, clock=clock).median
        packed = numkong.dots_pack(queries[:_BARE_QUERIES])
        bare = timed(lambda: numkong.dots_packed(vectors, packed), repeats=few, clock=clock).median
    peer = timed(lambda: _by_numpy(vectors, picture), repeats=3, clock=clock).median
    return _Times(*one_core, alone(time.perf_counter), together(time.perf_counter), in_full, bare, peer)


def _row(times: _Times, size: int) -> list[str]:
    numbers = (
        times.one_core, times.one_core_together, times.all_cores, times.all_cores_together,
        _TARGETS.get(size, float("nan")), times.in_full, times.bare, times.peer,
    )  # fmt: skip
    return [f"{number:.2f}" for number in numbers]


def _found(index: VectorIndex, exact: VectorIndex, queries: NDArray[np.int8]) -> _Found:
    """How often the exact answer's first photo comes first, where it stands out and everywhere; how many of all."""
    standing_out, first, found = [], [], []
    for start in range(0, len(queries), _REGIONS * _PAGE_IMAGES):
        some = queries[start : start + _REGIONS * _PAGE_IMAGES]
        ours, theirs = index.nearest(some, _NEIGHBOURS), exact.nearest(some, _NEIGHBOURS)
        background = theirs.similarities[:, 4:].mean(axis=1)
        is_first = ours.photo_ids[:, 0] == theirs.photo_ids[:, 0]
        first += is_first.tolist()
        standing_out += is_first[theirs.similarities[:, 0] - background > _STANDS_OUT].tolist()
        found += [len(set(a) & set(b)) for a, b in zip(ours.photo_ids.tolist(), theirs.photo_ids.tolist(), strict=True)]
    return _Found(float(np.mean(standing_out)), float(np.mean(first)), float(np.mean(found)) / _NEIGHBOURS)


@contextmanager
def _one_core() -> Iterator[None]:
    """Where the system can tell a program which cores to use."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _by_numpy(vectors: NDArray[np.int8], queries: NDArray[np.int8]) -> None:
    """What one would write first: a float32 product in blocks, and the largest of each."""
    asked = queries.astype(np.float32)
    for start in range(0, len(vectors), 1 << 16):
        scores = asked @ vectors[start : start + (1 << 16)].astype(np.float32).T
        np.argpartition(scores, -min(_NEIGHBOURS, scores.shape[1]), axis=1)


def _resident() -> int:
    """Bytes of this process's memory that are in use now, mapped files among them."""
    return int(psutil.Process().memory_info().rss)


def _draw(lines: list[tuple[int, _Times]], path: Path) -> None:
    sizes = [size for size, _ in lines]
    figure, axes = plt.subplots(figsize=(7, 4.5))
    for name, values in (
        ("ours", [times.one_core for _, times in lines]),
        ("ours, of 8 at once", [times.one_core_together for _, times in lines]),
        ("every descriptor in full", [times.in_full for _, times in lines]),
        ("numpy, float32", [times.peer for _, times in lines]),
    ):
        axes.loglog(sizes, values, "o-", label=name)
    axes.loglog(list(_TARGETS), list(_TARGETS.values()), "k_", markersize=14, label="to reach")
    axes.set_xlabel("photos in the index")
    axes.set_ylabel(f"processor's ms for a picture's {_REGIONS} regions")
    axes.grid(visible=True, which="both", alpha=0.2)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _quantised(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    return np.rint(INT8_UNIT * vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.int8)
