"""An index on a server beside the embedded one, in one run: how fast photos go in, and how long a question takes.

The server is Milvus' own embedded form, in a process of its own on loopback, asked by the client that a real one is
asked by. What it takes says what that client and the protocol cost and how that form scales; of a real server it says
nothing. All photos but the last 20,000, which are sent and timed, are laid before it as the files that it writes
itself; and it has made its indexes before it is asked.
"""

import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import batched
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from isthisme.benchmark.engine_files import lay_photos
from isthisme.benchmark.footprint import family_processor_seconds
from isthisme.benchmark.search import likeness
from isthisme.benchmark.table import Timing, timed
from isthisme.catalog import Catalog
from isthisme.domain import PhotoDescription
from isthisme.index.base import VectorIndex
from isthisme.index.milvus import MilvusIndex
from isthisme.index.milvus_address import MilvusAddress
from isthisme.index.milvus_photos import DESCRIPTORS, HASHES, Kind, MilvusPhotos, Part, signs_of_hashes
from isthisme.index.milvus_server import MilvusServer, Patience
from isthisme.index.segment import Columns, map_segment, write_segment
from isthisme.index_files import IndexFiles

_REGIONS, _PAGE_IMAGES, _HASHES, _NEIGHBOURS = 11, 8, 8, 15
_ENTERED = 20_000  # photos at the most that are taken into a catalog or sent, to see how fast that is
_MADE_AT_ONCE = 50_000
_PATIENT = Patience(question=900, change=900, attempt=900, after_failure=0)
_NAME, _PART = "bench", Part("bench", 1)
_ASKED_SHARE = 20  # of the time for one size, what each kind of question gets


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how long things are timed."""

    repeats: int
    seconds: float  # for one size and one kind of index

    def timed(self, work: Callable[[], object]) -> Timing:
        return timed(work, repeats=self.repeats, seconds=self.seconds / _ASKED_SHARE)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one engine took for one size."""

    rate: float  # photos a second, until they are kept
    ready_seconds: float  # until what lies there is opened
    first_seconds: float  # of the first question: the size, and one picture
    alone: Timing  # a picture by itself
    alone_processor_ms: float  # of all processes: whatever else keeps the machine busy
    together: Timing  # eight pictures in one question
    hashes: Timing
    megabytes: float | None  # of the engine's process; None for what is mapped into ours

    def expected_seconds(self, size: int, of: int, pace: Pace) -> float:
        """For `of` photos rather than `size`: all of it grows with their number."""
        growth, asked = of / size, 0.0
        for each in (self.alone, self.together, self.hashes):
            once = growth * each.median / 1000
            asked += max(4 * once, min((pace.repeats + 1) * once, pace.seconds / _ASKED_SHARE))
        return _ENTERED / self.rate + growth * (self.ready_seconds + self.first_seconds) + asked


def measure(
    sizes: Sequence[int], seconds: float, console: Console, *, repeats: int, kinds: Sequence[Kind] = (Kind.FLAT,)
) -> None:
    """Prints the table. The server is left out where it would take longer than `seconds` for a size."""
    pace = Pace(repeats, seconds)
    table = Table(
        "photos", "index", "in, /s", "opened, s", "first, s",
        "alone, ms", "p95", "CPU ms", "of 8, ms", "hashes", "asked", "MB",
        title=f"Photos taken in a second, opening, the first question, a picture of {_REGIONS} regions alone, one of "
        f"{_PAGE_IMAGES} asked at once, {_HASHES} hashes (ms), how often each was asked, and the engine's memory",
    )  # fmt: skip
    known: dict[Kind, tuple[int, Taken]] = {}
    for size in sorted(sizes):
        columns = _columns(size)
        _add(table, size, "embedded", _embedded(columns, pace), console)
        for kind in kinds:
            if kind in known:
                before, taken = known[kind]
                expected = taken.expected_seconds(before, size, pace)
                if expected > seconds:
                    words = f"milvus-lite, {kind}, {size:,} photos: left out, for it would take some {expected:,.0f} s"
                    console.print(f"({words}; --served-seconds allows it)", highlight=False)
                    continue
            taken = _served(columns, kind, pace)
            known[kind] = size, taken
            _add(table, size, f"lite, {kind}", taken, console)
    console.print(table)


def _columns(size: int) -> Columns:
    random, like = np.random.default_rng(size), likeness(None)
    hashes = random.integers(0, 2**64, size, dtype=np.uint64)
    descriptors = [like.made(min(_MADE_AT_ONCE, size - at), random) for at in range(0, size, _MADE_AT_ONCE)]
    return Columns(np.arange(1, size + 1), hashes, np.concatenate(descriptors))


