"""A real daemon in a home folder of its own, and a client that speaks PROTOCOL.md to it."""

import json
import os
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isthisme_host.connect import MeetingError, connect
from tests.pictures import write_photos
from tests.product import PROGRAM, surroundings

_LENGTH = struct.Struct("=I")


def isthisme(home: Path, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the command line to its end."""
    return subprocess.run(
        [*PROGRAM, *words],
        env=surroundings(ISTHISME_HOME=str(home), COLUMNS="200", NO_COLOR="1"),
        input=given,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@contextmanager
def running_daemon(home: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = start_daemon(home, **environment)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(60)
        finally:
            process.kill()
            process.wait()


@contextmanager
def daemon_with_photos(folder: Path, count: int, *, workers: int) -> Iterator[Path]:
    """The home of a daemon without a model, which has looked through that many photos in `folder`/photos."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text(f'model = "none"\nworkers = {workers}\n')
    write_photos(folder / "photos", range(count))
    assert isthisme(home, "folders", "add", str(folder / "photos")).returncode == 0
    assert isthisme(home, "index").returncode == 0
    with running_daemon(home):
        with client(home) as asker:
            wait_until(lambda: asker.ask("status")["state"] == "ready", "the daemon has looked through the photos")
        yield home


def start_daemon(home: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Started, and answering."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "test-daemon.log").open("ab") as log:
        process = subprocess.Popen(
            [*PROGRAM, "daemon"],
            env=surroundings(ISTHISME_HOME=str(home), **environment),
            stdout=log,
            stderr=log,
        )
    wait_until(lambda: _answers(home), "the daemon answers")
    return process


def kill_daemon_of(home: Path) -> None:
    """Ends whichever daemon serves the home folder, as a crash would."""
    with suppress(OSError, ValueError):
        os.kill(int((home / "daemon.lock").read_text()), signal.SIGKILL)


def bytes_below(home: Path) -> bytes:
    """Of all files, while the daemon may be writing: what comes and goes meanwhile need not be among them."""
    found = []
    for path in home.rglob("*"):
        with suppress(FileNotFoundError):
            found.append(path.read_bytes() if path.is_file() else b"")
    return b"".join(found)


def wait_until(holds: Any, what: str, *, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)


def _answers(home: Path) -> bool:
    try:
        connect(home).close()
    except MeetingError:
        return False
    return True


@dataclass
class Client:
    """One connection. Answers are kept until somebody asks for them by id."""

    socket: socket.socket
    number: int = 0
    kept: list[dict[str, Any]] = field(default_factory=list)

    def send(self, kind: str, **fields: Any) -> int:
        self.number += 1
        self.send_raw(json.dumps({"id": self.number, "type": kind, **fields}).encode())
        return self.number

    def send_raw(self, body: bytes) -> None:
        self.socket.sendall(_LENGTH.pack(len(body)) + body)

    def receive(self) -> dict[str, Any]:
        """The next frame, whatever it is. Raises EOFError when the daemon closed the connection."""
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        answer: dict[str, Any] = json.loads(self._exactly(length))
        return answer

    def receive_answer(self) -> dict[str, Any]:
        """The next frame that answers something: not the news of another status, which may come at any time."""
        while (answer := self.receive())["type"] == "status" and answer.get("id") is None:
            pass
        return answer

    def answers(self, request: int) -> list[dict[str, Any]]:
        """All answers to a request, its last one last."""
        found = [answer for answer in self.kept if answer.get("id") == request]
        self.kept = [answer for answer in self.kept if answer.get("id") != request]
        while not found or (found[-1]["type"] == "verdict" and request in self.pages):
            answer = self.receive()
            (found if answer.get("id") == request else self.kept).append(answer)
        return found

    def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        return self.answers(self.send(kind, **fields))[-1]

    def check_page(self, addresses: list[str], page: str, **fields: Any) -> dict[str, dict[str, Any]]:
        """The verdicts by address; the last answer under its type."""
        request = self.start_page(addresses, page, **fields)
        answers = self.answers(request)
        found = {answer["key"]: answer for answer in answers if answer["type"] == "verdict"}
        return found | {answers[-1]["type"]: answers[-1]}

    def start_page(self, addresses: list[str], page: str, **fields: Any) -> int:
        images = [{"key": address[-90:], "address": address} for address in addresses]
        request = self.send("check_page", page={"address": page, "title": "A page"}, images=images, **fields)
        self.pages.add(request)
        return request

    pages: set[int] = field(default_factory=set)

    def hello(self, **fields: Any) -> dict[str, Any]:
        usual = {"protocol": 1, "extension_version": "0.1.0", "browser": "chromium", "user_agent": "Test/1.0"}
        return self.ask("hello", **(usual | fields))

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            chunk = self.socket.recv(count - len(data))
            if not chunk:
                raise EOFError
            data += chunk
        return data


@contextmanager
def client(home: Path, *, greets: bool = True) -> Iterator[Client]:
    with connect(home) as connected:
        connected.settimeout(60)
        made = Client(connected)
        if greets:
            assert made.hello()["type"] == "welcome"
        yield made
