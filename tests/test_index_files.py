"""The index's files follow the catalog: what they hold is what the catalog holds, whatever happened to either."""

import itertools
import os
import random
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from isthisme import index_files
from isthisme.catalog import Catalog
from isthisme.catalog.facts import count_removal
from isthisme.catalog.generations import Generation
from isthisme.config import Paths
from isthisme.domain import PhotoDescription
from isthisme.encryption import PLAIN
from isthisme.errors import IndexFileUnusable
from isthisme.index.base import VectorIndex
from isthisme.index.segment import map_segment
from isthisme.index_files import IndexFiles
from isthisme.live_index import LiveIndex
from isthisme.repair import index_repairs
from tests.index.first_segments import write_as_version_1

MODEL = "model"


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_files, "_LEAST_ROWS", 4)
    monkeypatch.setattr(index_files, "_MOST_ROWS_AT_ONCE", 16)


def photos_in(index: VectorIndex) -> list[int]:
    ids: list[int] = index.nearest_by_hash(np.zeros(1, np.uint64), len(index)).photo_ids[0].tolist()
    return ids


class Album:
    """A catalog with photos of random numbers, and the index's files beside it."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self.catalog = catalog
        self.folder = folder / "index"
        self.files = IndexFiles(catalog, self.folder)
        self.live = LiveIndex(catalog, lambda: MODEL, self.files)
        self._names = itertools.count()

    def add(self, generation: Generation, count: int) -> list[int]:
        with self.catalog.transaction():
            return [self._add(generation) for _ in range(count)]

    def _add(self, generation: Generation) -> int:
        name = b"%d" % next(self._names)
        numbers = np.random.default_rng(int(name) + 1)
        descriptor = numbers.integers(-100, 101, 512).astype(np.int8)
        description = PhotoDescription(MODEL, 9, 9, numbers.integers(1, 2**62, 1).astype(np.uint64), descriptor, b"j")
        photo_id = self.catalog.photos.add(name, description, b"/" + name)
        self.catalog.generations.add(generation, photo_id, description)
        return photo_id

    def forget(self, photo_id: int) -> None:
        with self.catalog.transaction():
            connection = self.catalog.photos._connection
            connection.run("delete from photos where id = ?", (photo_id,))
            count_removal(connection)

    def check(self) -> None:
        """The index answers as the catalog's rows say, and a process that comes new does, too."""
        generation = self.catalog.generations.current()
        assert generation is not None
        rows = self.catalog.generations.descriptions(generation)
        for live in (self.live, LiveIndex(self.catalog, lambda: MODEL, self.files)):
            index = live.index()
            assert (0 if index is None else len(index)) == len(rows.photo_ids)
            if index is not None:
                assert rows.descriptors is not None
                assert sorted(photos_in(index)) == rows.photo_ids.tolist()
                some = np.random.default_rng(len(rows.photo_ids)).permutation(len(rows.photo_ids))[:25]
                expected = rows.photo_ids[some].tolist()
                assert index.nearest(rows.descriptors[some], 1).photo_ids[:, 0].tolist() == expected
                assert index.nearest_by_hash(rows.hashes[some[:5]], 1).photo_ids[:, 0].tolist() == expected[:5]

    def bytes_on_disk(self) -> bytes:
        return b"".join(path.read_bytes() for path in sorted(self.folder.iterdir()))

    def segments(self) -> tuple[str, ...]:
        generation = self.catalog.generations.current()
        assert generation is not None
        return self.catalog.generations.segments(generation).names


@pytest.fixture
def album(tmp_path: Path) -> Iterator[Album]:
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:
        yield Album(tmp_path, catalog)


def test_what_is_new_is_written_and_found(album: Album) -> None:
    generation = album.catalog.generations.start_first(MODEL)
    album.add(generation, 3)
    album.files.settle()
    assert album.segments() == (), "too few to be worth a file"
    album.check()
    album.add(generation, 40)
    album.files.settle()
    assert album.segments()
    album.check()


