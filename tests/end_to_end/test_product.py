"""That the other tests of this folder test the product that they are told to."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.browser_driver import Chromium
from tests.end_to_end.test_chromium import visit
from tests.picture_site import Site
from tests.product import EXTENSION_OF_CHROMIUM, EXTENSION_OF_FIREFOX, INSTALLED, PROGRAM, PYTHON, ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


def all_processes() -> Iterator[psutil.Process]:
    """Each with its `info`; None in it where a process has just ended."""
    yield from psutil.process_iter(["cmdline", "environ"])


def test_host_and_daemon_that_a_browser_starts_are_of_the_product(browser: Chromium, site: Site, home: Path) -> None:
    visit(browser, site.address, 12)
    daemon = psutil.Process(int((home / "daemon.lock").read_text()))
    assert daemon.cmdline()[:4] == [PYTHON, "-I", "-m", "isthisme"]
    running = [(process.info["cmdline"] or [], process.info["environ"] or {}) for process in all_processes()]
    hosts = [
        command
        for command, environment in running
        if "isthisme_host" in " ".join(command) and environment.get("ISTHISME_HOME") == str(home)
    ]
    assert hosts
    for command in hosts:
        assert command[0] == PYTHON
        assert str(INSTALLED or ROOT) in command[4], "where the host's own code is taken from"


@pytest.mark.skipif(INSTALLED is None, reason="scripts/test installs the product for these tests")
def test_an_installation_has_nothing_of_the_checkout(tmp_path: Path) -> None:
    asked = (
        "import isthisme, isthisme_host, sys; print(isthisme.__file__, isthisme_host.__file__, *sys.path, sep='\\n')"
    )
    said = subprocess.run([PYTHON, "-I", "-c", asked], cwd=tmp_path, check=True, capture_output=True, text=True)
    places = said.stdout.splitlines()
    assert all(place.startswith(str(INSTALLED)) for place in places[:2])
    assert not [place for place in places if Path(place).is_relative_to(ROOT)]
    for folder in (EXTENSION_OF_CHROMIUM, EXTENSION_OF_FIREFOX):
        assert (folder / "manifest.json").is_file()


def test_the_command_works_for_a_user_who_has_nothing_else(tmp_path: Path) -> None:
    bare = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([*PROGRAM, "setup"], cwd=tmp_path, env=bare, capture_output=True, text=True, timeout=100)
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        said = done.stdout.replace("\n", "")
        home = tmp_path / ".local" / "share" / "isthisme"
        for browser in ("chromium", "firefox"):
            assert str(home / "extension" / browser if INSTALLED else EXTENSION_OF_CHROMIUM) in said
        status = subprocess.run([*PROGRAM, "status"], cwd=tmp_path, env=bare, capture_output=True, text=True)
        assert status.returncode == 0, status.stdout + status.stderr
    finally:
        lock = tmp_path / ".local" / "share" / "isthisme" / "daemon.lock"
        psutil.Process(int(lock.read_text())).terminate()
