"""Many archives on a cluster: the same findings whatever is lost on the way, and nothing done twice."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from isthisme.bulk.archive_files import ArchiveFile, find_archives
from isthisme.bulk.archive_run import ArchiveTask, Scanned, keep_findings, scan_archives
from isthisme.bulk.findings import Finding, FindingsFolder, Trouble
from isthisme.bulk.watched import Watched
from isthisme.errors import IsThisMeError, WorkerCrashed
from isthisme.workers import WorkerEngine
from tests.bulk.archive_results import Told, never, told_of
from tests.bulk.clusters import LosableCluster
from tests.bulk.stores import SmallStore
from tests.bulk.watching import PAGE, Reader, copy, page, seen, watched
from tests.pictures import drawn, encoded
from tests.scanning.archives import packed

ARCHIVES = 6
PICTURES = 3  # in each


@dataclass(frozen=True)
class List:
    """The photos of the tests, to be watched on a cluster."""

    @contextmanager
    def open(self, engine: WorkerEngine) -> Iterator[Watched]:
        yield watched(engine)


def pictures(archive: int) -> list[bytes]:
    """A copy of somebody's photo in most archives, among strangers'."""
    strangers = [encoded(drawn(400 + PICTURES * archive + number, 200, 150)) for number in range(PICTURES - 1)]
    return [*strangers[:1], copy(1 + archive % 4), *strangers[1:]]


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Archives, the last of which breaks off."""
    folder = tmp_path_factory.mktemp("crawl")
    for archive in range(ARCHIVES):
        # A page is read in a process of its own, which takes its time to start: one suffices.
        records = [page(PAGE, "A page", 1)] if archive == 0 else []
        for number, data in enumerate(pictures(archive)):
            records += seen(f"{archive}-{number}.jpg", data, 10 + number, PAGE)
        made = packed(*records)
        (folder / f"{archive}.warc.gz").write_bytes(made[:-30] if archive == ARCHIVES - 1 else made)
    return folder


def in_this_process(
    task: Callable[[ArchiveFile], str], archives: Iterable[ArchiveFile]
) -> Iterator[tuple[ArchiveFile, str | IsThisMeError]]:
    """As a cluster's `each`, with one machine that nothing happens to."""
    assert isinstance(task, ArchiveTask)
    watching = watched()
    for archive in archives:
        yield archive, keep_findings(archive, watching, Reader(), FindingsFolder(task.findings), task.mark)


