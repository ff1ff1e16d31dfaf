"""Scanning web archives: pictures a second with one and two workers, and where the processor's time goes."""

import io
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from isthisme.benchmark.footprint import family_processor_seconds
from isthisme.benchmark.table import timed
from isthisme.bulk.archive_files import ArchiveFile, find_archives
from isthisme.bulk.archive_pictures import PageTitles, pictures_of
from isthisme.bulk.archive_run import ArchiveTask, Scanned, scan_archives
from isthisme.bulk.cluster import Cluster, open_cluster
from isthisme.bulk.describing import name_model
from isthisme.bulk.findings import FindingsFolder
from isthisme.bulk.watched import Watched, WatchedPhoto
from isthisme.config import PACKAGED_MODEL
from isthisme.domain import Judgement, QueryDescription, ReferencePhoto, ReferencePreview
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.evaluation.scenes import encoded, scene
from isthisme.index.base import HashNeighbours, Neighbours, VectorIndex
from isthisme.index.segment import Columns
from isthisme.index.sketched import sketches_of
from isthisme.matcher import Describer, Matcher, propose
from isthisme.scanning.found import FoundPicture
from isthisme.workers import WorkerEngine

_COPIES = 8  # photos of owners, copies of which lie in the archives
_ARCHIVES = 16  # many and small: with few of them the last one to end would be measured
_WORKERS = (1, 2)
_ROUNDS = 3
_LENGTH = 512


@dataclass(frozen=True, slots=True)
class Crowd:
    """A few photos among many that are made up, watched by whoever opens it."""

    photos: int

    @contextmanager
    def open(self, engine: WorkerEngine) -> Iterator[Watched]:
        photos = _Photos(self.photos)
        yield Watched(Matcher(engine, photos, photos), photos.of, deep=False)


class _Photos:
    def __init__(self, count: int) -> None:
        engine = Engine(Models.packaged())
        described = [engine.describe_photo(encoded(scene(seed, 1200, 900), quality=90)) for seed in range(_COPIES)]
        vectors = _alike(engine, count)
        vectors[:_COPIES] = np.stack([each.descriptor for each in described if each.descriptor is not None])
        hashes = np.random.default_rng(1).integers(0, 2**63, count, np.uint64)
        hashes[:_COPIES] = [each.hashes[0] for each in described]
        self._index = Columns(np.arange(1, count + 1), hashes, vectors, sketches_of(vectors)).index(1)
        self._previews = {
            number: ReferencePhoto(each.preview, each.width, each.height) for number, each in enumerate(described, 1)
        }

    def previews(self, photo_ids: Sequence[int]) -> dict[int, ReferencePhoto]:
        return {each: self._previews[each] for each in photo_ids if each in self._previews}

    def photo_with_content(self, sha256: bytes) -> int | None:
        return None

    def index(self) -> VectorIndex | None:
        return self._index

    def of(self, photo_id: int) -> list[WatchedPhoto]:
        return [WatchedPhoto("ana", f"{photo_id}.jpg", photo_id)]


def archives(pictures: int, photos: int, console: Console) -> None:
    """Prints what a scan of so many pictures takes, looking for so many photos."""
    with tempfile.TemporaryDirectory() as folder:
        _write_archives(Path(folder) / "warm", pictures, 10_000)
        for number in range(_ROUNDS):
            _write_archives(Path(folder) / f"crawl-{number}", pictures, 20_000 * (number + 1))
        _print_shares(Path(folder) / "crawl-0", photos, console)
        _print_rates(Path(folder), photos, console)
    _print_owners(console)