def test_segments_of_the_first_version_are_searched_and_then_written_again(album: Album) -> None:
    generation = album.catalog.generations.start_first(MODEL)
    album.add(generation, 40)
    album.files.settle()
    first = album.segments()
    assert len(first) == 2
    for name in first:
        write_as_version_1(album.folder / name, map_segment(album.folder / name))
    album.check()
    album.files.settle()
    assert len(album.segments()) == len(first)
    assert not set(album.segments()) & set(first)
    assert not any(map_segment(album.folder / name).lacks_sketches for name in album.segments())
    album.check()
    assert album.files.damage() is None


def test_segments_double_rather_than_multiply(album: Album) -> None:
    generation = album.catalog.generations.start_first(MODEL)
    for _ in range(40):
        album.add(generation, 5)
        album.files.settle()
    assert len(album.segments()) <= 6
    album.check()


def test_a_forgotten_photo_leaves_no_byte(album: Album) -> None:
    generation = album.catalog.generations.start_first(MODEL)
    ids = album.add(generation, 20)
    album.files.settle()
    album.add(generation, 20)
    album.files.settle()  # the first file was joined with what is new, and lingers
    rows = album.catalog.generations.descriptions(generation)
    assert rows.descriptors is not None
    of = {photo: rows.descriptors[row].tobytes() for row, photo in enumerate(rows.photo_ids.tolist())}
    assert of[ids[4]] in album.bytes_on_disk()
    album.forget(ids[4])
    album.files.settle(at_once=True)
    assert of[ids[4]] not in album.bytes_on_disk()
    assert of[ids[5]] in album.bytes_on_disk()
    album.check()


def test_searching_erases_first_what_nobody_erased_yet(album: Album) -> None:
    ids = album.add(album.catalog.generations.start_first(MODEL), 20)
    album.files.settle()
    album.check()
    album.forget(ids[0])
    album.check()


def test_the_number_of_a_removed_row_may_be_given_again(album: Album) -> None:
    """SQLite gives the highest number again when its row is gone."""
    generation = album.catalog.generations.start_first(MODEL)
    ids = album.add(generation, 20)
    album.files.settle()
    album.forget(ids[-1])
    album.add(generation, 1)
    album.check()
    album.files.settle()
    album.check()
    album.forget(album.add(generation, 1)[0])
    album.files.settle()
    album.add(generation, 2)
    album.check()


def test_a_rebuilt_generation_has_its_files_before_the_switch(album: Album) -> None:
    old = album.catalog.generations.start_first(MODEL)
    album.add(old, 20)
    album.files.settle()
    building = album.catalog.generations.start_building(MODEL)
    album.add(building, 30)
    album.files.settle()
    assert album.catalog.generations.segments(building).names
    album.check()
    album.catalog.generations.switch_to(building)
    album.check()
    album.files.settle(at_once=True)
    album.check()
    on_disk = {path.name for path in album.folder.glob("*.segment")}
    assert on_disk == set(album.segments()), "what the old generation had is gone"


@pytest.mark.parametrize("harm", ["cut", "gone", "scrambled"])
def test_a_broken_file_is_made_anew(album: Album, harm: str) -> None:
    generation = album.catalog.generations.start_first(MODEL)
    album.add(generation, 20)
    album.files.settle()
    path = album.folder / album.segments()[0]
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-4096])
    elif harm == "gone":
        path.unlink()
    else:
        path.write_bytes(bytes(path.stat().st_size))
    album.check()
    album.add(generation, 20)
    album.files.settle()
    album.check()
    assert path.name not in album.segments()


