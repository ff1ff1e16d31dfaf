"""Two commands that would write for one owner on a shelf at once."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import fsspec
import pytest
from click.testing import CliRunner

from isthisme.bulk.shelf_files import ShelfFiles
from isthisme.bulk.sole_writer import Lease, sole_writer
from isthisme.cli import program
from isthisme.errors import Busy
from tests.pictures import write_photos


def test_a_second_command_is_refused_with_words_and_another_owner_is_not(tmp_path: Path) -> None:
    shelf, photos = str(tmp_path / "shelf"), str(tmp_path / "photos")
    write_photos(tmp_path / "photos", range(1))
    with sole_writer(shelf, "anna"), sole_writer(shelf, "berta"):
        words = ("ingest", photos, "--owner", "anna", "--shelf", shelf)
        ended = CliRunner().invoke(program, words, env={"ISTHISME_HOME": str(tmp_path / "home")})
        assert isinstance(ended.exception, Busy)
        assert "process" in str(ended.exception)
        assert f"is writing to the shelf {shelf}/anna; wait until it is done" in str(ended.exception)
    with sole_writer(shelf, "anna") as check:
        check()


@pytest.fixture
def files(tmp_path: Path) -> Iterator[ShelfFiles]:
    """Of a store without locks, as buckets are."""
    yield ShelfFiles(f"memory://sole-writer-{tmp_path.name}/anna")
    with suppress(FileNotFoundError):
        fsspec.filesystem("memory").rm(f"/sole-writer-{tmp_path.name}", recursive=True)


def lease(files: ShelfFiles, who: str, pause: Callable[[], None] = lambda: None) -> Lease:
    """One for which time passes as it waits, with what happens meanwhile."""
    return Lease(files, who, lambda _seconds: pause())


def test_in_a_bucket_who_still_writes_keeps_a_second_one_out(files: ShelfFiles) -> None:
    first = lease(files, "process 1 on a")
    first.take()
    told: list[str] = []
    with pytest.raises(Busy, match="process 1 on a is writing"):
        lease(files, "process 2 on b", first.beat).take(told.append)
    assert "process 1 on a was writing here" in told[0]
    first.check()
    first.release()
    lease(files, "process 2 on b", first.beat).take()


def test_in_a_bucket_what_a_killed_command_left_is_taken_over_and_it_is_told_if_it_lives(files: ShelfFiles) -> None:
    first = lease(files, "process 1 on a")
    first.take()
    second = lease(files, "process 2 on b")  # while it waits the first says nothing
    second.take()
    first.beat()
    with pytest.raises(Busy, match="process 2 on b is writing"):
        first.check()
    first.release()  # which leaves the second's alone
    second.beat()
    second.check()
    found = files.read("writing.json")
    assert found is not None
    assert json.loads(found)["who"] == "process 2 on b"


def test_of_two_that_begin_at_once_in_a_bucket_one_has_it(files: ShelfFiles) -> None:
    second = lease(files, "process 2 on b")
    first = lease(files, "process 1 on a", second.take)
    with pytest.raises(Busy, match="process 2 on b is writing"):
        first.take()
    second.check()


def test_in_a_bucket_it_is_free_again_when_it_is_through(tmp_path: Path, files: ShelfFiles) -> None:
    shelf = files.url.rpartition("/")[0]
    with sole_writer(shelf, "anna") as check:
        check()
        assert files.read("writing.json") is not None
    assert files.read("writing.json") is None
