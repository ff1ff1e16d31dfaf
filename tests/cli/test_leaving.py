"""Coming and going with the real commands, in a home of a made-up user: nothing is left but what is wished."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.companion import kill_daemon_of
from tests.pictures import write_photos

pytestmark = pytest.mark.slow  # many processes


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """A home with a browser's profile, a desktop and photos. No systemd of its own answers."""
    user = tmp_path / "user"
    for folder in (".config/chromium", ".local/share/mine", ".mozilla/firefox"):
        (user / folder).mkdir(parents=True)
        (user / folder / "Local State").write_text("theirs")
    (user / ".mozilla/firefox/profiles.ini").touch()
    write_photos(user / "Pictures", range(2))
    return user


@pytest.fixture
def home(user: Path) -> object:
    home = user / ".local/share/isthisme"
    yield home
    if home.exists():
        kill_daemon_of(home)


def run(user: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ISTHISME_", "DBUS_"))}
    return subprocess.run(
        [sys.executable, "-m", "isthisme", *words],
        env={**kept, "HOME": str(user), "COLUMNS": "200", "NO_COLOR": "1", "PATH": "/nowhere"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def picture_of(folder: Path) -> dict[str, bytes | None]:
    """Every file with its content, and every folder."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def set_up(user: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    return run(user, "setup", *words, str(user / "Pictures"))


def test_whoever_leaves_finds_the_home_as_it_was(user: Path, home: Path) -> None:
    before = picture_of(user)
    done = set_up(user, home, "--autostart")
    assert done.returncode == 0, done.stderr
    assert "The companion starts at login" in done.stdout
    link = user / ".local/bin/isthisme"
    assert link.readlink() == Path(sys.executable).parent / "isthisme"
    assert f"Until then: {link.readlink()}" in done.stdout, "that folder is not on this PATH"
    assert (user / ".config/autostart/isthisme.desktop").is_file()
    assert (user / ".config/chromium/NativeMessagingHosts/isthisme.host.json").is_file()
    assert run(user, "autostart", "status").stdout.startswith("on: entry in the desktop's autostart folder")
    for written in (user / ".config/autostart/isthisme.desktop", home / "native-host"):
        written.write_text(written.read_text().replace(sys.executable, "/gone/python"))
    findings = run(user, "doctor", "--json").stdout.splitlines()
    troubles = {found["about"]: found["words"] for found in map(json.loads, findings) if found["level"] == "trouble"}
    assert "for a program that has moved since" in troubles["start at login"]
    assert "does not know the companion" in troubles["browsers"]
    assert any("/gone/python is not there any more" in found for found in findings)
    assert "The companion starts at login" in run(user, "setup").stdout, "what is on stays on, and is mended"
    findings = run(user, "doctor", "--json").stdout.splitlines()
    assert not [found for found in map(json.loads, findings) if found["level"] == "trouble"]
    left = run(user, "uninstall", "--delete-data")
    assert left.returncode == 0, left.stderr
    assert "Firefox: remove the extension" in left.stdout
    assert "the program itself: delete its folder" in left.stdout
    assert picture_of(user) == before
    again = run(user, "uninstall", "--delete-data")
    assert again.returncode == 0, again.stderr
    assert picture_of(user) == before, "asking again makes no home folder"


def test_without_a_terminal_nothing_starts_at_login_and_the_data_are_kept(user: Path, home: Path) -> None:
    before = picture_of(user)
    assert set_up(user, home).returncode == 0
    assert not (user / ".config/autostart").exists()
    log = home / "daemon.log"
    said = log.read_text()
    second = run(user, "daemon", "--log", "--home", str(home))
    assert (second.returncode, second.stdout, second.stderr) == (0, "", ""), "it yields, and is not started again"
    assert "another daemon holds" in log.read_text().removeprefix(said)
    assert log.stat().st_mode & 0o777 == 0o600
    left = run(user, "uninstall")
    assert left.returncode == 0, left.stderr
    assert f"Your data are kept in {home}" in left.stdout
    after = picture_of(user)
    data = {name for name in after if name.startswith(".local/share/isthisme")}
    assert {name: after[name] for name in after.keys() - data} == before
    assert {Path(name).name for name in data} >= {"catalog.db", "settings.toml"}
    assert not {Path(name).name for name in data} & {"native-host", "daemon.lock", "daemon.sock", "daemon.log"}
    shutil.rmtree(home)
