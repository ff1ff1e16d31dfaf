"""`isthisme doctor --repair`: what it mends, what it asks, and when it keeps its hands off."""

import os
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from isthisme.catalog import Catalog, kept_files
from isthisme.catalog.sightings import SeenPicture
from isthisme.cli import program
from isthisme.errors import Busy, CatalogDamaged, CatalogUnusable
from isthisme.indexing.lock import indexing_lock
from isthisme_host.connect import daemon_lock
from isthisme_host.start import DaemonUnreachableError, find_daemon
from tests.pictures import write_photos

PAGE = 4096


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """With a folder and a sighting."""
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    (made / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    (tmp_path / "photos").mkdir()
    with closing(Catalog(made / "catalog.db")) as catalog:
        catalog.folders.add(tmp_path / "photos")
        see(catalog, b"hash")
    return made


def see(catalog: Catalog, picture: bytes) -> None:
    catalog.sightings.keep(SeenPicture("https://a.example/", None, "p", picture, b"jpeg", 1, 1, "{}"))


def doctor(home: Path, *options: str, given: str = "") -> Result:
    return CliRunner().invoke(program, ["doctor", *options], env={"ISTHISME_HOME": str(home)}, input=given)


def damage(home: Path) -> bytes:
    """Breaks the page that leads to all others."""
    data = bytes(PAGE) + (home / "catalog.db").read_bytes()[PAGE:]
    (home / "catalog.db").write_bytes(data)
    return data


def test_a_sound_home_has_nothing_to_mend(home: Path) -> None:
    before = (home / "catalog.db").read_bytes()
    done = doctor(home, "--repair")
    assert (done.exit_code, done.output) == (0, "Nothing to mend.\n")
    assert (home / "catalog.db").read_bytes() == before


def test_a_damaged_catalog_is_told_with_the_way_out_by_every_command(home: Path) -> None:
    damage(home)
    done = doctor(home)
    assert done.exit_code == 1
    assert "isthisme doctor --repair" in done.output
    for words in (["status"], ["folders", "list"], ["sightings", "list"], ["index"], ["forget", "1"]):
        done = CliRunner().invoke(program, words, env={"ISTHISME_HOME": str(home)})
        assert isinstance(done.exception, CatalogDamaged), words
        assert "isthisme doctor --repair" in str(done.exception)


def test_a_damaged_catalog_is_mended_and_the_damaged_one_kept(home: Path, tmp_path: Path) -> None:
    broken = damage(home)
    assert doctor(home, "--repair", given="n\n").exit_code == 1
    assert (home / "catalog.db").read_bytes() == broken, "nothing happens without a yes"
    done = doctor(home, "--repair", given="y\n")
    assert done.exit_code == 0, done.output
    assert "1 folders" in done.output
    assert "1 sightings" in done.output
    (aside,) = kept_files.damaged_ones(home / "catalog.db")
    assert str(aside) in done.output
    assert aside.read_bytes() == broken
    with closing(Catalog(home / "catalog.db")) as catalog:
        assert [folder.path for folder in catalog.folders.all()] == [tmp_path / "photos"]
        assert catalog.sightings.count() == 1
    assert doctor(home, "--repair").output == "Nothing to mend.\n"


def test_two_repairs_on_one_day_keep_both_damaged_catalogs(home: Path) -> None:
    for _ in range(2):
        damage(home)
        assert doctor(home, "--repair", "--yes").exit_code == 0
    assert len(kept_files.damaged_ones(home / "catalog.db")) == 2


def test_a_home_open_to_others_is_closed(home: Path) -> None:
    home.chmod(0o755)
    (home / "catalog.db").chmod(0o644)
    assert doctor(home, "--repair", "--yes").exit_code == 0
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "catalog.db").stat().st_mode) == 0o600


def test_what_a_stopped_program_left_is_removed_after_a_question(home: Path) -> None:
    left = home / "catalog-version-1.db.unfinished"
    left.write_bytes(b"half a copy")
    left.chmod(0o600)
    assert doctor(home, "--repair", given="n\n").exit_code == 1
    assert left.exists()
    assert doctor(home, "--repair", given="y\n").exit_code == 0
    assert not left.exists()


def test_it_keeps_its_hands_off_while_the_companion_or_an_indexer_runs(home: Path) -> None:
    broken = damage(home)
    with daemon_lock(home):
        done = doctor(home, "--repair", "--yes")
        assert isinstance(done.exception, Busy)
        assert "the companion runs" in str(done.exception)
    with indexing_lock(home / "indexing.lock"):
        assert isinstance(doctor(home, "--repair", "--yes").exception, Busy)
    assert (home / "catalog.db").read_bytes() == broken


def test_the_socket_of_a_companion_that_died_goes(home: Path) -> None:
    (home / "daemon.sock").touch(mode=0o600)
    doctor(home, "--repair")
    assert not (home / "daemon.sock").exists()


def test_a_catalog_of_a_newer_program_is_not_mended(home: Path) -> None:
    with closing(Catalog(home / "catalog.db")) as catalog:
        catalog._connection.run("pragma user_version = 1000")
    before = (home / "catalog.db").read_bytes()
    done = doctor(home, "--repair", "--yes")
    assert isinstance(done.exception, CatalogUnusable)
    assert "newer program" in str(done.exception)
    assert (home / "catalog.db").read_bytes() == before


@pytest.mark.slow  # it indexes
def test_an_interrupted_rebuild_is_finished_and_what_was_lost_comes_back(home: Path, tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", range(3))
    with closing(Catalog(home / "catalog.db")) as catalog:
        catalog.generations.start_first(None)
        catalog.generations.start_building(None)
    done = doctor(home, "--repair", given="y\n")
    assert "A rebuild was interrupted" in done.output
    with closing(Catalog(home / "catalog.db")) as catalog:
        assert catalog.generations.building() is None
        assert catalog.photos.count() == 3


@pytest.mark.slow  # it starts the daemon
def test_a_browser_hears_the_way_out_when_the_companion_cannot_start(home: Path) -> None:
    damage(home)
    with pytest.raises(DaemonUnreachableError, match="isthisme doctor --repair"):
        find_daemon(
            str(home), {**os.environ, "ISTHISME_PYTHON": sys.executable}, announce=lambda: None, wait=time.sleep
        )


def test_a_companion_that_is_ending_is_waited_for(home: Path) -> None:
    broken = damage(home)
    lock = daemon_lock(home)
    ending = threading.Timer(0.5, lock.close)
    ending.start()
    try:
        assert doctor(home, "--repair", "--yes").exit_code == 0
    finally:
        ending.join()
    assert (home / "catalog.db").read_bytes() != broken
