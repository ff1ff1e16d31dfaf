"""Describing in bulk on one and two workers of this machine, beside a bare loop over as many sandboxed engines."""

import statistics
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from isthisme.benchmark.footprint import family_processor_seconds
from isthisme.benchmark.table import Comparison
from isthisme.bulk.cluster import Cluster, open_cluster
from isthisme.bulk.describing import name_model
from isthisme.bulk.ingesting import Ingest, Outcome
from isthisme.bulk.shelf import Generation
from isthisme.config import PACKAGED_MODEL
from isthisme.domain import PhotoDescription
from isthisme.errors import IsThisMeError
from isthisme.evaluation.scenes import encoded, scene
from isthisme.workers import Priority, WorkerEngine, WorkerPool

_WORKERS = (1, 2)
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class _Run:
    photos: int
    seconds: float
    processor_seconds: float  # of this process and all below it, sandboxes that were replaced meanwhile among them

    @property
    def rate(self) -> float:
        return self.photos / self.seconds

    @property
    def processor_ms(self) -> float:
        return 1_000 * self.processor_seconds / self.photos


def bulk(count: int, console: Console) -> None:
    """Prints photos a second, the processor's time for each, and what the second worker brings.

    The photos are small and many: with few units the last one to end would be measured.
    """
    runs: dict[tuple[str, int], list[_Run]] = {}
    scenes = [encoded(scene(seed, 640, 480), quality=90) for seed in range(20)]
    with tempfile.TemporaryDirectory() as home, ExitStack() as open_things:
        photos = Path(home) / "photos"
        photos.mkdir()
        for number in range(count):  # no two of the same content: those would not be described
            (photos / f"{number:06}.jpg").write_bytes(scenes[number % len(scenes)] + b"%d" % number)
        clusters = {each: open_things.enter_context(_warm_cluster(each)) for each in _WORKERS}
        engines = {each: open_things.enter_context(_warm_engine(each)) for each in _WORKERS}
        for number in range(_ROUNDS):
            for workers in _WORKERS:
                shelf = Path(home) / f"shelf-{workers}-{number}"
                runs.setdefault(("ours", workers), []).append(_ingested(photos, shelf, *clusters[workers]))
                runs.setdefault(("bare", workers), []).append(_bare(photos, engines[workers], 2 * workers))
    title = f"{count} photos of 640 x 480 onto a shelf"
    rates = Comparison(f"{title}", "photos/s", more_is_better=True)
    costs = Comparison(f"Processor's time, {title}", "ms a photo", more_is_better=False)
    for workers in _WORKERS:
        what, peer = f"workers: {workers}", "a bare loop over the sandboxed engine, nothing kept"
        ours, bare = (_medians(runs[name, workers]) for name in ("ours", "bare"))
        rates.add(what, ours[0], peer, bare[0])
        costs.add(what, ours[1], peer, bare[1])
    rates.print(console)
    costs.print(console)
    for name, words in (("ours", "ours"), ("bare", "the bare loop")):
        pairs = zip(runs[name, 1], runs[name, 2], strict=True)
        gained = statistics.median(two.rate / one.rate / 2 for one, two in pairs)
        console.print(f"(two workers against twice one, {words}: {gained:.2f} of the photos a second)", highlight=False)


def _medians(runs: Sequence[_Run]) -> tuple[float, float]:
    return statistics.median(run.rate for run in runs), statistics.median(run.processor_ms for run in runs)


@contextmanager
def _warm_cluster(workers: int) -> Iterator[tuple[Cluster, str | None]]:
    """Workers that have their models loaded, and the model's name."""
    with open_cluster("local", PACKAGED_MODEL, workers=workers) as cluster:
        found = [model for _, model in cluster.each(name_model, range(8 * workers))]
        for model in found:
            if isinstance(model, IsThisMeError):
                raise model
        yield cluster, next(model for model in found if not isinstance(model, IsThisMeError))


@contextmanager
def _warm_engine(workers: int) -> Iterator[WorkerEngine]:
    with closing(WorkerPool(PACKAGED_MODEL, workers)) as pool:
        engine = WorkerEngine(pool, Priority.INDEXING)
        for _ in range(8 * workers):
            engine.model()
        yield engine


def _ingested(photos: Path, shelf: Path, cluster: Cluster, model: str | None) -> _Run:
    outcome = Outcome()
    with _watch() as measured:
        Ingest(cluster, Generation(str(shelf), "bench", 1, model), outcome).run([str(photos)])
    return measured(outcome.described)


def _bare(photos: Path, engine: WorkerEngine, most_under_way: int) -> _Run:
    under_way: deque[Future[PhotoDescription]] = deque()
    with _watch() as measured:
        paths = sorted(photos.iterdir())
        for path in paths:
            under_way.append(engine.begin_describing(path.read_bytes()))
            if len(under_way) > most_under_way:
                under_way.popleft().result()
        for begun in under_way:
            begun.result()
    return measured(len(paths))


@contextmanager
def _watch() -> Iterator[Callable[[int], _Run]]:
    began, used = time.perf_counter(), family_processor_seconds()
    yield lambda photos: _Run(photos, time.perf_counter() - began, family_processor_seconds() - used)
