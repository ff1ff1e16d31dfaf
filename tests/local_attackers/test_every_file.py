"""Every path below the home folder after all that the program does, each with the permissions that it has to have.

All of it runs with a umask that would leave everything open.
"""

import fnmatch
import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from isthisme.cli import program
from tests.companion import client, running_daemon, wait_until
from tests.evidence.scene_of_a_theft import fetched, theft
from tests.pictures import write_photos

pytestmark = pytest.mark.slow  # many processes

# What we write below the home folder. A path that fits none of these is a file that nobody thought of.
TABLE = {
    ".": 0o700,
    "catalog.db": 0o600,
    "catalog.db-wal": 0o600,
    "catalog.db-shm": 0o600,
    "daemon.lock": 0o600,
    "daemon.sock": 0o600,
    "daemon.log": 0o600,
    "indexing.lock": 0o600,
    "index": 0o700,
    "index/lock": 0o600,
    "index/*.segment": 0o600,
    "evidence": 0o700,
    "evidence/*.zip": 0o600,
    "notices": 0o700,
    "notices/notice-*.txt": 0o600,
    "possession": 0o700,
    "possession/2*": 0o700,
    "possession/2*/possession.txt": 0o600,
    "possession/2*/salts.key": 0o600,
    "settings.toml": 0o644,  # the user's own
}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """The home folder while the daemon runs, and a folder with what the user was given elsewhere."""
    top = tmp_path_factory.mktemp("every-file")
    home, given = top / "home", top / "given"
    before = os.umask(0)
    try:
        given.mkdir(mode=0o755)
        home.mkdir(mode=0o700)
        (home / "settings.toml").write_text('model = "none"\nworkers = 1\n')
        (home / "settings.toml").chmod(0o644)
        with theft(home) as scene:
            scene.catalog.cases.make("The shop", "shop.example", [scene.see(exchange=fetched())])
            scene.capture()
        write_photos(top / "photos", range(20))
        run(home, "folders", "add", str(top / "photos"))
        run(home, "index")
        run(home, "rebuild")
        run(home, "evidence", "save", "1")
        run(home, "evidence", "save", "1", "--to", str(given))
        run(home, "evidence", "possession")
        photo = top / "photos" / "photo_001.jpg"
        run(home, "evidence", "possession", "prove", str(photo), "--to", str(given / "proof.zip"))
        shutil.rmtree(home / "index")  # so that there is something to mend
        run(home, "doctor", "--repair", "--yes")
        with running_daemon(home), client(home) as browser:
            wait_until(lambda: browser.ask("status")["state"] == "ready", "the photos are looked through")
            notice = {"kind": "gdpr", "language": "en", "subject": "s", "text": "t", "format": "txt"}
            browser.send_raw(json.dumps({"id": 99, "type": "save_notice", **notice, "sighting_ids": [1]}).encode())
            assert browser.answers(99)[-1]["type"] == "saved"
            yield home, given
    finally:
        os.umask(before)


def run(home: Path, *words: str) -> None:
    done = CliRunner().invoke(program, words, env={"ISTHISME_HOME": str(home)})
    assert done.exit_code in (0, 1), (words, done.output, done.exception)


def test_every_path_below_the_home_folder_has_the_permissions_it_has_to_have(places: tuple[Path, Path]) -> None:
    home, _ = places
    (home / "test-daemon.log").unlink()  # the test's own, as the photos of the scene are
    shutil.rmtree(home / "photos")
    found = {}
    for path in [home, *home.rglob("*")]:
        with suppress(FileNotFoundError):  # gone since: the daemon runs
            found[path.relative_to(home).as_posix()] = path.lstat()
    seen = set()
    for name, status in found.items():
        rows = [pattern for pattern in TABLE if name.count("/") == pattern.count("/")]
        fits = [pattern for pattern in rows if fnmatch.fnmatchcase(name, pattern)]
        assert fits, f"{name} is in no row of the table"
        assert stat.S_IMODE(status.st_mode) == TABLE[fits[0]], name
        assert status.st_uid == os.geteuid(), name
        assert not stat.S_ISLNK(status.st_mode), name
        seen |= set(fits)
    assert set(TABLE) - seen <= {"daemon.log", "index/*.segment"}, "rows that nothing was written for"


def test_what_the_user_is_given_elsewhere_is_theirs_alone(places: tuple[Path, Path]) -> None:
    _, given = places
    modes = {path.suffix: stat.S_IMODE(path.stat().st_mode) for path in given.iterdir()}
    assert len(list(given.iterdir())) == 2
    assert modes == {".zip": 0o600}
    assert stat.S_IMODE(given.stat().st_mode) == 0o755, "the user's own folder stays as it is"
