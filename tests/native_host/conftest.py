"""Browsers that start hosts, and a stand-in daemon that hosts start for themselves."""

import contextlib
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.native_host.browser_end import CALLER, HOST, PATIENCE_SECONDS, BrowserEnd


@pytest.fixture
def host_command() -> list[str]:
    """What a browser runs when our extension calls."""
    return [*HOST, CALLER]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home folder that is not there yet. Whichever daemon held its lock is ended afterwards."""
    home = tmp_path / "home"
    yield home
    with contextlib.suppress(OSError, ValueError):
        os.kill(int((home / "daemon.lock").read_text()), signal.SIGKILL)


@pytest.fixture
def environment(home: Path, tmp_path: Path) -> dict[str, str]:
    """A browser's surroundings, in which the daemon's Python is the stand-in."""
    python = tmp_path / "stand-in-python"
    stand_in = Path(__file__).with_name("stand_in_daemon.py")
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -I {shlex.quote(str(stand_in))} "$@"\n')
    python.chmod(0o700)
    return {
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
        "ISTHISME_HOME": str(home),
        "ISTHISME_PYTHON": str(python),
    }


@pytest.fixture
def open_browser(environment: dict[str, str]) -> Iterator[Callable[..., BrowserEnd]]:
    """Starts a host as a browser does. Arguments: what to add to the environment, and the caller."""
    with contextlib.ExitStack() as stack:

        def start(caller: tuple[str, ...] = (CALLER,), **variables: str) -> BrowserEnd:
            browser = BrowserEnd({**environment, **variables}, list(caller))
            stack.callback(browser.close)
            return browser

        yield start


@pytest.fixture
def browser(open_browser: Callable[..., BrowserEnd]) -> BrowserEnd:
    """A browser whose host has its daemon."""
    browser = open_browser()
    assert browser.ask(do="echo") == {"do": "echo"}
    return browser


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    def wait(holds: Callable[[], bool]) -> None:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < give_up, f"did not come true in {PATIENCE_SECONDS} s"
            time.sleep(0.01)

    return wait
