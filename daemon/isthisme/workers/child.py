"""One worker process as its parent sees it: started, asked with a deadline, ended."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from isthisme.errors import WorkerCrashed
from isthisme.workers import limits, wire
from isthisme.workers.complaints import Complaints

if sys.platform == "win32":
    from isthisme.workers.threaded_pipes import ThreadedPipes as SystemsPipes
else:
    from isthisme.workers.polled_pipes import PolledPipes as SystemsPipes

_NEEDED_VARIABLES = ("SYSTEMROOT",) if sys.platform == "win32" else ()  # without it no program starts
_ENDING_SECONDS = 2.0  # between a process's last pipe and its end
# By the signal that ended it: what a worker's death says, so that people need no table.
_SIGNALS = {
    "SIGSYS": "it tried what no picture needs, as only bytes made to attack do",
    "SIGXCPU": "it used up its time",
    "SIGKILL": "it was killed",
}


class Pipes(Protocol):
    """The three pipes to a worker. Made of a process that was started with them."""

    def exchange(self, frame: bytearray, deadline: float) -> bytes: ...
    def close(self) -> None: ...


class Child:
    """A worker process. Any failure leaves it ended; the owner makes another."""

    def __init__(
        self,
        program: Sequence[str],
        model: str,
        niceness: int,
        pipes: Callable[["subprocess.Popen[bytes]", Complaints], Pipes] = SystemsPipes,
    ) -> None:
        # One thread each: the pool has as many workers as there are cores.
        environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LC_ALL": "C.UTF-8", "PATH": os.defpath}
        environment |= {name: os.environ[name] for name in _NEEDED_VARIABLES if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 our own interpreter and module
            [sys.executable, "-I", *program, model, str(niceness)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            bufsize=0,
            creationflags=limits.windows_flags(niceness),
        )
        self._complaints = Complaints()
        self._pipes = pipes(self._process, self._complaints)

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    @property
    def last_words(self) -> str:
        """The end of what the worker and its libraries complained of: one line, of printable characters."""
        return self._complaints.last_words

    @property
    def process_id(self) -> int:
        return self._process.pid

    def first_reply(self, timeout_seconds: float) -> wire.Reply:
        """Ready, or Failed when the model cannot be loaded. Raises WorkerCrashed, as `ask` does."""
        return self._exchange(bytearray(), timeout_seconds)

    def ask(self, request: wire.Request, timeout_seconds: float) -> wire.Reply:
        """The worker's reply. Raises WorkerCrashed when it dies, hangs or answers nonsense."""
        return self._exchange(wire.encode(request), timeout_seconds)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._pipes.close()

    def _exchange(self, frame: bytearray, timeout_seconds: float) -> wire.Reply:
        self._complaints.begin()
        limits.allow_seconds(self.process_id, timeout_seconds)
        try:
            return wire.decode_reply(self._pipes.exchange(frame, time.monotonic() + timeout_seconds))
        except TimeoutError as error:
            raise WorkerCrashed(f"reading this picture took more than {timeout_seconds:g} s") from error
        except (OSError, EOFError) as error:
            raise WorkerCrashed(f"the process that read this picture ended ({self._how_it_ended()})") from error
        except (msgspec.DecodeError, ValueError) as error:
            raise WorkerCrashed(f"the process that read this picture answered nonsense: {error}") from error

    def _how_it_ended(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = self._process.wait(_ENDING_SECONDS)
            name = signal.Signals(-status).name if -status in set(signal.Signals) else ""
            return _SIGNALS.get(name, f"status {status}")
        return "it closed its pipes"
