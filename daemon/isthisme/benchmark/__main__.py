"""`scripts/bench`: prints how fast the parts are on this machine, each beside its peer."""

import argparse
import io
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console

from isthisme.benchmark import search
from isthisme.benchmark.encrypted_home import encrypted_home
from isthisme.benchmark.indexing import Peers, heic_photo, large_photos, many_photos
from isthisme.benchmark.rescan import rescan
from isthisme.benchmark.table import Comparison, timed
from isthisme.benchmark.visits import visits
from isthisme.catalog import Catalog
from isthisme.domain import Answer
from isthisme.engine.decode import decode
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.evaluation.copies import COMBINATIONS, KINDS, make_copy
from isthisme.evaluation.folders import WORK_SIDE
from isthisme.evaluation.scenes import encoded, scene
from isthisme.index.base import VectorIndex
from isthisme.index.exact import ExactIndex
from isthisme.index.joined import JoinedIndex
from isthisme.index_files import IndexFiles
from isthisme.installation.launcher import launcher_text
from isthisme.live_index import LiveIndex
from isthisme.matcher import Matcher
from isthisme.scale_extra import scale_extra

_LENGTH = 512
_EXTENSION = Path(__file__).parents[3] / "extension"
_PARTS = ("host", "search", "rescan", "indexing", "pages", "encryption", "visits", "bulk", "archives")
_ON_REQUEST = ("milvus",)  # takes many minutes, and no pictures


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--photos", type=Path, help="a folder of photos; without it pictures are made")
    parser.add_argument("--limit", type=int, default=100, help="at most so many of them (default 100)")
    parser.add_argument("--repeats", type=int, default=20, help="how often short things are timed (default 20)")
    parser.add_argument("--only", choices=(*_PARTS, *_ON_REQUEST), nargs="+", default=_PARTS, help="only these")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000], help="photos in the index searched")
    parser.add_argument("--served-seconds", type=float, default=600, help="for one size of milvus (default 600)")
    parser.add_argument("--served-kinds", nargs="+", default=["flat"], help="of its index: flat, hnsw, ivf_flat")
    parser.add_argument("--plot", type=Path, help="where the search's time against the index's size is drawn (PNG)")
    parser.add_argument("--visits", type=int, default=50, help="visits of a browser to pages (default 50)")
    parser.add_argument("--plot-visits", type=Path, help="where the times of the visits are drawn (PNG)")
    parser.add_argument("--large", type=int, default=60, help="photos of 12 megapixels that are indexed (default 60)")
    parser.add_argument("--many", type=int, default=2000, help="small photos that are indexed (default 2000)")
    parser.add_argument("--pictures", type=int, default=160, help="in the archives that are scanned (default 160)")
    parser.add_argument("--immaculate", type=Path, help="a Python interpreter that has immaculate[sscd], to compare")
    parser.add_argument("--imagededup", type=Path, help="a Python interpreter that has imagededup, to compare")
    given = parser.parse_args(words)
    console = Console()
    cores = os.cpu_count()
    console.print(f"{platform.platform()}, {cores} cores, Python {platform.python_version()}; medians", highlight=False)
    files = [] if set(given.only) <= set(_ON_REQUEST) else _files(given.photos, given.limit)
    if "host" in given.only:
        _host(given.repeats).print(console)
    if "search" in given.only:
        _search(given, files, console)
    if "rescan" in given.only:
        rescan(100_000, repeats=5).print(console)
    if "indexing" in given.only:
        _indexing(given, files, console)
    if "pages" in given.only:
        _page_images(files, console).print(console)
    if "encryption" in given.only:
        encrypted_home(max(given.sizes), given.many, console, repeats=max(3, given.repeats // 4))
    _at_scale(given, files, console)
    if "visits" in given.only:
        own, others = files[: len(files) // 2], files[len(files) // 2 :]
        visits(own, others, _descriptors(own), given.visits, _EXTENSION, console, given.plot_visits)


def _at_scale(given: argparse.Namespace, files: list[bytes], console: Console) -> None:
    """What needs the packages for many machines."""
    if "bulk" in given.only:
        with scale_extra():
            from isthisme.benchmark.bulk import bulk
        bulk(6 * given.limit, console)
    if "archives" in given.only:
        with scale_extra():
            from isthisme.benchmark.archives import archives
        archives(given.pictures, max(given.sizes), console)
    if "milvus" in given.only:
        with scale_extra():
            from isthisme.benchmark import served
            from isthisme.index.milvus_photos import Kind
        kinds = [Kind(each) for each in given.served_kinds]
        served.measure(given.sizes, given.served_seconds, console, repeats=given.repeats, kinds=kinds)


def _search(given: argparse.Namespace, files: list[bytes], console: Console) -> None:
    real = _descriptors(files) if given.photos is not None else None
    edited = _descriptors(_edited(files)) if given.photos is not None else None
    search.measure(given.sizes, real, edited, console, repeats=given.repeats, plot=given.plot)


def _indexing(given: argparse.Namespace, files: list[bytes], console: Console) -> None:
    if given.large:
        for table in large_photos(files, given.large, Peers(given.immaculate, given.imagededup), console):
            table.print(console)
    heic_photo(files[0]).print(console)
    if given.many:
        many_photos(given.many, console)


def _files(folder: Path | None, limit: int) -> list[bytes]:
    if folder is None:
        return [encoded(scene(seed, 1600, 1200), quality=90) for seed in range(limit)]
    endings = {".jpg", ".jpeg", ".png", ".webp", ".heic"}
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in endings)[:limit]
    if not paths:
        sys.exit(f"{folder} holds no pictures")
    return [path.read_bytes() for path in paths]


def _host(repeats: int) -> Comparison:
    """From the start of the host to its first answer, with a caller that it refuses: no daemon is needed."""
    table = Comparison("Native host, start to first answer", "ms", more_is_better=False)
    with tempfile.TemporaryDirectory() as folder:
        launcher = Path(folder) / "native-host"
        launcher.write_text(launcher_text(Path(folder)))
        launcher.chmod(0o700)

        def start(*command: str) -> None:
            subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603 ours

        ours = timed(lambda: start(str(launcher), "somebody else"), repeats=repeats)
        bare = timed(lambda: start(sys.executable, "-I", "-S", "-c", "pass"), repeats=repeats)
        heavy = timed(lambda: start(sys.executable, "-I", "-c", "import asyncio"), repeats=repeats)
    table.add("host", ours.median, "bare Python, the floor", bare.median)
    table.add("host", ours.median, "a host that imports asyncio", heavy.median)
    return table


def _descriptors(files: list[bytes]) -> NDArray[np.int8]:
    """(N, 512) of all regions of the pictures: what an index and its queries are like."""
    engine = Engine(Models.packaged())
    described = [engine.describe_query(data, deep=False).descriptors for data in files]
    return np.concatenate([each for each in described if each is not None])


def _edited(files: list[bytes]) -> list[bytes]:
    """A copy of each picture, edited in one kind of way after the other."""
    pictures = [decode(data, target_side=WORK_SIDE).pixels for data in files]
    kinds = (*KINDS, *COMBINATIONS)
    return [
        make_copy(pixels, number, kinds[number % len(kinds)], pictures, seed=1).data
        for number, pixels in enumerate(pictures)
    ]


def _unit_vectors(random: np.random.Generator, count: int) -> NDArray[np.int8]:
    vectors = random.normal(size=(count, _LENGTH)).astype(np.float32)
    return np.rint(127 * vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.int8)


@contextmanager
def _catalog(folder: Path) -> Iterator[Catalog]:
    with closing(Catalog(folder / "catalog.db")) as catalog:
        yield catalog


def _page_images(files: list[bytes], console: Console) -> Comparison:
    """From bytes to verdict in this one process, with the photos among 10,000 others."""
    table = Comparison("A page image, bytes to verdict, one core, 10,000 photos indexed", "ms", more_is_better=False)
    engine = Engine(Models.packaged())
    half = len(files) // 2
    with tempfile.TemporaryDirectory() as folder, _catalog(Path(folder)) as catalog:
        generation = catalog.generations.start_first(engine.model)
        for number, data in enumerate(files[:half]):
            description = engine.describe_photo(data)
            photo_id = catalog.photos.add(b"%d" % number, description, b"/%d.jpg" % number)
            catalog.generations.add(generation, photo_id, description)
        fillers = _unit_vectors(np.random.default_rng(2), 10_000)
        ids = np.arange(10**6, 10**6 + len(fillers))
        live = LiveIndex(catalog, lambda: engine.model, IndexFiles(catalog, Path(folder) / "index"))
        index = live.index()
        if index is None:
            sys.exit("give at least two photos")
        matcher = Matcher(
            engine,
            catalog.photos,
            _Fixed(JoinedIndex(1, [index, ExactIndex(1, ids, np.zeros(len(ids), np.uint64), fillers)])),
        )
        strangers, copies = (
            [_as_on_a_page(data) for data in files[half:]],
            [_as_on_a_page(each) for each in files[:half]],
        )
        quiet = [matcher.answer(data) for data in strangers]
        found = [matcher.answer(data) for data in copies]
    peer = timed(lambda: imagehash.phash(Image.open(io.BytesIO(strangers[0]))), repeats=20).median
    table.add("matches nothing, median", _median(quiet), "pHash by imagehash", peer)
    table.add("matches nothing, p95", _p95(quiet), "pHash by imagehash", peer)
    table.add("a copy, median", _median(found), "pHash by imagehash", peer)
    table.add("a copy, p95", _p95(found), "pHash by imagehash", peer)
    hits = sum(answer.judgement.verdict.is_match for answer in found)
    alarms = sum(answer.judgement.verdict.is_match for answer in quiet)
    console.print(
        f"(of {len(found)} shrunk copies {hits} were found; of {len(quiet)} strangers {alarms} raised an alarm)"
    )
    return table


class _Fixed:
    def __init__(self, index: VectorIndex) -> None:
        self._index = index

    def index(self) -> VectorIndex:
        return self._index


def _as_on_a_page(data: bytes) -> bytes:
    """Shrunk and recompressed, as sites do."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    picture.thumbnail((700, 700))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _median(answers: list[Answer]) -> float:
    return float(np.median([answer.elapsed_ms for answer in answers]))


def _p95(answers: list[Answer]) -> float:
    return float(np.percentile([answer.elapsed_ms for answer in answers], 95))


if __name__ == "__main__":
    main()
