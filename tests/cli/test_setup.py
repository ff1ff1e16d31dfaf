"""Setting up: everything between the installation and the first alert, in a user's home of its own."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.companion import isthisme
from tests.pictures import write_photos

pytestmark = pytest.mark.slow  # many processes


def set_up(tmp_path: Path, *words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    user = {"HOME": str(tmp_path / "user"), "ISTHISME_HOME": str(tmp_path / "home")}
    environment = {**os.environ, **user, "PATH": path or os.environ["PATH"], "COLUMNS": "200"}
    environment.pop("XDG_CONFIG_HOME", None)
    return subprocess.run(
        [sys.executable, "-m", "isthisme", "setup", *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.fixture(autouse=True)
def ended_daemon(tmp_path: Path) -> object:
    (tmp_path / "home").mkdir(mode=0o700)
    (tmp_path / "home" / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    (tmp_path / "user").mkdir()
    yield
    with suppress(OSError, ValueError):
        os.kill(int((tmp_path / "home" / "daemon.lock").read_text()), signal.SIGTERM)


def test_one_command_indexes_starts_the_companion_and_says_what_comes_next(tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", range(2))
    done = set_up(tmp_path, str(tmp_path / "photos"), "--extension", str(tmp_path / "extension"))
    assert done.returncode == 0, done.stderr
    assert "2 photos in the index" in done.stdout
    assert "chrome://extensions" in done.stdout
    assert "about:debugging" in done.stdout
    assert str(tmp_path / "extension") in done.stdout
    assert '"daemon_runs": true' in isthisme(tmp_path / "home", "status", "--json").stdout
    again = set_up(tmp_path)
    assert "0 looked at" in again.stdout


def test_a_companion_that_runs_is_replaced_since_it_may_be_an_older_one(tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", range(1))
    lock = tmp_path / "home" / "daemon.lock"
    set_up(tmp_path, str(tmp_path / "photos"))
    first = lock.read_text()
    again = set_up(tmp_path)
    assert "The companion runs" in again.stdout
    assert lock.read_text() != first
    assert '"daemon_runs": true' in isthisme(tmp_path / "home", "status", "--json").stdout


def test_without_a_browser_the_rest_is_done_all_the_same(tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", range(1))
    done = set_up(tmp_path, str(tmp_path / "photos"), path=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "1 photo in the index" in done.stdout


def test_a_folder_that_is_none_is_refused_before_anything_is_indexed(tmp_path: Path) -> None:
    done = set_up(tmp_path, str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert "is not a folder" in done.stderr
