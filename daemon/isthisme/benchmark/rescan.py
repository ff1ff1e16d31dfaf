"""How long a look through folders takes in which nothing has changed, and what memory the indexer needs meanwhile."""

import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from itertools import count
from pathlib import Path

import numpy as np

from isthisme.benchmark.table import Comparison, Timing, timed
from isthisme.catalog import Catalog
from isthisme.domain import PhotoDescription
from isthisme.indexing.exclusions import Exclusions
from isthisme.indexing.indexer import Indexer, Outcome
from isthisme.indexing.photo_files import Scan
from isthisme.server.index_keeper import IndexKeeper


class NoDescriber:
    """Describes every file alike, in no time: what is left is the indexer's own work."""

    def begin_describing(self, data: bytes) -> "Future[PhotoDescription]":
        begun: Future[PhotoDescription] = Future()
        begun.set_result(PhotoDescription(None, 4000, 3000, np.zeros(1, np.uint64), None, data))
        return begun


def rescan(files: int, repeats: int) -> Comparison:
    """The peer is the bare loop that lists every folder and asks for each file's state, and compares nothing."""
    table = Comparison(f"Looking through {files:,} files in which nothing changed, warm", "ms", more_is_better=False)
    for name, folder_size in (("folders of 500", 500), ("one folder", files)):
        with tempfile.TemporaryDirectory() as home, closing(Catalog(Path(home) / "catalog.db")) as catalog:
            photos = Path(home) / "photos"
            _write_files(photos, files, folder_size)
            catalog.folders.add(photos)
            _put_all(catalog, os.fsencode(photos.resolve()))
            unchanged = _indexer(catalog).refresh().unchanged
            if unchanged != files:
                sys.exit(f"of {files:,} files {unchanged:,} were unchanged")
            ours = timed(lambda catalog=catalog: _indexer(catalog).refresh(), repeats=repeats)  # type: ignore[misc]
            bare = timed(lambda photos=photos: sum(1 for _ in _states(os.fsencode(photos))), repeats=repeats)  # type: ignore[misc]
            saved = _saved_to_indexed(catalog, photos, Path(home) / "lock", repeats)
        table.add(name, ours.median, "scandir and stat alone", bare.median)
        table.add(f"{name}: a new photo, saved to indexed", saved.median, "looking through all of them", ours.median)
    return table


def peak_megabytes() -> float:
    """The most memory that this process has held until now. Linux."""
    if sys.platform != "linux":
        return 0.0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """`python -m isthisme.benchmark.rescan FOLDER FILES`: memory while so many files are indexed and looked through."""
    home, files = Path(sys.argv[1]), int(sys.argv[2])
    print(f"start: {peak_megabytes():.0f} MB")  # noqa: T201
    _write_files(home / "photos", files, 1000)
    with closing(Catalog(home / "catalog.db")) as catalog:
        catalog.folders.add(home / "photos")
        for step in ("first", "no change"):
            outcome = _indexer(catalog).refresh()
            done = outcome.added + outcome.unchanged
            print(f"{step}: {done:,} files, {outcome.seconds:.1f} s, {peak_megabytes():.0f} MB")  # noqa: T201


def _saved_to_indexed(catalog: Catalog, photos: Path, lock: Path, repeats: int) -> Timing:
    """With the daemon's keeper and the system's events; describing, which takes some 50 ms more, is left out."""
    indexed = threading.Condition()

    def make_indexer(stop: threading.Event, _rest: Callable[[float], bool]) -> Indexer:
        class Telling(Indexer):
            def look_at(self, paths: Sequence[bytes], moves: Sequence[tuple[bytes, bytes]] = ()) -> Outcome:
                outcome = super().look_at(paths, moves)
                with indexed:
                    indexed.notify()
                return outcome

            def refresh(self) -> Outcome:
                outcome = super().refresh()
                with indexed:
                    indexed.notify()
                return outcome

        return Telling(catalog, NoDescriber(), model=None, under_way=4, stop=stop)

    numbers = count(1)

    def save() -> None:
        number = next(numbers)
        (photos / f"new {number}.jpg").write_bytes(b"new %d" % number)
        indexed.wait(60)

    keeper = IndexKeeper(catalog, make_indexer, lock, watches=True)
    with indexed, closing(keeper):
        keeper.start()
        indexed.wait(60)
        return timed(save, repeats=repeats)


def _write_files(folder: Path, files: int, folder_size: int) -> None:
    for number in range(files):
        album = folder / f"album {number // folder_size:05}"
        if number % folder_size == 0:
            album.mkdir(parents=True)
        (album / f"IMG_{number:07}.JPG").write_bytes(b"%d" % number)


def _put_all(catalog: Catalog, folder: bytes) -> None:
    """As the indexer leaves the catalog, but in one transaction."""
    generation = catalog.generations.start_first(None)
    (root,) = catalog.folders.roots()
    describer = NoDescriber()
    with catalog.transaction():
        for file in Scan(root.folder_id, folder, folder, Exclusions([])).files():
            description = describer.begin_describing(file.path).result()
            photo_id = catalog.photos.add(file.path, description, file.path)
            catalog.generations.add(generation, photo_id, description)
            catalog.photos.put_at(file.path, file.folder_id, file.state, photo_id)


def _indexer(catalog: Catalog) -> Indexer:
    return Indexer(catalog, NoDescriber(), model=None, under_way=4)


def _states(folder: bytes) -> Iterator[tuple[int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _states(entry.path)
            else:
                status = entry.stat()
                yield status.st_size, status.st_mtime_ns


if __name__ == "__main__":
    main()
