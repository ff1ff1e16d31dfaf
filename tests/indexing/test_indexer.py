"""The indexer: in step with the folders, interrupted anywhere and run again."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from isthisme.catalog import Catalog
from isthisme.catalog.facts import Progress
from isthisme.domain import PhotoDescription
from isthisme.errors import Busy, WorkerCrashed
from isthisme.indexing.differences import Comparison
from isthisme.indexing.exclusions import Exclusions
from isthisme.indexing.indexer import Indexer, Outcome
from isthisme.indexing.lock import indexing_lock
from isthisme.workers import Priority, WorkerEngine, WorkerPool
from tests.pictures import drawn, encoded, write_photos


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with closing(WorkerPool("none", 2)) as made:
        yield made


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path / "catalog.db")) as opened:
        yield opened


@pytest.fixture
def photos(tmp_path: Path, catalog: Catalog) -> Path:
    folder = tmp_path / "photos"
    write_photos(folder, range(5))
    catalog.folders.add(folder)
    return folder


def indexer(catalog: Catalog, pool: WorkerPool, **options: object) -> Indexer:
    return Indexer(catalog, WorkerEngine(pool, Priority.INDEXING), model=None, under_way=4, **options)  # type: ignore[arg-type]


def refresh(catalog: Catalog, pool: WorkerPool) -> Outcome:
    return indexer(catalog, pool).refresh()


def contents(catalog: Catalog) -> dict[bytes, tuple[int, bytes | None]]:
    """Every photo of the current generation by its content, with hash and descriptor."""
    generation = catalog.generations.current()
    assert generation is not None
    rows = catalog.generations.descriptions(generation)
    found = {}
    for position, photo_id in enumerate(rows.photo_ids.tolist()):
        preview = catalog.photos.previews([photo_id])[photo_id].preview
        descriptor = None if rows.descriptors is None else rows.descriptors[position].tobytes()
        found[preview] = (int(rows.hashes[position]), descriptor)
    assert len(found) == len(rows.photo_ids)
    return found


def test_photos_are_described_once(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    first = refresh(catalog, pool)
    assert (first.added, first.unchanged, first.unreadable) == (5, 0, [])
    second = refresh(catalog, pool)
    assert (second.added, second.unchanged) == (0, 5)
    assert len(contents(catalog)) == 5


def test_the_same_bytes_at_two_places_are_one_photo(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    shutil.copy(photos / "photo_000.jpg", photos / "again.jpg")
    refresh(catalog, pool)
    assert catalog.photos.count() == 5
    assert sorted(path.name for path in catalog.photos.files_of(1)) == ["again.jpg", "photo_000.jpg"]


def test_a_moved_file_keeps_its_photo(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    refresh(catalog, pool)
    before = contents(catalog)
    (photos / "deep" / "er").mkdir(parents=True)
    (photos / "photo_001.jpg").rename(photos / "deep" / "er" / "moved.jpg")
    outcome = refresh(catalog, pool)
    assert (outcome.added, outcome.gone) == (1, 1)
    assert contents(catalog) == before


def test_a_deleted_file_leaves_its_photo(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    refresh(catalog, pool)
    (photos / "photo_002.jpg").unlink()
    assert refresh(catalog, pool).gone == 1
    assert catalog.photos.count() == 5
    assert indexer(catalog, pool).rebuild().added == 5  # the deleted one from its preview
    assert catalog.generations.undescribed(catalog.generations.current()) == []  # type: ignore[arg-type]


def test_a_renamed_folder_keeps_its_photos_without_decoding_one(
    catalog: Catalog, pool: WorkerPool, photos: Path
) -> None:
    (photos / "album").mkdir()
    (photos / "photo_001.jpg").rename(photos / "album" / "one.jpg")
    refresh(catalog, pool)
    before = contents(catalog)
    (photos / "album").rename(photos / "renamed")
    outcome = Indexer(catalog, _MustNotDescribe(), model=None, under_way=4).refresh()
    assert (outcome.added, outcome.gone, outcome.unreadable) == (1, 1, [])
    assert contents(catalog) == before


class _MustNotDescribe:
    def begin_describing(self, data: bytes) -> "Future[PhotoDescription]":
        raise AssertionError(f"{len(data)} bytes were decoded")


def test_more_differences_than_are_held_are_all_found(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    seen: list[Progress] = []
    first = indexer(catalog, pool, report=seen.append, most_held=3).refresh()
    assert (first.added, first.unchanged, seen[-1].done, seen[-1].total) == (5, 0, 5, 5)
    for number in range(4):
        (photos / f"photo_{number:03}.jpg").unlink()
    write_photos(photos / "new", range(20, 24))
    second = indexer(catalog, pool, most_held=3).refresh()
    assert (second.added, second.unchanged, second.gone) == (4, 1, 4)
    assert len(contents(catalog)) == 9


def test_a_file_that_becomes_a_folder_and_back(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    refresh(catalog, pool)
    (photos / "photo_000.jpg").unlink()
    write_photos(photos / "photo_000.jpg", range(30, 32))
    outcome = refresh(catalog, pool)
    assert (outcome.added, outcome.unchanged, outcome.gone) == (2, 4, 1)
    shutil.rmtree(photos / "photo_000.jpg")
    write_photos(photos, range(1))
    outcome = refresh(catalog, pool)
    assert (outcome.added, outcome.unchanged, outcome.gone) == (1, 4, 2)
    assert catalog.photos.count() == 7


def test_a_file_looked_at_before_it_was_written_to_its_end_leaves_no_half_photo(
    catalog: Catalog, pool: WorkerPool, photos: Path
) -> None:
    whole = encoded(drawn(50))
    piecemeal = photos / "piecemeal.jpg"
    for length in (len(whole) // 2, len(whole) - 500, len(whole)):
        piecemeal.write_bytes(whole[:length])
        refresh(catalog, pool)
        assert catalog.photos.count() == 6, length
    content = catalog.photos.content_at(os.fsencode(piecemeal.resolve()))
    assert content is not None
    assert content.content_hash == hashlib.sha256(whole).digest()


def test_half_a_file_that_lies_elsewhere_too_stays_a_photo(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    whole = encoded(drawn(50))
    for name in ("grows.jpg", "stays.jpg"):
        (photos / name).write_bytes(whole[:-500])
    refresh(catalog, pool)
    (photos / "grows.jpg").write_bytes(whole)
    refresh(catalog, pool)
    assert catalog.photos.count() == 7


def test_a_changed_file_is_described_again(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    refresh(catalog, pool)
    (photos / "photo_003.jpg").write_bytes(encoded(drawn(99)))
    assert refresh(catalog, pool).added == 1
    assert catalog.photos.count() == 6


def test_what_is_excluded_is_taken_out_and_comes_back(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    (photos / "memes").mkdir()
    shutil.copy(photos / "photo_000.jpg", photos / "memes" / "mine too.jpg")
    (photos / "photo_001.jpg").rename(photos / "memes" / "theirs.jpg")
    refresh(catalog, pool)
    mark = catalog.generations.mark()
    catalog.excluded.exclude("memes/")
    outcome = refresh(catalog, pool)
    assert (outcome.gone, outcome.unchanged) == (2, 4)
    assert catalog.photos.count() == 4, "what lies elsewhere too stays"
    assert catalog.generations.mark() != mark
    catalog.excluded.include("memes/")
    assert refresh(catalog, pool).added == 2
    assert catalog.photos.count() == 5


def test_what_is_moved_to_the_trash_counts_as_deleted_and_stays_known(
    catalog: Catalog, pool: WorkerPool, photos: Path
) -> None:
    refresh(catalog, pool)
    lay, lies = photos.resolve() / "photo_001.jpg", photos.resolve() / ".Trash-1000" / "photo_001.jpg"
    lies.parent.mkdir()
    lay.rename(lies)
    moved = (os.fsencode(lay), os.fsencode(lies))
    assert indexer(catalog, pool).look_at(moved, [moved]).gone == 1
    assert catalog.photos.count() == 5
    assert catalog.photos.path_of(2) == lay


def test_icons_are_left_out_and_said_to_be(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    Image.effect_noise((127, 64), 80).save(photos / "icon.png")
    Image.effect_noise((128, 20), 80).save(photos / "strip.png")
    first = refresh(catalog, pool)
    assert (first.added, first.left_out, first.unreadable) == (6, 1, [])
    second = refresh(catalog, pool)
    assert (second.unchanged, second.left_out) == (7, 1)


def test_videos_are_counted_as_skipped(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    (photos / "photo_000.MOV").write_bytes(b"the other half of a Live Photo")
    assert refresh(catalog, pool).skipped_videos == 1
    assert catalog.folders.videos() == 1


def test_an_empty_folder_on_another_device_is_an_unplugged_drive_and_one_on_the_same_is_empty(
    catalog: Catalog, pool: WorkerPool, photos: Path
) -> None:
    refresh(catalog, pool)
    for file in photos.iterdir():
        file.unlink()
    (photos / ".not mounted").touch()
    notes = catalog.folders.notes(1)
    catalog.folders.put_notes(1, replace(notes, device=(notes.device or 0) + 1))
    outcome = refresh(catalog, pool)
    assert (outcome.gone, outcome.absent_folders) == (0, [photos.resolve()])
    assert indexer(catalog, pool).look_at([os.fsencode(photos.resolve() / "photo_000.jpg")]).gone == 0
    catalog.folders.put_notes(1, notes)
    assert refresh(catalog, pool).gone == 5


def test_an_absent_folder_is_not_a_deleted_one(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    refresh(catalog, pool)
    photos.rename(photos.with_name("unplugged"))
    outcome = refresh(catalog, pool)
    assert (outcome.gone, outcome.absent_folders) == (0, [photos.resolve()])
    assert len(list(catalog.photos.places_below(os.fsencode(photos.resolve())))) == 5
    photos.with_name("unplugged").rename(photos)
    assert refresh(catalog, pool).unchanged == 5


@pytest.mark.parametrize("last_file", [1, 3, 5])
def test_a_drive_that_is_torn_out_while_it_is_looked_through_loses_no_place(
    catalog: Catalog, pool: WorkerPool, photos: Path, last_file: int
) -> None:
    refresh(catalog, pool)
    away = photos.with_name("unplugged")

    def tear_out(files: int) -> None:
        if files == last_file - 1:
            photos.rename(away)

    look = Comparison(catalog, Exclusions(()), tear_out)
    assert list(look.everywhere()) == []
    assert (look.absent_folders, look.unreadable_folders, look.notes) == ([photos.resolve()], [], {})


def test_a_drive_that_is_torn_out_during_a_look_is_absent_and_its_files_are_not_at_fault(
    catalog: Catalog, pool: WorkerPool, photos: Path
) -> None:
    """It goes when the second file has been read."""
    away = photos.with_name("unplugged")

    class TearingOut(WorkerEngine):
        begun = 0

        def begin_describing(self, data: bytes) -> "Future[PhotoDescription]":
            self.begun += 1
            if self.begun == 2:
                photos.rename(away)
            return super().begin_describing(data)

    torn = Indexer(catalog, TearingOut(pool, Priority.INDEXING), model=None, under_way=4).refresh()
    assert (torn.added, torn.unreadable, torn.absent_folders) == (2, [], [photos.resolve()])
    away.rename(photos)
    outcome = refresh(catalog, pool)
    assert (outcome.added, outcome.unchanged, outcome.unreadable) == (3, 2, [])


def test_unreadable_files_are_named_and_tried_again_when_they_change(
    catalog: Catalog, pool: WorkerPool, photos: Path
) -> None:
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff this is no picture")
    (photos / "empty.png").write_bytes(b"")
    outcome = refresh(catalog, pool)
    assert outcome.added == 5
    assert [path.name for path, _ in outcome.unreadable] == ["broken.jpg", "empty.png"]
    assert all(why for _, why in outcome.unreadable)
    assert refresh(catalog, pool).added == 0
    (photos / "broken.jpg").write_bytes(encoded(drawn(7)))
    outcome = refresh(catalog, pool)
    assert outcome.added == 1
    assert [path.name for path, _ in outcome.unreadable] == ["empty.png"]


def test_links_in_a_circle_end(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    (photos / "round").symlink_to(photos)
    (photos / "nowhere.jpg").symlink_to(photos / "not there.jpg")
    assert refresh(catalog, pool).added == 5


def test_an_odd_file_name_is_indexed(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    odd = os.path.join(os.fsencode(photos), b"caf\xe9 \n\x01.JPG")  # noqa: PTH118 bytes
    with open(odd, "wb") as stream:  # noqa: PTH123 bytes
        stream.write(encoded(drawn(8)))
    assert refresh(catalog, pool).added == 6


def test_progress_reaches_the_total_and_is_seen_by_other_processes(
    catalog: Catalog, pool: WorkerPool, photos: Path
) -> None:
    seen: list[Progress] = []

    def report(progress: Progress) -> None:
        assert catalog.facts.progress() == progress
        seen.append(progress)

    indexer(catalog, pool, report=report).refresh()
    assert (seen[0].done, seen[0].total) == (0, 5)
    assert (seen[-1].done, seen[-1].total) == (5, 5)
    assert catalog.facts.progress() is None


def test_a_rebuild_makes_a_new_generation_with_the_same_photos(
    catalog: Catalog, pool: WorkerPool, photos: Path
) -> None:
    refresh(catalog, pool)
    before, mark = contents(catalog), catalog.generations.mark()
    outcome = indexer(catalog, pool).rebuild()
    assert outcome.added == 5
    assert catalog.generations.mark().generation > mark.generation
    assert contents(catalog) == before


def test_an_interrupted_rebuild_keeps_the_old_generation_and_goes_on(
    catalog: Catalog, pool: WorkerPool, photos: Path
) -> None:
    refresh(catalog, pool)
    before = contents(catalog)
    stop = threading.Event()
    stop.set()
    assert indexer(catalog, pool, stop=stop).rebuild().was_interrupted
    assert contents(catalog) == before
    assert catalog.generations.building() is not None
    refresh(catalog, pool)  # a plain refresh finishes it
    assert catalog.generations.building() is None
    assert contents(catalog) == before


def test_one_process_indexes_at_a_time(tmp_path: Path) -> None:
    with indexing_lock(tmp_path / "lock"), pytest.raises(Busy, match="indexing"), indexing_lock(tmp_path / "lock"):
        pass
    with indexing_lock(tmp_path / "lock"):
        pass


@pytest.mark.slow
@pytest.mark.timeout(400)  # eleven processes, one after the other
def test_a_rebuild_killed_anywhere_and_continued_gives_the_index_of_an_undisturbed_one(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 to repeat a failure
    chance = random.Random(seed)
    photos = tmp_path / "photos"
    write_photos(photos, range(40))

    def command(home: Path, *words: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "ISTHISME_HOME": str(home)}
        quiet = subprocess.DEVNULL
        words = (sys.executable, "-m", "isthisme", *words)
        return subprocess.Popen(words, env=environment, stdout=quiet, stderr=quiet)

    def index_of(home: Path) -> dict[bytes, tuple[int, bytes | None]]:
        with closing(Catalog(home / "catalog.db")) as catalog:
            return contents(catalog)

    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    for home in (undisturbed, disturbed):
        assert command(home, "folders", "add", str(photos)).wait() == 0
    started = time.monotonic()
    assert command(undisturbed, "rebuild").wait() == 0
    usual_seconds = time.monotonic() - started
    assert command(disturbed, "index").wait() == 0
    kills = 0
    for _ in range(8):
        started = time.monotonic()
        process = command(disturbed, "rebuild")
        try:
            process.wait(chance.uniform(0.2, 1.0) * usual_seconds)
            usual_seconds = min(usual_seconds, time.monotonic() - started)  # the machine had more to do before
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
        assert len(index_of(disturbed)) == 40, "the old generation answers all the while"
    assert kills > 0
    assert command(disturbed, "rebuild").wait() == 0
    assert index_of(disturbed) == index_of(undisturbed)


class _RemovesFirst:
    """Describes photos; somebody removes a folder just when the first is under way."""

    def __init__(self, pool: WorkerPool, catalog: Catalog, folder: Path) -> None:
        self._engine = WorkerEngine(pool, Priority.INDEXING)
        self._catalog = catalog
        self._folder: Path | None = folder

    def begin_describing(self, data: bytes) -> "Future[PhotoDescription]":
        if self._folder is not None:
            self._catalog.folders.remove(self._folder)
            self._folder = None
        return self._engine.begin_describing(data)


def test_a_folder_removed_while_it_is_indexed_leaves_nothing_and_breaks_nothing(
    tmp_path: Path, catalog: Catalog, pool: WorkerPool, photos: Path
) -> None:
    write_photos(tmp_path / "others", range(10, 12))
    catalog.folders.add(tmp_path / "others")
    Indexer(catalog, _RemovesFirst(pool, catalog, photos), model=None, under_way=4).refresh()
    assert catalog.photos.count() == 2
    assert len(contents(catalog)) == 2


def test_a_folder_removed_during_a_rebuild_leaves_nothing_and_breaks_nothing(
    catalog: Catalog, pool: WorkerPool, photos: Path
) -> None:
    refresh(catalog, pool)
    Indexer(catalog, _RemovesFirst(pool, catalog, photos), model=None, under_way=4).rebuild()
    assert catalog.photos.count() == 0
    assert contents(catalog) == {}


def test_a_pipe_with_a_pictures_name_holds_nothing_up(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    os.mkfifo(photos / "pipe.jpg")
    assert refresh(catalog, pool).added == 5


class _CrashesOnce:
    """Describes photos; the worker dies on the first, as when memory runs out."""

    def __init__(self, pool: WorkerPool) -> None:
        self._engine = WorkerEngine(pool, Priority.INDEXING)
        self._has_crashed = False

    def begin_describing(self, data: bytes) -> "Future[PhotoDescription]":
        if self._has_crashed:
            return self._engine.begin_describing(data)
        self._has_crashed = True
        crashed: Future[PhotoDescription] = Future()
        crashed.set_exception(WorkerCrashed("the process that read this picture ended (status -9)"))
        return crashed


def test_a_rebuild_tries_unreadable_files_again(catalog: Catalog, pool: WorkerPool, photos: Path) -> None:
    first = Indexer(catalog, _CrashesOnce(pool), model=None, under_way=4).refresh()
    assert (first.added, len(first.unreadable)) == (4, 1)
    second = indexer(catalog, pool).rebuild()
    assert (second.added, second.unreadable) == (5, [])


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file whose reading fails for everybody, root too")
def test_a_file_that_could_not_be_opened_is_tried_at_every_look(
    catalog: Catalog, pool: WorkerPool, photos: Path
) -> None:
    """Once its permissions are right it is as old as before: nothing about it tells that it can be read now."""
    (photos / "closed.jpg").symlink_to("/proc/self/mem")
    first = refresh(catalog, pool)
    assert (first.added, [path.name for path, _ in first.unreadable]) == (5, ["closed.jpg"])
    assert refresh(catalog, pool).unchanged == 5
