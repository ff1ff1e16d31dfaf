"""The daemon's thread that keeps the index: everything that happens in the folders ends right, and soon."""

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from isthisme.benchmark.rescan import NoDescriber
from isthisme.catalog import Catalog
from isthisme.domain import PhotoDescription
from isthisme.errors import DiskFull
from isthisme.indexing.indexer import Indexer, Outcome
from isthisme.server.index_keeper import IndexKeeper
from isthisme.server.sleep_watch import SleepWatch
from tests.companion import wait_until


class _NothingToDo(Indexer):
    def __init__(self) -> None:
        pass

    def refresh(self) -> Outcome:
        return Outcome()


def test_verdicts_past_their_time_go_while_the_daemon_runs(tmp_path: Path) -> None:
    with closing(Catalog(tmp_path / "catalog.db", verdict_days=0)) as catalog:

        def kept() -> int:
            return len(catalog._connection.rows("select 1 from verdicts"))

        def make_indexer(_stop: threading.Event, _rest: Callable[[float], bool]) -> Indexer:
            return _NothingToDo()

        with closing(IndexKeeper(catalog, make_indexer, tmp_path / "lock", watches=False)) as keeper:
            keeper.start()
            catalog.verdicts.remember("http://a/", catalog.generations.mark(), "{}")
            keeper.refresh()
            wait_until(lambda: kept() == 0, "the verdict is gone")


class _Waits(Indexer):
    """Waits for ever, as on battery, until something else comes first."""

    def __init__(self, rest: Callable[[float], bool], runs: list[str]) -> None:
        self._rest_of_keeper = rest
        self._runs = runs

    def refresh(self) -> Outcome:
        self._runs.append("refresh")
        if len(self._runs) > 1:
            return Outcome()
        while not self._rest_of_keeper(60.0):
            pass
        return Outcome(was_interrupted=True)


def test_a_run_that_waits_makes_way_for_what_changed_meanwhile(tmp_path: Path) -> None:
    runs: list[str] = []
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:

        def make_indexer(_stop: threading.Event, rest: Callable[[float], bool]) -> Indexer:
            return _Waits(rest, runs)

        with closing(IndexKeeper(catalog, make_indexer, tmp_path / "lock", watches=False)) as keeper:
            keeper.start()
            wait_until(lambda: runs == ["refresh"], "the first run waits")
            keeper.refresh()
            wait_until(lambda: runs == ["refresh", "refresh"], "the second run looked at what changed")


def test_a_run_that_makes_way_for_a_new_photo_is_taken_up_again(tmp_path: Path) -> None:
    runs: list[str] = []

    class WaitsAndLooks(_Waits):
        def look_at(self, paths: Sequence[bytes], moves: Sequence[tuple[bytes, bytes]] = ()) -> Outcome:
            runs.append("look")
            return Outcome()

    folder = tmp_path.resolve() / "photos"
    folder.mkdir()
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:
        catalog.folders.add(folder)

        def make_indexer(_stop: threading.Event, rest: Callable[[float], bool]) -> Indexer:
            return WaitsAndLooks(rest, runs)

        with closing(IndexKeeper(catalog, make_indexer, tmp_path / "lock", watches=True)) as keeper:
            keeper.start()
            wait_until(lambda: runs == ["refresh"], "the run waits")
            (folder / "new.jpg").write_bytes(b"new")
            wait_until(lambda: "refresh" in runs[1:], "the run is taken up again")
            assert runs[1] == "look", "the new photo first"


@pytest.mark.parametrize("asked", ["refresh", "rebuild"])
def test_what_failed_is_done_later_without_being_asked_for_again(tmp_path: Path, asked: str) -> None:
    """Nobody tells a second time what changed in the folders while the disk was full."""
    runs: list[str] = []

    class FailsTwice(_NothingToDo):
        def refresh(self) -> Outcome:
            return self._run("refresh")

        def rebuild(self) -> Outcome:
            return self._run("rebuild")

        def _run(self, what: str) -> Outcome:
            runs.append(what)
            if 1 < len(runs) < 4:
                raise DiskFull("no space is left")
            return Outcome()

    with closing(Catalog(tmp_path / "catalog.db")) as catalog:

        def make_indexer(_stop: threading.Event, _rest: Callable[[float], bool]) -> Indexer:
            return FailsTwice()

        made = IndexKeeper(catalog, make_indexer, tmp_path / "lock", watches=False, again_seconds=0.01)
        with closing(made) as keeper:
            keeper.start()
            wait_until(lambda: runs == ["refresh"] and not keeper.is_behind, "all was looked through at the start")
            getattr(keeper, asked)()
            wait_until(lambda: runs == ["refresh", asked, asked, asked], "it was done when there was space")
            wait_until(lambda: keeper.problems() == [], "nothing is wrong any more")


