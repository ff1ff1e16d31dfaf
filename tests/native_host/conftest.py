"""A browser's end of the native host, and a stand-in daemon that hosts start for themselves."""

import contextlib
import json
import os
import select
import shlex
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from isthisme_host.greeting import read_identity

ROOT = Path(__file__).parents[2] / "native_host"
HOST = [
    sys.executable,
    "-I",
    "-S",
    "-c",
    f"import sys; sys.path.append({str(ROOT)!r}); from isthisme_host.__main__ import main; main()",
]
CALLER = read_identity().chromium_origins[0]
PATIENCE_SECONDS = 10


class BrowserEnd:
    """Holds the pipes of one host and speaks in frames."""

    def __init__(self, environment: dict[str, str], arguments: list[str]) -> None:
        self.process = subprocess.Popen(
            [*HOST, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=0
        )
        assert self.process.stdin
        assert self.process.stdout
        self.input = self.process.stdin
        self.output = self.process.stdout

    def send(self, payload: bytes) -> None:
        self.send_bytes(struct.pack("=I", len(payload)) + payload)

    def send_bytes(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[self.input.write(left) :]

    def ask(self, **message: Any) -> Any:
        self.send(json.dumps(message).encode())
        return self.answer()

    def receive(self) -> bytes:
        (length,) = struct.unpack("=I", self._read(4))
        return self._read(length)

    def answer(self) -> Any:
        """The next message, past the news that the daemon is starting."""
        while (message := json.loads(self.receive())) == {"type": "starting"}:
            pass
        return message

    def has_ended(self) -> bool:
        """The host said nothing more and closed its output."""
        readable, _, _ = select.select([self.output], [], [], PATIENCE_SECONDS)
        return bool(readable) and self.output.read(1) == b""

    def exit_code(self) -> int:
        return self.process.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        for pipe in (self.input, self.output):
            with contextlib.suppress(OSError):
                pipe.close()
        self.process.kill()
        self.process.wait()

    def _read(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            readable, _, _ = select.select([self.output], [], [], PATIENCE_SECONDS)
            assert readable, f"the host was silent for {PATIENCE_SECONDS} s after {len(data)} of {length} bytes"
            chunk = self.output.read(length - len(data))
            assert chunk, f"the host ended after {len(data)} of {length} bytes"
            data += chunk
        return data


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
