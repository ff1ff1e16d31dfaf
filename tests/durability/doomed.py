"""Processes that die: at a chosen event of theirs, which can be repeated, or whenever it suits another process.

An event is an SQL statement about to begin, or a file about to be opened, renamed or removed. The processes are forked
from one that has loaded the program, so that hundreds of them cost seconds.
"""

import functools
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlite_utils

_FILE_EVENTS = frozenset({"open", "os.rename", "os.remove"})
_PATIENCE_SECONDS = 60.0

type Acknowledge = Callable[[object], None]
type Work = Callable[..., None]


@dataclass(frozen=True, slots=True)
class End:
    was_killed: bool
    acknowledged: list[Any]  # until then


@dataclass(frozen=True, slots=True)
class Mother:
    """Starts one process at a time."""

    requests: Connection
    folder: Path  # for what its children acknowledge

    def run(self, work: Work, *arguments: object, dies_at: int | None = None, killed_after: float | None = None) -> End:
        """A process at `work(*arguments, acknowledge)`: to its end, to an event by its number, or for some seconds."""
        heard = self.folder / "acknowledged"
        heard.unlink(missing_ok=True)
        self.requests.send((work, arguments, dies_at, str(heard)))
        child = self._answer()
        if killed_after is not None and not self.requests.poll(killed_after):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        code = self._answer()
        assert code in (0, -signal.SIGKILL), f"the process ended with {code}"
        return End(code != 0, _all_in(heard))

    def events(self, work: Work, *arguments: object) -> int:
        """How many events an undisturbed run has."""
        return int(self.run(work, *arguments, dies_at=0).acknowledged[-1])

    def _answer(self) -> int:
        assert self.requests.poll(_PATIENCE_SECONDS), "no answer"
        return int(self.requests.recv())


@contextmanager
def mother(folder: Path) -> Iterator[Mother]:
    ours, theirs = Pipe()
    begin = f"from {__name__} import serve; serve({theirs.fileno()})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = (sys.executable, "-c", begin)
    with subprocess.Popen(command, env=environment, pass_fds=[theirs.fileno()]) as process:
        theirs.close()
        try:
            yield Mother(ours, folder)
        finally:
            ours.close()
            process.wait(_PATIENCE_SECONDS)


def serve(descriptor: int) -> None:
    """The mother's own life, in a process without threads: forks a child for each request."""
    # Loaded once, for all children.
    import isthisme.indexing.indexer  # noqa: F401

    sqlite_utils.Database(memory=True).close()  # the first looks for plugins

    requests = Connection(descriptor)
    while True:
        try:
            work, arguments, dies_at, heard = requests.recv()
        except EOFError:
            return
        child = os.fork()
        if not child:
            _live(work, arguments, dies_at, heard)
        requests.send(child)
        requests.send(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _live(work: Work, arguments: tuple[object, ...], dies_at: int | None, heard: str) -> None:
    code = 1
    try:
        _work(work, arguments, dies_at, heard)
        code = 0
    finally:
        os._exit(code)


def _work(work: Work, arguments: tuple[object, ...], dies_at: int | None, heard: str) -> None:
    log = os.open(heard, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def acknowledge(what: object) -> None:
        os.write(log, pickle.dumps(what))

    passed = 0

    def on_event(_what: object = None) -> None:
        nonlocal passed
        passed += 1
        if passed == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_audit(name: str, _values: tuple[Any, ...]) -> None:
        if name in _FILE_EVENTS:
            on_event()

    class Traced(sqlite3.Connection):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.set_trace_callback(on_event)

    if dies_at is not None:  # in this process alone, which has no other end
        sys.addaudithook(on_audit)
        sqlite3.connect = functools.partial(sqlite3.connect, factory=Traced)  # type: ignore[assignment]
    work(*arguments, acknowledge)
    if dies_at is not None:
        acknowledge(passed)


def _all_in(heard: Path) -> list[Any]:
    found = []
    if heard.exists():
        with heard.open("rb") as stream, suppress(EOFError):
            while True:
                found.append(pickle.load(stream))  # noqa: S301 our own child wrote it
    return found
