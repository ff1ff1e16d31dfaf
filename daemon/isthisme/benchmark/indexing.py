"""Indexing whole folders, all stages durable: how fast, how busy the cores are, what memory it takes; and the peers."""

import io
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import imagehash
import numpy as np
import pillow_heif
from PIL import Image
from rich.console import Console

from isthisme.benchmark.footprint import memory_megabytes, processor_seconds
from isthisme.benchmark.large_photos import write_large_photos
from isthisme.benchmark.table import Comparison, timed
from isthisme.catalog import Catalog
from isthisme.catalog.facts import Progress
from isthisme.engine.decode import decode, decode_photo
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import PREVIEW_SIDE
from isthisme.evaluation.other_python import OtherPython
from isthisme.evaluation.scenes import encoded, scene
from isthisme.indexing.indexer import Indexer
from isthisme.workers import Priority, WorkerEngine, WorkerPool

_CORES = os.cpu_count() or 1
_REPEATS = 3  # of ours and of each peer, in turn


@dataclass(frozen=True, slots=True)
class Peers:
    """Interpreters that have the peers' packages; None leaves a peer out."""

    immaculate: Path | None
    imagededup: Path | None


@dataclass(slots=True)
class Run:
    """One look through a folder, ours or a peer's."""

    seconds: float = 0.0
    processor_seconds: float | None = None  # of all cores; tells, too, where other programs keep the machine busy
    memory: list[float] = field(default_factory=list)  # MB of all processes, from the first photo to the last


def large_photos(sources: Sequence[bytes], count: int, peers: Peers, console: Console) -> list[Comparison]:
    """JPEGs of 12 megapixels, ours and the peers in turn: photos a second, and the processor's time for each."""
    title = f"{count} JPEGs of 12 megapixels, {_CORES} cores"
    rates = Comparison(f"Indexing {title}", "photos/s", more_is_better=True)
    costs = Comparison(f"Processor's time, {title}", "ms a photo", more_is_better=False)
    with tempfile.TemporaryDirectory() as home, ExitStack() as open_peers:
        photos = Path(home) / "photos"
        photos.mkdir()
        _aside(write_large_photos, photos, sources, count)
        looks: dict[str, Callable[[], Run]] = {"ours": lambda: indexed(photos)}
        looks |= _others(peers, photos, open_peers, console)
        rounds = [{name: look() for name, look in looks.items()} for _ in range(_REPEATS)]
    what = "decode, hash, describe, preview, store"
    for name in list(looks)[1:]:
        pairs = [(each["ours"], each[name]) for each in rounds]
        ours, theirs = (statistics.median(count / run.seconds for run in runs) for runs in zip(*pairs, strict=True))
        rates.add(what, ours, name, theirs)
        spent = [(a.processor_seconds, b.processor_seconds) for a, b in pairs]
        if all(a is not None and b is not None for a, b in spent):
            mine, others = (1000 * statistics.median(each) / count for each in zip(*spent, strict=True))
            costs.add(what, mine, name, others)
    _say(rounds[-1]["ours"], console)
    return [rates, costs]


def heic_photo(source: bytes) -> Comparison:
    """One that carries a smaller copy of itself, read as the user's own photo is and as a page's picture is."""
    table = Comparison("A HEIC of 12 megapixels with a copy of 800 px inside, one core", "ms", more_is_better=False)
    data = _aside(_heic, source)
    ours = timed(lambda: decode_photo(data, target_side=PREVIEW_SIDE), repeats=5).median
    full = timed(lambda: decode(data, target_side=PREVIEW_SIDE), repeats=3).median
    table.add("decode to 640 px", ours, "full decode", full)
    return table