def test_a_fault_beside_the_work_does_not_end_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    runs: list[str] = []

    class Counts(_NothingToDo):
        def refresh(self) -> Outcome:
            runs.append("refresh")
            return Outcome()

    with (
        closing(Catalog(tmp_path / "catalog.db")) as catalog,
        closing(IndexKeeper(catalog, lambda *_: Counts(), tmp_path / "lock", watches=False)) as keeper,
    ):
        keeper.start()
        wait_until(lambda: runs and not keeper.is_behind, "all was looked through at the start")
        catalog._connection.run("insert into facts (name, value) values ('excluded', 'no JSON')")
        for number in (2, 3):
            keeper.refresh()
            wait_until(lambda: len(runs) == number, "the folders are looked through all the same")  # noqa: B023
    assert sum("cannot be followed" in message for message in caplog.messages) == 1


def test_it_is_behind_until_what_made_way_is_done_too(tmp_path: Path) -> None:
    between: list[bool] = []

    class MakesWayOnce(_NothingToDo):
        def refresh(self) -> Outcome:
            return Outcome(was_interrupted=len(between) == 1)

    with closing(Catalog(tmp_path / "catalog.db")) as catalog:

        def make_indexer(_stop: threading.Event, _rest: Callable[[float], bool]) -> Indexer:
            between.append(keeper.is_behind)
            return MakesWayOnce()

        with closing(IndexKeeper(catalog, make_indexer, tmp_path / "lock", watches=False)) as keeper:
            assert keeper.is_behind, "nobody looked yet"
            keeper.start()
            wait_until(lambda: not keeper.is_behind, "all is done")
            assert between == [True, True]


def test_a_run_that_waits_ends_when_the_daemon_does(tmp_path: Path) -> None:
    runs: list[str] = []
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:

        def make_indexer(_stop: threading.Event, rest: Callable[[float], bool]) -> Indexer:
            return _Waits(rest, runs)

        with closing(IndexKeeper(catalog, make_indexer, tmp_path / "lock", watches=False)) as keeper:
            keeper.start()
            wait_until(lambda: runs == ["refresh"], "the run waits")
    assert runs == ["refresh"]


class _SleepsOnce(SleepWatch):
    """Says that the computer slept, once that is asked for."""

    is_asleep = False

    def has_slept(self) -> bool:
        said, self.is_asleep = self.is_asleep, False
        return said


@pytest.mark.parametrize("waits", [False, True])
def test_after_sleep_the_folders_are_looked_through(tmp_path: Path, waits: bool) -> None:
    runs: list[str] = []
    watch = _SleepsOnce()
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:

        def make_indexer(_stop: threading.Event, rest: Callable[[float], bool]) -> Indexer:
            if waits:
                return _Waits(rest, runs)
            runs.append("refresh")
            return _NothingToDo()

        with closing(
            IndexKeeper(catalog, make_indexer, tmp_path / "lock", watches=False, sleep_watch=watch, glance_seconds=0.01)
        ) as keeper:
            keeper.start()
            wait_until(lambda: runs == ["refresh"], "the first run")
            watch.is_asleep = True
            wait_until(lambda: runs == ["refresh", "refresh"], "the run after sleep")


class _CountingDescriber(NoDescriber):
    def __init__(self) -> None:
        self.described = 0

    def begin_describing(self, data: bytes) -> "Future[PhotoDescription]":
        self.described += 1
        return super().begin_describing(data)


@dataclass
class Kept:
    """A folder that a keeper watches."""

    catalog: Catalog
    folder: Path
    lock: Path
    describer: _CountingDescriber = field(default_factory=_CountingDescriber)
    full_looks: int = 0

    def make_indexer(self, stop: threading.Event, rest: Callable[[float], bool]) -> Indexer:
        kept = self

        class Counting(Indexer):
            def refresh(self) -> Outcome:
                outcome = super().refresh()
                kept.full_looks += 1
                return outcome

        return Counting(self.catalog, self.describer, model=None, under_way=4, stop=stop, rest=rest)

    def holds(self) -> dict[str, bytes]:
        """Each known place below the folder, with the content it is known for."""
        found = {}
        for place in self.catalog.photos.places_below(os.fsencode(self.folder)):
            content = self.catalog.photos.content_at(place.path)
            name = os.fsdecode(place.path).removeprefix(f"{self.folder}/")
            found[name] = b"" if content is None else content.content_hash
        return found

    def wait_for(self, files: dict[str, bytes]) -> None:
        """Until the catalog holds these files and no others, and nothing but their photos beside them."""
        wanted = {name: hashlib.sha256(data).digest() for name, data in files.items()}
        wait_until(lambda: self.holds() == wanted, f"{len(files)} files are known: {sorted(files)[:9]}")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    folder = tmp_path.resolve() / "photos"
    (folder / "album").mkdir(parents=True)
    (folder / "album" / "old.jpg").write_bytes(b"old")
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:
        catalog.folders.add(folder)
        made = Kept(catalog, folder, tmp_path / "lock")
        with closing(IndexKeeper(catalog, made.make_indexer, made.lock, watches=True)) as keeper:
            keeper.start()
            wait_until(lambda: made.full_looks == 1, "all is looked through at the start")
            yield made


