"""Scheduler, workers, the index's server and the command itself, each a process of its own, killed at random."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import pytest

from isthisme.bulk.archive_files import ArchiveFile, find_archives
from isthisme.bulk.archive_run import ArchiveTask, Scanned, WatchList, keep_findings, scan_archives
from isthisme.bulk.findings import Finding, FindingsFolder
from isthisme.bulk.ingesting import Ingest, Outcome
from isthisme.bulk.pushing import Pusher
from isthisme.bulk.served_search import served
from isthisme.bulk.shelf import Generation, exact_index, generation_for, generations
from isthisme.bulk.shelf_search import ShelfPhotos, photos_on
from isthisme.errors import IsThisMeError
from isthisme.index.milvus import MilvusIndex
from isthisme.index.milvus_address import MilvusAddress
from isthisme.index.milvus_photos import MilvusPhotos, Part
from isthisme.index.milvus_server import MilvusServer, Patience
from tests.bulk.archive_results import Told, never, told_of
from tests.bulk.processes import KillableCluster, forkserver
from tests.bulk.stub_engine import BROKEN, MODEL, StubEngine, StubSandboxes, deadly, picture
from tests.bulk.watching import PAGE, Reader, seen
from tests.index.contract import vectors
from tests.index.milvus_engine import PATIENT, Engine
from tests.scanning.archives import packed, zipped

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # processes

SEED = int(os.environ.get("ISTHISME_SEED", 20261123))
ZIPS = 24  # each is a unit
STEPS = 12  # within which blows fall: what was under way when a scheduler was killed may be done and not told
PHOTOS = 30
CRAWLED = 10  # web archives


@dataclass(slots=True)
class Stage:
    """What may be killed."""

    cluster: KillableCluster
    engine: Engine
    deaths: Path  # of pictures that end whoever looks at them
    struck: list[str] = field(default_factory=list)

    def strike(self, blow: str, chance: Random) -> None:
        self.struck.append(blow)
        match blow:
            case "scheduler":
                self.cluster.kill_scheduler()
            case "worker":
                self.cluster.kill_worker(chance)
            case "engine":
                self.engine.kill()
                self.engine.start()


def disturbing(stage: Stage, chance: Random, blows: list[str], steps: int) -> Callable[[], None]:
    """To be called after each of so many steps of a run, of which some bring a blow."""
    print(f"ISTHISME_SEED={SEED}")  # noqa: T201 to repeat a failure
    due = dict(zip(chance.sample(range(1, steps), len(blows)), blows, strict=True))
    passed = 0

    def step() -> None:
        nonlocal passed
        passed += 1
        stage.cluster.replace_dead_workers()
        if passed in due:
            stage.strike(due[passed], chance)

    return step


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stage")
    (folder / "deaths").mkdir()
    engine = Engine(folder / "engine")
    cluster = KillableCluster(StubSandboxes(folder / "deaths"), folder)
    yield Stage(cluster, engine, folder / "deaths")
    cluster.close()
    engine.kill()


@dataclass(frozen=True)
class Connect:
    """As each machine connects to the index."""

    port: int

    def __call__(self) -> MilvusPhotos:
        return MilvusPhotos(MilvusServer(MilvusAddress("127.0.0.1", self.port, is_encrypted=False), patience=PATIENT))


# --- describing


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Zip archives that share pictures with each other; one is broken, and in all of them."""
    folder = tmp_path_factory.mktemp("photos")
    for number in range(ZIPS):
        members = {f"{each}.jpg": picture((3 * number + each) % PHOTOS) for each in range(5)}
        (folder / f"{number:02}.zip").write_bytes(zipped(members | {"broken.jpg": BROKEN}))
    return folder


def ingest(stage: Stage, photos: Path, shelf: Path, outcome: Outcome) -> Generation:
    generation = generation_for(str(shelf), "anna", MODEL)
    Ingest(stage.cluster.cluster, generation, outcome).run([str(photos)])
    return generation


def parts_of(shelf: Path) -> dict[str, bytes]:
    """All but what an index is noted to have."""
    found = {str(path.relative_to(shelf)): path.read_bytes() for path in shelf.rglob("*") if path.is_file()}
    return {name: data for name, data in found.items() if "/indexed/" not in name}


