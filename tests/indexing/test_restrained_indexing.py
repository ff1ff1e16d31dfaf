"""The indexer on a computer that runs on battery or is busy: what it leaves, what it takes in, what it says."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from isthisme.catalog import Catalog
from isthisme.config import Settings
from isthisme.indexing.indexer import Indexer
from isthisme.indexing.restraint import Restraint
from isthisme.workers import Priority, WorkerEngine, WorkerPool
from tests.fake_machine import FakeMachine
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
def folder(tmp_path: Path, catalog: Catalog) -> Path:
    """Twenty-five photos: more than a handful."""
    made = tmp_path / "photos"
    write_photos(made, range(25))
    catalog.folders.add(made)
    return made


class Laptop:
    """An indexer with restraint on a laptop. `rests` says what happens at each rest, and whether it is broken off."""

    def __init__(self, catalog: Catalog, pool: WorkerPool) -> None:
        self.machine = FakeMachine(on_battery=True)
        self.rests: list[bool] = []
        self.told: list[tuple[str | None, int, int]] = []  # why it waits, done and total at each rest
        self._catalog = catalog
        self._pool = pool
        settings = Settings(indexing_cpu_percent=100)
        self._restraint = Restraint(settings, self.machine, catalog.facts, clock=self.machine.clock)

    def indexer(self) -> Indexer:
        describer = WorkerEngine(self._pool, Priority.INDEXING)
        return Indexer(
            self._catalog, describer, model=None, under_way=4, restraint=self._restraint, rest=self._take_a_rest
        )

    def _take_a_rest(self, seconds: float) -> bool:
        self.machine.pass_time(seconds)
        progress = self._catalog.facts.progress()
        assert progress is not None
        self.told.append((progress.waits_because, progress.done, progress.total))
        if len(self.told) == len(self.rests):
            self.machine.on_battery = False
            self.machine.busy_cores_of_others = 0.0
        return self.rests[len(self.told) - 1] if len(self.told) <= len(self.rests) else False


@pytest.fixture
def laptop(catalog: Catalog, pool: WorkerPool) -> Laptop:
    return Laptop(catalog, pool)


def found(catalog: Catalog) -> int:
    """How many photos can be found now."""
    generation = catalog.generations.current()
    assert generation is not None
    return catalog.generations.size(generation)


def test_on_battery_many_photos_wait_and_are_described_when_it_is_plugged_in(
    catalog: Catalog, laptop: Laptop, folder: Path
) -> None:
    laptop.rests = [False, False, False]
    outcome = laptop.indexer().refresh()
    assert laptop.told == [("on_battery", 0, 25)] * 3
    assert (outcome.added, outcome.was_interrupted) == (25, False)
    assert found(catalog) == 25
    assert catalog.facts.progress() is None


def test_a_photo_saved_meanwhile_is_found_at_once_and_the_others_go_on_waiting(
    catalog: Catalog, laptop: Laptop, folder: Path
) -> None:
    laptop.rests = [True, True, False]
    assert laptop.indexer().refresh().was_interrupted
    assert found(catalog) == 0
    (folder / "a new one.jpg").write_bytes(encoded(drawn(900)))
    assert laptop.indexer().refresh().was_interrupted
    assert found(catalog) == 1
    assert [path.name for path in catalog.photos.files_of(1)] == ["a new one.jpg"]
    (folder / "a new one.jpg").write_bytes(encoded(drawn(901)))
    assert not laptop.indexer().refresh().was_interrupted
    assert laptop.told == [("on_battery", 0, 25), ("on_battery", 1, 26), ("on_battery", 1, 26)]
    assert found(catalog) == 27


def test_a_rebuild_on_battery_does_not_switch_before_it_is_done(
    catalog: Catalog, laptop: Laptop, pool: WorkerPool, folder: Path
) -> None:
    Indexer(catalog, WorkerEngine(pool, Priority.INDEXING), model=None, under_way=4).refresh()
    before = catalog.generations.mark().generation
    laptop.rests = [True, True, False]
    assert laptop.indexer().rebuild().was_interrupted
    (folder / "a new one.jpg").write_bytes(encoded(drawn(900)))
    assert laptop.indexer().refresh().was_interrupted
    assert (catalog.generations.mark().generation, found(catalog)) == (before, 26), "found in the old index"
    assert not laptop.indexer().refresh().was_interrupted
    assert catalog.generations.building() is None
    assert catalog.generations.mark().generation > before
    assert found(catalog) == 26


def test_while_others_are_busy_what_was_under_way_is_kept_and_the_rest_waits_in_its_place(
    catalog: Catalog, laptop: Laptop, folder: Path
) -> None:
    laptop.machine.on_battery = False
    laptop.rests = [False]
    indexer = laptop.indexer()
    for _ in range(8):  # busy from the start: other programs work for some seconds
        laptop.machine.busy_cores_of_others = 2.0
        laptop.machine.pass_time(1.0)
        laptop._restraint.reason()
    outcome = indexer.refresh()
    assert outcome.added == 25
    assert {why for why, _, _ in laptop.told} == {"busy"}
    assert len(laptop.told) >= 20, "until it was calm for a while"


def test_going_on_anyway_is_for_this_work_alone(catalog: Catalog, laptop: Laptop, folder: Path) -> None:
    laptop.rests = [True, True]
    assert laptop.indexer().refresh().was_interrupted
    catalog.facts.put_hurry(is_wanted=True)
    laptop.machine.pass_time(1.0)
    assert laptop.indexer().refresh().added == 25
    assert not catalog.facts.is_hurried()
    write_photos(folder / "more", range(100, 125))
    laptop.machine.pass_time(1.0)
    assert laptop.indexer().refresh().was_interrupted
    assert found(catalog) == 25


def test_photos_that_were_put_off_and_deleted_hold_nothing_up(catalog: Catalog, laptop: Laptop, folder: Path) -> None:
    laptop.rests = [True, True]
    assert laptop.indexer().refresh().was_interrupted
    for photo in folder.iterdir():
        photo.unlink()
    assert not laptop.indexer().refresh().was_interrupted
    assert found(catalog) == 0