def test_a_new_photo_is_found_by_looking_at_it_alone(kept: Kept) -> None:
    (kept.folder / "album" / "new.jpg").write_bytes(b"new")
    kept.wait_for({"album/old.jpg": b"old", "album/new.jpg": b"new"})
    assert kept.full_looks == 1


def test_an_editor_that_saves_by_rename(kept: Kept) -> None:
    for content in (b"first", b"second"):
        (kept.folder / "album" / ".old.jpg.tmp").write_bytes(content)
        (kept.folder / "album" / ".old.jpg.tmp").replace(kept.folder / "album" / "old.jpg")
        kept.wait_for({"album/old.jpg": content})


def test_an_editor_that_keeps_the_former_file(kept: Kept) -> None:
    (kept.folder / "album" / "old.jpg").rename(kept.folder / "album" / "old.jpg~")
    (kept.folder / "album" / "old.jpg").write_bytes(b"edited")
    kept.wait_for({"album/old.jpg": b"edited"})
    assert kept.catalog.photos.count() == 2, "what it was before stays known"


def test_a_file_that_arrives_in_pieces_is_one_photo_in_the_end(kept: Kept) -> None:
    pieces = [b"\xff\xd8 first", b", second", b", and third"]
    path = kept.folder / "sync.jpg"
    for number in range(len(pieces)):
        with path.open("ab") as stream:
            stream.write(pieces[number])
        if number == 0:  # the sync stalls, and what there is is taken for the photo
            kept.wait_for({"album/old.jpg": b"old", "sync.jpg": pieces[0]})
    kept.wait_for({"album/old.jpg": b"old", "sync.jpg": b"".join(pieces)})
    assert kept.catalog.photos.count() == 2


def test_a_folder_that_is_renamed_is_not_read_again(kept: Kept) -> None:
    (kept.folder / "album").rename(kept.folder / "renamed")
    kept.wait_for({"renamed/old.jpg": b"old"})
    (kept.folder / "deep").mkdir()
    (kept.folder / "renamed").rename(kept.folder / "deep" / "er")
    kept.wait_for({"deep/er/old.jpg": b"old"})
    assert kept.catalog.photos.path_of(1) == kept.folder / "deep" / "er" / "old.jpg"
    assert kept.describer.described == 1
    assert kept.full_looks == 1


def test_a_folder_that_is_moved_in_and_out(kept: Kept, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "deep" / "1.jpg").write_bytes(b"one")
    (outside / "2.jpg").write_bytes(b"two")
    outside.rename(kept.folder / "inside")
    kept.wait_for({"album/old.jpg": b"old", "inside/deep/1.jpg": b"one", "inside/2.jpg": b"two"})
    (kept.folder / "inside").rename(outside)
    kept.wait_for({"album/old.jpg": b"old"})
    assert kept.catalog.photos.count() == 3, "what is gone stays known"
    assert kept.full_looks == 1


def test_a_file_that_becomes_a_folder(kept: Kept) -> None:
    (kept.folder / "album" / "old.jpg").unlink()
    (kept.folder / "album" / "old.jpg").mkdir()
    (kept.folder / "album" / "old.jpg" / "in.jpg").write_bytes(b"in")
    kept.wait_for({"album/old.jpg/in.jpg": b"in"})
    shutil.rmtree(kept.folder / "album" / "old.jpg")
    (kept.folder / "album" / "old.jpg").write_bytes(b"again")
    kept.wait_for({"album/old.jpg": b"again"})


def test_a_deleted_folder_leaves_its_photos_known(kept: Kept) -> None:
    shutil.rmtree(kept.folder / "album")
    kept.wait_for({})
    assert kept.catalog.photos.count() == 1


def test_thousands_of_files_at_once(kept: Kept) -> None:
    files = {f"many/{number:05}.jpg": b"%d" % number for number in range(6_000)}
    (kept.folder / "many").mkdir()
    for name, data in files.items():
        (kept.folder / name).write_bytes(data)
    kept.wait_for({"album/old.jpg": b"old", **files})
    assert kept.catalog.photos.count() == 6_001


def test_a_drive_that_comes_back_is_noticed_and_watched(kept: Kept, tmp_path: Path) -> None:
    shutil.copytree(kept.folder, tmp_path / "drive")
    (tmp_path / "drive" / "meanwhile.jpg").write_bytes(b"meanwhile")
    kept.folder.rename(tmp_path / "unplugged")
    (tmp_path / "drive").rename(kept.folder)  # another folder by the same name
    kept.wait_for({"album/old.jpg": b"old", "meanwhile.jpg": b"meanwhile"})
    (kept.folder / "new.jpg").write_bytes(b"new")
    kept.wait_for({"album/old.jpg": b"old", "meanwhile.jpg": b"meanwhile", "new.jpg": b"new"})
    assert kept.describer.described == 3


def test_what_the_command_line_excludes_is_followed(kept: Kept) -> None:
    kept.catalog.excluded.exclude("album/")
    kept.wait_for({})
    assert kept.catalog.photos.count() == 0