@pytest.fixture(scope="module")
def undisturbed(crawl: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = FindingsFolder(str(tmp_path_factory.mktemp("undisturbed")))
    task = ArchiveTask(folder.url, List(), "mark")
    told = told_of(folder, scan_archives(find_archives([str(crawl)]), task, folder, in_this_process))
    found = [each for kept in told.values() for each in kept if isinstance(each, Finding)]
    assert len(told) == ARCHIVES
    assert [(each.owner, each.picture_address.rpartition("/")[2]) for each in found] == [
        ("ana", "0-1.jpg"),
        ("ana", "1-1.jpg"),
        ("bo", "1-1.jpg"),
        ("bo", "2-1.jpg"),
        ("ana", "4-1.jpg"),
        ("ana", "5-1.jpg"),
        ("bo", "5-1.jpg"),
    ]
    return told


def test_a_lost_scheduler_leaves_the_same_findings_and_a_rerun_does_nothing(
    crawl: Path, undisturbed: Told, tmp_path: Path
) -> None:
    folder = FindingsFolder(str(tmp_path))
    task = ArchiveTask(folder.url, List(), "mark")
    losable = LosableCluster()
    try:
        told: Told = {}
        for each in scan_archives(find_archives([str(crawl)]), task, folder, losable.cluster.each):
            told |= told_of(folder, iter([each]))
            if len(told) == 2:
                losable.lose_scheduler()
    finally:
        losable.close()
    assert told == undisturbed
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = list(scan_archives(find_archives([str(crawl)]), task, folder, never))
    assert [each.was_done for each in again if isinstance(each, Scanned)] == [True] * ARCHIVES
    assert told_of(folder, iter(again)) == undisturbed
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_an_archive_that_failed_is_told_and_scanned_by_the_next_run(
    crawl: Path, undisturbed: Told, tmp_path: Path
) -> None:
    folder = FindingsFolder(str(tmp_path))
    task = ArchiveTask(folder.url, List(), "mark")

    def unlucky(
        task: Callable[[ArchiveFile], str], archives: Iterator[ArchiveFile]
    ) -> Iterator[tuple[ArchiveFile, str | IsThisMeError]]:
        for archive, done in in_this_process(task, archives):
            is_lost = archive.address.endswith("2.warc.gz")
            yield archive, WorkerCrashed("10 workers were lost at it; it is left out") if is_lost else done
            if is_lost:
                (tmp_path / str(done)).unlink()

    first = told_of(folder, scan_archives(find_archives([str(crawl)]), task, folder, unlucky))
    ((address, (trouble,)),) = [(each, told) for each, told in first.items() if told != undisturbed[each]]
    assert isinstance(trouble, Trouble)
    assert (address, trouble.code) == (f"file://{crawl}/2.warc.gz", "worker_crashed")
    assert (tmp_path / "unlisted.errors.parquet").is_file()
    second = list(scan_archives(find_archives([str(crawl)]), task, folder, in_this_process))
    assert sum(each.was_done for each in second if isinstance(each, Scanned)) == ARCHIVES - 1
    assert told_of(folder, iter(second)) == undisturbed


def test_where_the_disk_of_findings_is_full_archives_are_told_and_scanned_when_there_is_room(
    crawl: Path, undisturbed: Told
) -> None:
    folder = FindingsFolder("small://full-of-findings")
    task = ArchiveTask(folder.url, List(), "mark")

    def each(
        task: Callable[[ArchiveFile], str], archives: Iterable[ArchiveFile]
    ) -> Iterator[tuple[ArchiveFile, str | IsThisMeError]]:
        for archive in archives:
            try:
                yield from in_this_process(task, iter([archive]))
            except IsThisMeError as error:
                yield archive, error

    SmallStore.room = 40_000  # for the findings of some
    try:
        first = list(scan_archives(find_archives([str(crawl)]), task, folder, each))
    finally:
        SmallStore.room = 1 << 40
    troubles = [told for told in first if isinstance(told, Trouble)]
    assert 0 < len(troubles) < ARCHIVES
    assert {told.code for told in troubles} == {"disk_full"}
    assert "free some space" in troubles[0].words
    second = list(scan_archives(find_archives([str(crawl)]), task, folder, in_this_process))
    assert [each.was_done for each in second if isinstance(each, Scanned)].count(False) == len(troubles)
    assert told_of(folder, iter(second)) == undisturbed


@pytest.fixture(scope="module")
def bucket(crawl: Path) -> Iterator[Mapping[str, str]]:
    """What names the bucket's server to whoever asks for it; `crawl` holds the archives."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    surroundings = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        client = boto3.client("s3", endpoint_url=surroundings["AWS_ENDPOINT_URL"], **keys)
        client.create_bucket(Bucket="crawl")
        for archive in sorted(crawl.iterdir()):
            client.put_object(Bucket="crawl", Key=f"warc/{archive.name}", Body=archive.read_bytes())
        yield surroundings
    finally:
        server.stop()


@pytest.fixture
def reached(bucket: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in bucket.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("reached")
def test_a_bucket_is_scanned_as_a_folder_is_and_findings_may_lie_in_one(undisturbed: Told, tmp_path: Path) -> None:
    folder = FindingsFolder("s3://crawl/findings")
    task = ArchiveTask(folder.url, List(), "mark")
    results = list(scan_archives(find_archives(["s3://crawl/warc/*.warc.gz"]), task, folder, in_this_process))
    told = told_of(folder, iter(results))
    assert sorted(told) == [f"s3://crawl/warc/{number}.warc.gz" for number in range(ARCHIVES)]
    assert [found_in(each) for each in told.values()] == [found_in(each) for each in undisturbed.values()]
    again = list(scan_archives(find_archives(["s3://crawl/warc/*.warc.gz"]), task, folder, never))
    assert told_of(folder, iter(again)) == told


def found_in(told: Sequence[Finding | Trouble]) -> list[tuple[str, str, int]]:
    return [
        (each.owner, each.picture_address, each.record.offset)
        for each in told
        if isinstance(each, Finding) and each.record is not None
    ]


@pytest.mark.usefixtures("reached")
def test_buckets_that_are_not_there_or_closed_are_rows_and_the_run_goes_on(
    crawl: Path, undisturbed: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = FindingsFolder(str(tmp_path))
    task = ArchiveTask(folder.url, List(), "mark")
    found = find_archives(["s3://nobodys/a.warc.gz", "s3://crawl/warc/0.warc.gz", str(crawl / "0.warc.gz")])
    missing, there, last = list(found)
    assert isinstance(there, ArchiveFile)
    monkeypatch.setattr("moto.settings.INITIAL_NO_AUTH_ACTION_COUNT", 0)
    closed = next(find_archives(["s3://crawl/warc/1.warc.gz"]))
    results = list(scan_archives([missing, closed, there, last], task, folder, in_this_process))
    told = told_of(folder, iter(results))
    words = [
        each.words for address, (each, *_) in told.items() if address.startswith("s3:") and isinstance(each, Trouble)
    ]
    assert len(words) == 3
    assert sum("is not there" in each for each in words) == 1
    assert sum("may not be read" in each for each in words) == 2
    assert told[f"file://{crawl}/0.warc.gz"] == undisturbed[f"file://{crawl}/0.warc.gz"]
    (unfinished,) = [each.checkpoint for each in results if isinstance(each, Scanned) and not each.checkpoint.is_whole]
    assert unfinished.archive == "s3://crawl/warc/0.warc.gz"
    monkeypatch.undo()


def test_a_file_that_shrinks_under_the_scan_gives_what_came_before(crawl: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes((crawl / "0.warc.gz").read_bytes()[:-20_000])
    (archive,) = find_archives([str(cut)])
    assert isinstance(archive, ArchiveFile)
    folder = FindingsFolder(str(tmp_path / "findings"))
    checkpoint = folder.checkpoint(keep_findings(archive, watched(), Reader(), folder, "mark"))
    assert checkpoint is not None
    assert checkpoint.pictures < PICTURES
    (broken,) = [each.words for each in folder.told(checkpoint) if isinstance(each, Trouble)]
    assert "records are broken" in broken