def test_a_file_that_holds_something_else_is_found_and_made_anew(tmp_path: Path, album: Album) -> None:
    generation = album.catalog.generations.start_first(MODEL)
    ids = album.add(generation, 40)
    album.files.settle()
    album.forget(ids[3])
    album.files.settle()
    assert album.files.damage() is None
    path = album.folder / album.segments()[0]
    data = path.read_bytes()
    for place in (4096 + 40, 8192 + 3, 12288 + 900, len(data) - 4096 + 70):
        harmed = bytearray(data)
        harmed[place] ^= 4
        path.write_bytes(harmed)
        assert "something else" in (album.files.damage() or ""), place
    (repair,) = index_repairs(Paths(tmp_path), PLAIN)
    repair.mend()
    assert album.files.damage() is None
    assert list(index_repairs(Paths(tmp_path), PLAIN)) == []
    album.check()


def test_a_disk_that_refuses_costs_no_answer(album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    generation = album.catalog.generations.start_first(MODEL)
    album.add(generation, 20)

    def refuses(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(index_files, "write_segment", refuses)
        with pytest.raises(IndexFileUnusable, match="No space"):
            album.files.settle()
        album.check()
    album.files.settle()
    assert album.segments()
    album.check()


def test_a_catalog_put_back_from_a_copy_does_not_take_what_came_later(tmp_path: Path) -> None:
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:
        Album(tmp_path, catalog).add(catalog.generations.start_first(MODEL), 10)
    kept = (tmp_path / "catalog.db").read_bytes()
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:
        album = Album(tmp_path, catalog)
        album.add(catalog.generations.start_first(MODEL), 30)
        album.files.settle()
    (tmp_path / "catalog.db").write_bytes(kept)
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:
        album = Album(tmp_path, catalog)
        album._names = itertools.count(1000)
        album.add(catalog.generations.start_first(MODEL), 30)
        album.check()
        album.files.settle()
        album.check()


class CutOff(BaseException):
    """What may happen at any moment."""


class Steps:
    """Counts down before and after each step, and cuts off at zero."""

    def __init__(self) -> None:
        self.left = 0

    def counted(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            self._count()
            done = step(*given, **named)
            self._count()
            return done

        return run

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise CutOff


def rebuilt(album: Album) -> Generation:
    """A new generation with all photos of the current one, switched to."""
    generations = album.catalog.generations
    current, building = generations.current(), generations.start_building(MODEL)
    assert current is not None
    album.catalog.photos._connection.run(
        """insert into descriptions (generation_id, photo_id, hash, descriptor)
           select ?, photo_id, hash, descriptor from descriptions where generation_id = ? order by id""",
        (building.number, current.number),
    )
    album.files.settle()
    generations.switch_to(building)
    return building


def test_cut_off_anywhere_the_index_answers_right(album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of settlings, most of them cut off before or after a random step, among additions and removals.

    ISTHISME_TEST_SEED repeats a run.
    """
    seed = int(os.environ.get("ISTHISME_TEST_SEED") or random.randrange(2**32))
    print(f"ISTHISME_TEST_SEED={seed}")  # noqa: T201 shown when it fails
    chance = random.Random(seed)
    steps = Steps()
    generations = album.catalog.generations
    for owner, names in (
        (index_files, ("write_segment", "erase", "destroy", "map_segment")),
        (generations, ("put_segments", "segment_names")),
    ):
        for name in names:
            monkeypatch.setattr(owner, name, steps.counted(getattr(owner, name)))
    monkeypatch.setattr(index_files, "_LINGER_SECONDS", 0.0)
    current = generations.start_first(MODEL)
    known: list[int] = []
    for number in range(200):
        known += album.add(current, chance.randrange(9))
        while known and chance.random() < 0.3:
            album.forget(known.pop(chance.randrange(len(known)) if chance.random() < 0.7 else -1))
        if chance.random() < 0.05:
            current = rebuilt(album)
        steps.left = chance.randrange(1, 25)
        with suppress(CutOff):
            album.files.settle(at_once=chance.random() < 0.3)
        steps.left = 0
        if number % 5 == 0:
            album.check()
    album.check()