@pytest.fixture(scope="module")
def undisturbed(stage: Stage, photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    shelf = tmp_path_factory.mktemp("undisturbed")
    outcome = Outcome()
    generation = ingest(stage, photos, shelf, outcome)
    assert (outcome.described, outcome.unread, outcome.units) == (PHOTOS, 1, ZIPS)
    assert len(exact_index(generation)) == PHOTOS
    return shelf


@pytest.fixture(scope="module")
def disturbed(stage: Stage, photos: Path, undisturbed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shelf and an index that were made while all of them were killed."""
    chance = Random(SEED)
    shelf = tmp_path_factory.mktemp("disturbed")
    blows = ["scheduler", "worker", "engine"]
    server = stage.engine.server(Patience(question=60, change=60, attempt=5, after_failure=0))
    with closing(server):
        index = MilvusPhotos(server)
        index.count(Part("anna", 1))  # the embedded engine does not outlive a kill while it makes a collection (3.2.2)
        pusher = Pusher(generation_for(str(shelf), "anna", MODEL), "milvus", index)
        outcome = Outcome(report=disturbing(stage, chance, blows, STEPS), written=pusher.add)
        deadly(stage.deaths, picture(chance.randrange(PHOTOS)))
        ingest(stage, photos, shelf, outcome)
        pusher.finish()
    assert sorted(stage.struck) == sorted(blows)
    assert not list(stage.deaths.iterdir())
    stage.struck.clear()
    return shelf


def test_an_ingest_leaves_the_same_shelf_and_the_same_index_whoever_was_killed(
    stage: Stage, undisturbed: Path, disturbed: Path
) -> None:
    generations(str(disturbed), "anna")[0].sweep()  # as the next run begins: a worker may have died while it wrote
    assert parts_of(disturbed) == parts_of(undisturbed)
    expected = exact_index(generations(str(undisturbed), "anna")[0])
    there = Connect(stage.engine.port)()
    with closing(there.server):
        index = MilvusIndex(there, Part("anna", 1))
        assert len(index) == PHOTOS
        queries = np.concatenate([vectors(2, seed=900), vectors(1, seed=5)])
        assert np.array_equal(index.nearest(queries, 9).photo_ids, expected.nearest(queries, 9).photo_ids)
        hashes = expected.hashes[:3]
        assert np.array_equal(index.nearest_by_hash(hashes, 9).photo_ids, expected.nearest_by_hash(hashes, 9).photo_ids)


# --- scanning


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each archive has copies of two photos, and a stranger's picture."""
    folder = tmp_path_factory.mktemp("crawl")
    for number in range(CRAWLED):
        held = [picture(2 * number, 1), picture(1_000 + number), picture(2 * number + 1, number)]
        records = [each for place, data in enumerate(held) for each in seen(f"{number}-{place}.jpg", data, place, PAGE)]
        (folder / f"{number}.warc.gz").write_bytes(packed(*records))
    return folder


@dataclass(frozen=True)
class Alone:
    """As `Cluster.each`, in this process alone."""

    watch_list: ShelfPhotos
    deaths: Path

    def __call__(
        self, task: Callable[[ArchiveFile], str], archives: Iterable[ArchiveFile]
    ) -> Iterator[tuple[ArchiveFile, str | IsThisMeError]]:
        assert isinstance(task, ArchiveTask)
        with self.watch_list.open(StubEngine(self.deaths)) as watched:  # type: ignore[arg-type] # it is asked alike
            for archive in archives:
                yield archive, keep_findings(archive, watched, Reader(), FindingsFolder(task.findings), task.mark)


def scan_alone(crawl: str, findings: str, watch_list: ShelfPhotos, deaths: Path) -> Told:
    folder = FindingsFolder(findings)
    task = ArchiveTask(findings, watch_list, watch_list.mark)
    return told_of(folder, scan_archives(find_archives([crawl]), task, folder, Alone(watch_list, deaths)))


@pytest.fixture(scope="module")
def found(undisturbed: Path, crawl: Path, stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """By an undisturbed scan that asks an index of its own."""
    findings = str(tmp_path_factory.mktemp("found"))
    told = scan_alone(str(crawl), findings, photos_on(str(undisturbed), [], MODEL, deep=False), stage.deaths)
    assert len(told) == CRAWLED
    for number, kept in enumerate(told.values()):
        names = [each.picture_address.rpartition("/")[2] for each in kept if isinstance(each, Finding)]
        assert names == [f"{number}-0.jpg", f"{number}-2.jpg"]
    return told


def test_a_scan_that_asks_the_server_finds_the_same_whoever_is_killed(
    stage: Stage, undisturbed: Path, disturbed: Path, crawl: Path, found: Told, tmp_path: Path
) -> None:
    chance = Random(SEED)
    blows = ["scheduler", "worker", "engine"]
    step = disturbing(stage, chance, blows, CRAWLED)
    shelved = photos_on(str(disturbed), [], MODEL, deep=False)
    watch_list: WatchList = served(shelved, Connect(stage.engine.port))
    folder = FindingsFolder(str(tmp_path))
    task = ArchiveTask(folder.url, watch_list, shelved.mark)
    deadly(stage.deaths, picture(2 * chance.randrange(CRAWLED), 1))
    told: Told = {}
    for each in scan_archives(find_archives([str(crawl)]), task, folder, stage.cluster.cluster.each):
        told |= told_of(folder, iter([each]))
        step()
    assert told == found
    assert sorted(stage.struck) == sorted(blows)
    assert not list(stage.deaths.iterdir())
    stage.struck.clear()
    again = list(scan_archives(find_archives([str(crawl)]), task, folder, never))
    assert [each.was_done for each in again if isinstance(each, Scanned)] == [True] * CRAWLED


def test_a_scan_whose_command_is_killed_goes_on_with_the_archives_that_are_left(
    stage: Stage, undisturbed: Path, crawl: Path, found: Told, tmp_path: Path
) -> None:
    chance = Random(SEED)
    last = chance.randrange(1, CRAWLED)
    print(f"ISTHISME_SEED={SEED}")  # noqa: T201 to repeat a failure
    watch_list = photos_on(str(undisturbed), [], MODEL, deep=False)
    deadly(stage.deaths, picture(2 * last, 1))
    given = str(crawl), str(tmp_path), watch_list, stage.deaths
    command = forkserver.Process(target=scan_alone, args=given)
    command.start()
    command.join()
    assert command.exitcode == -signal.SIGKILL
    written = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    folder = FindingsFolder(str(tmp_path))
    task, alone = ArchiveTask(folder.url, watch_list, watch_list.mark), Alone(watch_list, stage.deaths)
    results = list(scan_archives(find_archives([str(crawl)]), task, folder, alone))
    done = [each.was_done for each in results if isinstance(each, Scanned)]
    assert (done.count(True), done.count(False)) == (last, CRAWLED - last)
    assert told_of(folder, iter(results)) == found
    assert {path: path.stat().st_mtime_ns for path in written} == written  # what was done is not done again
