"""An index on a server beside the embedded one, in one run: how fast photos go in, and how long a question takes.

The server is Milvus' own embedded form, in a process of its own on loopback. What it takes says what the client and the
protocol cost and how that form scales; of a real server it says nothing.
"""

import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import batched
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from isthisme.benchmark.search import likeness
from isthisme.benchmark.table import Timing, timed
from isthisme.catalog import Catalog
from isthisme.domain import PhotoDescription
from isthisme.index.base import VectorIndex
from isthisme.index.milvus import MilvusIndex
from isthisme.index.milvus_address import MilvusAddress
from isthisme.index.milvus_photos import Kind, MilvusPhotos, Part
from isthisme.index.milvus_server import MilvusServer, Patience
from isthisme.index.segment import Columns, map_segment, write_segment
from isthisme.index_files import IndexFiles

_REGIONS, _PAGE_IMAGES, _HASHES, _NEIGHBOURS = 11, 8, 8, 15
_ENTERED = 20_000  # photos at the most that are taken into a catalog to see how fast that is
_SENT_AT_ONCE = 10_000
_PATIENT = Patience(question=600, change=600, attempt=600, after_failure=0)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one engine took for one size."""

    rate: float  # photos a second, until they are kept
    first_seconds: float  # of the first question: the size, and one picture
    alone: Timing  # a picture by itself
    together: Timing  # eight pictures in one question
    hashes: Timing
    megabytes: float | None  # of the engine's process; None for what is mapped into ours


def measure(sizes: Sequence[int], seconds: float, console: Console, *, repeats: int) -> None:
    """Prints the table. The server is left out where filling and asking it would take longer than `seconds`."""
    table = Table(
        "photos", "index", "in, /s", "first, s", "alone, ms", "p95", "of 8, ms", "p95", "hashes", "MB",
        title=f"Photos taken in a second, the first question, a picture of {_REGIONS} regions alone, one of "
        f"{_PAGE_IMAGES} asked at once, {_HASHES} hashes (ms), and the engine's memory",
    )  # fmt: skip
    known: dict[Kind, tuple[int, Taken]] = {}
    for size in sorted(sizes):
        columns = _columns(size)
        _add(table, size, "embedded", _embedded(columns, repeats))
        for kind in (Kind.FLAT, Kind.HNSW):
            expected = _expected_seconds(known.get(kind), size, repeats)
            if expected > seconds:
                words = f"milvus-lite, {kind}, {size:,} photos: left out, for it would take some {expected:,.0f} s"
                console.print(f"({words}; --served-seconds allows it)", highlight=False)
                continue
            taken = _served(columns, kind, repeats)
            known[kind] = size, taken
            _add(table, size, f"lite, {kind}", taken)
    console.print(table)


def _columns(size: int) -> Columns:
    random = np.random.default_rng(size)
    hashes = random.integers(0, 2**64, size, dtype=np.uint64)
    return Columns(np.arange(1, size + 1), hashes, likeness(None).made(size, random))


def _expected_seconds(known: tuple[int, Taken] | None, size: int, repeats: int) -> float:
    """From a smaller size: all of it grows with the number of photos."""
    if known is None:
        return 0.0
    before, taken = known
    asked = taken.first_seconds + (repeats + 1) * (taken.alone.median + taken.together.median) / 1000
    return size / taken.rate + asked * size / before


def _embedded(columns: Columns, repeats: int) -> Taken:
    with tempfile.TemporaryDirectory() as folder:
        rate = _entered(columns.rows(slice(0, _ENTERED)), Path(folder))
        segment = Path(folder) / "all.segment"
        write_segment(segment, [columns])
        return _asked(map_segment(segment).index(1), rate, repeats, lambda: None)


def _entered(columns: Columns, folder: Path) -> float:
    """Photos a second into a catalog and the files beside it, all of it durable."""
    if columns.descriptors is None:
        raise ValueError("nothing is measured without descriptors")
    with closing(Catalog(folder / "catalog.db")) as catalog:
        generation = catalog.generations.start_first("model")
        started = time.perf_counter()
        rows = zip(columns.photo_ids.tolist(), columns.hashes, columns.descriptors, strict=True)
        for some in batched(rows, 1000):
            with catalog.transaction():
                for number, hash_, descriptor in some:
                    described = PhotoDescription("model", 9, 9, np.array([hash_], np.uint64), descriptor, b"preview")
                    photo_id = catalog.photos.add(b"%d" % number, described, b"/%d.jpg" % number)
                    catalog.generations.add(generation, photo_id, described)
        IndexFiles(catalog, folder / "index").settle()
        return len(columns) / (time.perf_counter() - started)


def _served(columns: Columns, kind: Kind, repeats: int) -> Taken:
    with _engine() as (server, megabytes):
        photos = MilvusPhotos(server, kind=kind)
        started = time.perf_counter()
        for start in range(0, len(columns), _SENT_AT_ONCE):
            some = columns.rows(slice(start, start + _SENT_AT_ONCE))
            names = [str(each) for each in some.photo_ids.tolist()]
            photos.upsert("bench", 1, some.photo_ids, some.hashes, some.descriptors, names, positions=some.photo_ids)
        photos.purge()  # what it has in memory alone it searches many times slower
        rate = len(columns) / (time.perf_counter() - started)
        return _asked(MilvusIndex(photos, Part("bench", 1)), rate, repeats, megabytes)


def _asked(index: VectorIndex, rate: float, repeats: int, megabytes: Callable[[], float | None]) -> Taken:
    random = np.random.default_rng(1)
    pictures: NDArray[np.int8] = likeness(None).made(_REGIONS * _PAGE_IMAGES, random)
    hashes = random.integers(0, 2**64, _HASHES, dtype=np.uint64)
    started = time.perf_counter()
    len(index)
    index.nearest(pictures[:_REGIONS], _NEIGHBOURS)
    first = time.perf_counter() - started
    alone = timed(lambda: index.nearest(pictures[:_REGIONS], _NEIGHBOURS), repeats=repeats)
    together = timed(lambda: index.nearest(pictures, _NEIGHBOURS), repeats=repeats)
    by_hash = timed(lambda: index.nearest_by_hash(hashes, _NEIGHBOURS), repeats=repeats)
    return Taken(rate, first, alone, together, by_hash, megabytes())


def _add(table: Table, size: int, name: str, taken: Taken) -> None:
    held = "" if taken.megabytes is None else f"{taken.megabytes:,.0f}"
    together, late = taken.together.median / _PAGE_IMAGES, taken.together.p95 / _PAGE_IMAGES
    table.add_row(
        f"{size:,}", name, f"{taken.rate:,.0f}", f"{taken.first_seconds:.2f}",
        f"{taken.alone.median:,.1f}", f"{taken.alone.p95:,.1f}", f"{together:,.1f}", f"{late:,.1f}",
        f"{taken.hashes.median:,.1f}", held,
    )  # fmt: skip


@contextmanager
def _engine() -> Iterator[tuple[MilvusServer, Callable[[], float]]]:
    """A server in a process of its own, and what tells its memory (MB)."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        process = context.Process(target=_serve, args=(folder, theirs), daemon=True)
        process.start()
        theirs.close()
        server = MilvusServer(MilvusAddress("127.0.0.1", ours.recv(), is_encrypted=False), patience=_PATIENT)
        try:
            yield server, lambda: psutil.Process(process.pid).memory_info().rss / 1e6
        finally:
            server.close()
            process.kill()
            process.join()


def _serve(folder: str, told: Connection) -> None:
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    logging.disable(logging.CRITICAL)
    listener, _, port = start_server_in_thread(folder)
    told.send(port)
    listener.wait_for_termination()
