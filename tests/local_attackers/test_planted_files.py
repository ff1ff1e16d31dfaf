"""What somebody planted inside the home folder while it was open, or where the user has a file written."""

import os
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from isthisme.catalog import Catalog
from isthisme.cli import program
from isthisme.config import Paths
from isthisme.errors import CatalogUnusable, UsageError
from isthisme.index.segment import Columns, destroy, write_segment
from isthisme.indexing.lock import indexing_lock
from isthisme.new_files import put_in_place, write_new
from isthisme_host.connect import HomeRefusedError, daemon_lock
from isthisme_host.home_contents import close_to_others, foreign_entries
from isthisme_host.private_files import NotPrivateError, make_private, open_private
from isthisme_host.start import start_daemon
from tests.local_attackers.strangers import NOBODY, as_root, run_as

PLANTED = ["link to a file", "link to nowhere", "second name", "pipe", "folder"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file of the user's that has nothing to do with us."""
    made = tmp_path / "victim"
    made.write_text("mine")
    made.chmod(0o644)
    return made


def plant(kind: str, place: Path, victim: Path) -> None:
    match kind:
        case "link to a file":
            place.symlink_to(victim)
        case "link to nowhere":
            place.symlink_to(victim.with_name("nowhere"))
        case "second name":
            place.hardlink_to(victim)
        case "pipe":
            os.mkfifo(place)
        case "folder":
            place.mkdir()


def is_untouched(victim: Path) -> bool:
    is_same = victim.read_text() == "mine" and stat.S_IMODE(victim.stat().st_mode) == 0o644
    return is_same and not victim.with_name("nowhere").exists()


def take_indexing_lock(home: Path) -> None:
    with indexing_lock(home / "indexing.lock"):
        pass


WRITES: dict[str, Callable[[Path], object]] = {
    "daemon.lock": daemon_lock,
    "daemon.log": lambda home: start_daemon(str(home), {"ISTHISME_PYTHON": "/nowhere"}),
    "indexing.lock": take_indexing_lock,
}


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("name", WRITES)
def test_what_is_planted_in_the_place_of_a_file_is_neither_followed_nor_waited_for(
    home: Path, victim: Path, name: str, planted: str
) -> None:
    plant(planted, home / name, victim)
    with pytest.raises((HomeRefusedError, OSError)):
        WRITES[name](home)
    assert is_untouched(victim)


@pytest.mark.parametrize("planted", ["link to a file", "link to nowhere", "pipe", "folder"])
@pytest.mark.parametrize("name", ["catalog.db", "catalog.db-wal", "catalog.db-journal"])
def test_what_is_planted_in_the_place_of_the_catalog_is_left_alone(
    home: Path, victim: Path, name: str, planted: str
) -> None:
    if name != "catalog.db":
        Catalog(home / "catalog.db").close()
    plant(planted, home / name, victim)
    try:
        with closing(Catalog(home / "catalog.db")) as catalog:
            catalog.facts.greetings()
    except (CatalogUnusable, OSError):
        pass  # refused is as good as passed by
    assert is_untouched(victim)


@pytest.mark.parametrize("planted", PLANTED[:4])
def test_what_is_planted_in_the_place_of_a_segment_only_loses_that_name(home: Path, victim: Path, planted: str) -> None:
    plant(planted, home / "one.unfinished", victim)
    plant(planted, home / "two.segment", victim)
    write_segment(home / "one.segment", [Columns(np.arange(1, 3), np.zeros(2, np.uint64), None)])
    destroy(home / "two.segment")
    assert [path.name for path in home.iterdir()] == ["one.segment"]
    assert is_untouched(victim)


@pytest.mark.parametrize("planted", ["link to a file", "link to nowhere", "pipe", "folder", "second name"])
def test_what_the_user_is_given_goes_around_whatever_has_its_name(home: Path, victim: Path, planted: str) -> None:
    plant(planted, home / "notice.pdf", victim)
    before = os.umask(0)
    try:
        written = write_new(home / "notice.pdf", b"letter", may_number=True)
    finally:
        os.umask(before)
    assert (written.name, written.read_bytes(), stat.S_IMODE(written.stat().st_mode)) == (
        "notice-2.pdf",
        b"letter",
        0o600,
    )
    with pytest.raises(UsageError, match="is there already"):
        write_new(home / "notice.pdf", b"letter", may_number=False)
    assert is_untouched(victim)


@pytest.mark.parametrize("planted", ["link to a file", "another file"])
def test_a_file_that_is_swapped_before_it_gets_its_name_is_noticed(home: Path, victim: Path, planted: str) -> None:
    """In a folder that others may write to: the swap comes between writing and naming."""
    unfinished = home / "unfinished"
    handle = make_private(unfinished)
    unfinished.unlink()
    unfinished.symlink_to(victim) if planted == "link to a file" else unfinished.write_text("theirs")
    with pytest.raises(UsageError, match="somebody else put another file in the place"):
        put_in_place(handle, unfinished, home / "evidence.zip", tries=1)
    os.close(handle)
    assert is_untouched(victim)


def test_a_file_cannot_be_emptied_before_it_was_looked_at(home: Path) -> None:
    with pytest.raises(ValueError, match="truncate"):
        open_private(home / "any", os.O_WRONLY | os.O_TRUNC)
    assert not (home / "any").exists()


@as_root
def test_a_file_of_another_user_is_not_opened(common: Path) -> None:
    run_as(NOBODY, "open('theirs', 'w').write('x')", common)
    with pytest.raises(NotPrivateError, match=f"belongs to user id {NOBODY}"):
        open_private(common / "theirs", os.O_RDWR)


@pytest.mark.parametrize("name", ["index", "evidence", "notices", "possession", "catalog.db", "daemon.lock"])
def test_links_in_the_home_folder_are_told_at_the_start_with_the_way_out(home: Path, victim: Path, name: str) -> None:
    (home / name).symlink_to(victim.parent)
    done = CliRunner().invoke(program, ["status"], env={"ISTHISME_HOME": str(home)})
    assert isinstance(done.exception, UsageError)
    assert f"{home}/{name} is not a file of yours alone: it is a link" in str(done.exception)
    assert "move it away" in str(done.exception)


def test_the_settings_may_be_kept_elsewhere(home: Path, victim: Path) -> None:
    Paths(home).settings.symlink_to(victim)
    assert list(foreign_entries(home)) == []


def test_a_pipe_in_the_home_folder_is_told_at_the_start_and_not_waited_for(home: Path) -> None:
    os.mkfifo(home / "settings.toml")
    assert [path for path, _ in foreign_entries(home)] == [str(home / "settings.toml")]


@as_root
@pytest.mark.parametrize("place", ["left", "index/left", "evidence/left"])
def test_what_another_user_left_in_the_home_folder_is_told_at_the_start(home: Path, place: str) -> None:
    (home / place).parent.mkdir(mode=0o700, exist_ok=True)
    (home / place).touch()
    os.chown(home / place, NOBODY, NOBODY)
    assert list(foreign_entries(home)) == [(str(home / place), f"it belongs to user id {NOBODY}")]


def test_what_is_open_to_others_is_closed_and_links_are_not_followed(home: Path, victim: Path) -> None:
    (home / "index").mkdir()
    for name, mode in (("catalog.db", 0o644), ("index/one.segment", 0o666), ("native-host", 0o755)):
        (home / name).touch()
        (home / name).chmod(mode)
    (home / "index").chmod(0o755)
    (home / "link").symlink_to(victim)
    closed = close_to_others(home)
    assert sorted(Path(path).name for path in closed) == ["catalog.db", "index", "native-host", "one.segment"]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.rglob("*") if not path.is_symlink()}
    assert modes == {"catalog.db": 0o600, "index": 0o700, "native-host": 0o700, "one.segment": 0o600}
    assert is_untouched(victim)
    assert close_to_others(home) == []


def test_a_repair_leaves_the_launcher_one_that_can_be_started(home: Path) -> None:
    (home / "native-host").write_text("#!/bin/sh\n")
    (home / "native-host").chmod(0o755)
    done = CliRunner().invoke(program, ["doctor", "--repair", "--yes"], env={"ISTHISME_HOME": str(home)})
    assert "may be read by other users" in done.output
    assert stat.S_IMODE((home / "native-host").stat().st_mode) == 0o700