def _embedded(columns: Columns, pace: Pace) -> Taken:
    with tempfile.TemporaryDirectory() as folder:
        rate = _entered(columns.rows(slice(0, _ENTERED)), Path(folder))
        segment = Path(folder) / "all.segment"
        write_segment(segment, [columns])
        started = time.perf_counter()
        index = map_segment(segment).index(1)
        return _asked(index, rate, time.perf_counter() - started, pace, lambda: None)


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


def _served(columns: Columns, kind: Kind, pace: Pace) -> Taken:
    laid = columns.rows(slice(0, max(0, len(columns) - _ENTERED)))
    sent = columns.rows(slice(len(laid), None))
    with tempfile.TemporaryDirectory() as folder:
        with _engine(folder) as (server, _):
            MilvusPhotos(server, kind=kind, name=_NAME).count(_PART)  # its collections are made
        for what, vectors in ((DESCRIPTORS, laid.descriptors), (HASHES, signs_of_hashes(laid.hashes))):
            if vectors is not None:
                lay_photos(Path(folder), f"{_NAME}_{what}", _NAME, 1, laid.photo_ids, vectors)
        with _engine(folder) as (server, megabytes):
            started = time.perf_counter()
            _each(server, _load)
            ready = time.perf_counter() - started
            photos = MilvusPhotos(server, kind=kind, name=_NAME)
            names = [str(each) for each in sent.photo_ids.tolist()]
            started = time.perf_counter()
            photos.upsert(_NAME, 1, sent.photo_ids, sent.hashes, sent.descriptors, names, positions=sent.photo_ids)
            photos.purge()  # what it has in memory alone it searches many times slower
            rate = len(sent) / (time.perf_counter() - started)
            if kind is not Kind.FLAT:  # else it may be making a graph of the last photos while it is asked
                _each(server, _release)
                _each(server, _load)
            return _asked(MilvusIndex(photos, _PART), rate, ready, pace, megabytes)


def _each(server: MilvusServer, change: Callable[[str, Any, float], None]) -> None:
    for what in (DESCRIPTORS, HASHES):
        server.change(partial(change, f"{_NAME}_{what}"))


def _load(name: str, client: Any, seconds: float) -> None:
    client.load_collection(name, timeout=seconds)


def _release(name: str, client: Any, seconds: float) -> None:
    client.release_collection(name, timeout=seconds)


def _asked(index: VectorIndex, rate: float, ready: float, pace: Pace, megabytes: Callable[[], float | None]) -> Taken:
    random = np.random.default_rng(1)
    pictures: NDArray[np.int8] = likeness(None).made(_REGIONS * _PAGE_IMAGES, random)
    hashes = random.integers(0, 2**64, _HASHES, dtype=np.uint64)
    started = time.perf_counter()
    len(index)
    index.nearest(pictures[:_REGIONS], _NEIGHBOURS)
    first = time.perf_counter() - started
    used = family_processor_seconds()
    alone = pace.timed(lambda: index.nearest(pictures[:_REGIONS], _NEIGHBOURS))
    used = 1000 * (family_processor_seconds() - used) / (1 + len(alone.runs))
    together = pace.timed(lambda: index.nearest(pictures, _NEIGHBOURS))
    by_hash = pace.timed(lambda: index.nearest_by_hash(hashes, _NEIGHBOURS))
    return Taken(rate, ready, first, alone, used, together, by_hash, megabytes())


def _add(table: Table, size: int, name: str, taken: Taken, console: Console) -> None:
    """Each row is told as soon as it is known, too: what takes half an hour may be ended before its end."""
    held = "" if taken.megabytes is None else f"{taken.megabytes:,.0f}"
    often = "/".join(str(len(each.runs)) for each in (taken.alone, taken.together, taken.hashes))
    cells = (
        f"{size:,}", name, f"{taken.rate:,.0f}", f"{taken.ready_seconds:.2f}", f"{taken.first_seconds:.2f}",
        f"{taken.alone.median:,.1f}", f"{taken.alone.p95:,.1f}", f"{taken.alone_processor_ms:,.0f}",
        f"{taken.together.median / _PAGE_IMAGES:,.1f}", f"{taken.hashes.median:,.1f}", often, held,
    )  # fmt: skip
    table.add_row(*cells)
    load = f"; load of the machine {os.getloadavg()[0]:.1f}" if sys.platform != "win32" else ""
    console.print(f"({' | '.join(each for each in cells if each)}{load})", highlight=False)


@contextmanager
def _engine(folder: str) -> Iterator[tuple[MilvusServer, Callable[[], float]]]:
    """A server in a process of its own, and what tells its memory (MB)."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
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