def _heic(source: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write_large_photos(Path(folder), [source], 1)
        (photo,) = Path(folder).iterdir()
        buffer = io.BytesIO()
        with Image.open(photo) as image:
            pillow_heif.from_pillow(image).save(buffer, quality=50, thumbnails=[800])
    return buffer.getvalue()


def _aside[**P, T](work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """What `work` gives, done by a process of its own: its memory is not to be counted as the indexer's."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(work, *args, **options).result()


def many_photos(count: int, console: Console) -> None:
    """Prints what memory thousands of small pictures take, from the first to the last."""
    with tempfile.TemporaryDirectory() as home:
        photos = Path(home) / "photos"
        photos.mkdir()
        for seed in range(count):
            (photos / f"{seed:06}.jpg").write_bytes(encoded(scene(seed, 240, 180)))
        run = indexed(photos)
    console.print(f"{count:,} small pictures: {count / run.seconds:.0f} photos/s", highlight=False)
    _say(run, console)


def indexed(photos: Path) -> Run:
    """Looks through `photos` with a new catalog and warm workers; they stay as they are from run to run."""
    run = Run()
    with (
        tempfile.TemporaryDirectory() as home,
        closing(Catalog(Path(home) / "catalog.db")) as catalog,
        closing(WorkerPool("packaged", _CORES)) as pool,
    ):
        engine = WorkerEngine(pool, Priority.INDEXING)
        some = next(photos.iterdir()).read_bytes()
        for begun in [engine.begin_describing(some) for _ in range(4 * _CORES)]:
            begun.result()
        everybody = [os.getpid(), *pool.process_ids]

        def note(_progress: Progress) -> None:
            held = memory_megabytes(everybody)
            if held is not None:
                run.memory.append(held)

        catalog.folders.add(photos)
        indexer = Indexer(catalog, engine, model=engine.model(), under_way=2 * pool.count + 2, report=note)
        used, started = processor_seconds(everybody), time.perf_counter()
        indexer.refresh()
        run.seconds, used_then = time.perf_counter() - started, processor_seconds(everybody)
        if used is not None and used_then is not None:
            run.processor_seconds = used_then - used
    return run


def _say(run: Run, console: Console) -> None:
    if run.processor_seconds is not None:
        busy = run.processor_seconds / run.seconds / _CORES
        console.print(f"(share of all cores' time spent on it: {busy:.0%})", highlight=False)
    if run.memory:
        first, middle, last = run.memory[0], run.memory[len(run.memory) // 2], run.memory[-1]
        words = f"first {first:.0f}, middle {middle:.0f}, last {last:.0f}, most {max(run.memory):.0f}"
        console.print(f"(MB of all processes together: {words})", highlight=False)


def _others(peers: Peers, photos: Path, open_peers: ExitStack, console: Console) -> dict[str, Callable[[], Run]]:
    """Each peer's name, and what looks through the folder as it does."""
    others: dict[str, Callable[[], Run]] = {}
    for name, python, program, method in (
        ("immaculate, SSCD small", peers.immaculate, "immaculate_folder.py", "sscd_distilled"),
        ("imagededup, PHash", peers.imagededup, "imagededup_folder.py", "PHash"),
    ):
        if python is None:
            console.print(f"{name}: left out, for no interpreter was named that has the package", highlight=False)
        else:
            others[name] = _asker(open_peers.enter_context(OtherPython(python, program)), photos, method)
    paths = sorted(photos.iterdir())
    bare = open_peers.enter_context(ProcessPoolExecutor(_CORES, get_context("spawn"), initializer=_load_model))
    list(bare.map(_bare, paths[: 4 * _CORES]))
    others[f"bare loop on {_CORES} processes: decode, hash, describe"] = lambda: _bare_run(bare, paths)
    return others


def _asker(program: OtherPython, photos: Path, method: str) -> Callable[[], Run]:
    """What runs the program on `photos`, after a first question about a few of them that is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(photos.iterdir())[:4]:
            shutil.copy(path, folder)
        program.ask({"folder": folder, "method": method})
    return lambda: Run(**program.ask({"folder": str(photos), "method": method}))


def _bare_run(processes: ProcessPoolExecutor, paths: Sequence[Path]) -> Run:
    started = time.perf_counter()
    spent = sum(processes.map(_bare, paths))
    return Run(time.perf_counter() - started, spent)


_model: Models | None = None  # of a process of the bare loop


def _load_model() -> None:
    global _model
    _model = Models.packaged()


def _bare(path: Path) -> float:
    """What anybody would write: nothing is kept, nothing is checked. The processor's seconds."""
    started = time.process_time()
    with Image.open(path) as image:
        image.draft("RGB", (640, 640))
        pixels = np.asarray(image.convert("RGB"))
        imagehash.phash(image)
    assert _model is not None and _model.small is not None  # noqa: S101, PT018 the initializer ran
    for side in (Models.SMALL_SIDE, Models.PHOTO_SIDE):
        _model.small.describe([pixels], side=side)
    return time.process_time() - started