def _write_archives(folder: Path, pictures: int, seed: int) -> None:
    """Each picture another, for what a process has seen it does not look at again; one in fifty is a copy."""
    folder.mkdir()
    for archive in range(_ARCHIVES):
        with (folder / f"{archive}.warc.gz").open("wb") as stream:
            writer = WARCWriter(stream, gzip=True)
            for number in range(max(1, pictures // _ARCHIVES)):
                seed += 1
                is_copy = seed % 50 == 25
                data = encoded(scene(seed % _COPIES if is_copy else seed, 640, 480), quality=70 + seed % 20)
                headers = StatusAndHeaders("200 OK", [("Content-Type", "image/jpeg")], protocol="HTTP/1.1")
                target = f"https://a.example/{archive}/{number}.jpg"
                writer.write_record(
                    writer.create_warc_record(target, "response", payload=io.BytesIO(data), http_headers=headers)
                )


@dataclass(frozen=True, slots=True)
class _Run:
    rate: float  # pictures a second
    processor_ms: float  # of all processes, a picture


def _print_rates(folder: Path, photos: int, console: Console) -> None:
    """Rounds in which each number of workers has its turn: what others do on the machine meets both."""
    runs: dict[int, list[_Run]] = {each: [] for each in _WORKERS}
    with ExitStack() as open_things:
        clusters = {
            each: open_things.enter_context(open_cluster("local", PACKAGED_MODEL, workers=each)) for each in _WORKERS
        }
        for workers, cluster in clusters.items():
            assert list(cluster.each(name_model, range(8 * workers)))  # noqa: S101 it is there
            warm = _found(folder / "warm")[: 4 * workers]
            _scan(cluster, warm, photos, folder / f"warm-{workers}")  # each process opens what is looked for
        for number in range(_ROUNDS):
            for workers, cluster in clusters.items():
                began, spent = time.perf_counter(), family_processor_seconds()
                found = _scan(cluster, _found(folder / f"crawl-{number}"), photos, folder / f"{workers}-{number}")
                seconds, used = time.perf_counter() - began, family_processor_seconds() - spent
                runs[workers].append(_Run(found / seconds, 1000 * used / found))
    table = Table(
        "workers", "pictures/s", "CPU ms a picture",
        title=f"{found:,} pictures in {_ARCHIVES} archives, for {photos:,} photos, medians of {_ROUNDS} rounds",
    )  # fmt: skip
    for workers, each in runs.items():
        rate = statistics.median(run.rate for run in each)
        table.add_row(str(workers), f"{rate:.1f}", f"{statistics.median(run.processor_ms for run in each):.0f}")
    console.print(table)
    gained = statistics.median(two.rate / one.rate / 2 for one, two in zip(runs[1], runs[2], strict=True))
    console.print(f"(two workers against twice one: {gained:.2f} of the pictures a second)", highlight=False)


def _scan(cluster: Cluster, found: Sequence[ArchiveFile], photos: int, findings: Path) -> int:
    """How many pictures there were."""
    kept = FindingsFolder(str(findings))
    task = ArchiveTask(kept.url, Crowd(photos), "bench")  # the same photos each time: a process opens them once
    results = scan_archives(found, task, kept, cluster.each)
    return sum(each.checkpoint.pictures for each in results if isinstance(each, Scanned))


def _found(folder: Path) -> list[ArchiveFile]:
    return [each for each in find_archives([str(folder)]) if isinstance(each, ArchiveFile)]


@dataclass(slots=True)
class _Clock:
    """Seconds of processor time, in one thread."""

    spent: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def running(self, what: str) -> Iterator[None]:
        began = time.thread_time()
        yield
        self.spent[what] = self.spent.get(what, 0.0) + time.thread_time() - began


class _TimedEngine:
    def __init__(self, engine: Describer, clock: _Clock) -> None:
        self._engine = engine
        self._clock = clock

    def describe_query(self, data: bytes, *, deep: bool) -> QueryDescription:
        with self._clock.running("description"):
            return self._engine.describe_query(data, deep=deep)

    def verify(self, data: bytes, references: Sequence[ReferencePreview], *, deep: bool) -> Judgement:
        with self._clock.running("verification"):
            return self._engine.verify(data, references, deep=deep)


class _TimedIndex:
    def __init__(self, index: VectorIndex, clock: _Clock) -> None:
        self._index = index
        self._clock = clock
        self.generation = index.generation

    def __len__(self) -> int:
        return len(self._index)

    def index(self) -> VectorIndex:
        return self

    def nearest(self, descriptors: NDArray[np.int8], count: int) -> Neighbours:
        with self._clock.running("search"):
            return self._index.nearest(descriptors, count)

    def nearest_by_hash(self, hashes: NDArray[np.uint64], count: int) -> HashNeighbours:
        with self._clock.running("search"):
            return self._index.nearest_by_hash(hashes, count)


def _print_shares(crawl: Path, photos: int, console: Console) -> None:
    """Some archives in one thread of this process, without sandbox and cluster, after one that is not counted."""
    clock, watching = _Clock(), _Photos(photos)
    index = watching.index()
    assert index is not None  # noqa: S101 it has photos
    matcher = Matcher(_TimedEngine(Engine(Models.packaged()), clock), watching, _TimedIndex(index, clock))
    watched = Watched(matcher, watching.of, deep=False)
    found = _found(crawl)
    for archive, counted in ((found[-1], _Clock()), *((each, clock) for each in found[:4])):
        pictures = pictures_of(archive, PageTitles())
        if counted is not clock:
            for each in pictures:
                watched.judge(cast(FoundPicture, each).data)
            clock.spent.clear()
            continue
        while True:
            with clock.running("reading"):
                picture = next(pictures, None)
            if picture is None:
                break
            watched.judge(cast(FoundPicture, picture).data)
            clock.spent["pictures"] = clock.spent.get("pictures", 0) + 1
    count = clock.spent.pop("pictures")
    total = sum(clock.spent.values())
    table = Table("step", "CPU ms a picture", "share", title="One thread, without sandbox and cluster")
    for what in ("reading", "description", "search", "verification"):
        spent = clock.spent.get(what, 0.0)
        table.add_row(what, f"{1000 * spent / count:.2f}", f"{spent / total:.0%}")
    table.add_row("all", f"{1000 * total / count:.1f}", "")
    console.print(table)


def _print_owners(console: Console) -> None:
    """The search for owners of 1,000 photos each: all together, or one after the other."""
    query = Engine(Models.packaged()).describe_query(encoded(scene(99_999, 640, 480)), deep=False)
    table = Table(
        "owners", "together, ms", "each by itself, ms", title="Candidates of one picture, 1,000 photos an owner"
    )
    for owners in (1, 10, 100):
        vectors = _unit_vectors(1_000 * owners)
        hashes = np.zeros(len(vectors), np.uint64)
        ids = np.arange(1, len(vectors) + 1)
        together = Columns(ids, hashes, vectors, sketches_of(vectors)).index(1)
        each = [
            Columns(ids[start : start + 1_000], hashes[start : start + 1_000], vectors[start : start + 1_000]).index(1)
            for start in range(0, len(vectors), 1_000)
        ]
        once = timed(lambda together=together: propose(query, together, deep=False), repeats=9)  # type: ignore[misc]
        alone = timed(lambda each=each: [propose(query, one, deep=False) for one in each], repeats=9)  # type: ignore[misc]
        table.add_row(f"{owners:,}", f"{once.median:.2f}", f"{alone.median:.2f}")
    console.print(table)


def _alike(engine: Engine, count: int) -> NDArray[np.int8]:
    """(N, 512), each near a described part of a picture: as many are candidates as among photos, not as among noise."""
    described = [engine.describe_query(encoded(scene(seed, 640, 480)), deep=False) for seed in range(20_000, 20_100)]
    parts = np.concatenate([each.descriptors for each in described if each.descriptors is not None])
    random = np.random.default_rng(3)
    made = np.empty((count, _LENGTH), np.int8)
    for start in range(0, count, 10_000):
        noise = random.normal(size=(min(10_000, count - start), _LENGTH)).astype(np.float32)
        noise *= 60 / np.linalg.norm(noise, axis=1, keepdims=True)
        vectors = parts[random.integers(0, len(parts), len(noise))] + noise
        made[start : start + len(noise)] = np.rint(127 * vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    return made


def _unit_vectors(count: int) -> NDArray[np.int8]:
    random = np.random.default_rng(7)
    made = np.empty((count, _LENGTH), np.int8)
    for start in range(0, count, 10_000):
        vectors = random.normal(size=(min(10_000, count - start), _LENGTH)).astype(np.float32)
        made[start : start + len(vectors)] = np.rint(127 * vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    return made
