"""One worker process as its parent sees it: started, asked with a deadline, ended."""

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import msgspec

from isthisme.errors import WorkerCrashed
from isthisme.workers import limits, wire

_CHUNK = 1 << 20  # bytes; the most that Linux lets a pipe hold without privileges
_MOST_SAID = 256 << 10  # bytes of complaints for one picture; then nobody listens to that worker any more
_LAST_WORDS = 500  # bytes of them that are kept
_ENDING_SECONDS = 2.0  # between a process's last pipe and its end
# By the signal that ended it: what a worker's death says, so that people need no table.
_SIGNALS: dict[int, str] = {
    signal.SIGSYS: "it tried what no picture needs, as only bytes made to attack do",
    signal.SIGXCPU: "it used up its time",
    signal.SIGKILL: "it was killed",
}


class Child:
    """A worker process. Any failure leaves it ended; the owner makes another."""

    def __init__(self, program: Sequence[str], model: str, niceness: int) -> None:
        # One thread each: the pool has as many workers as there are cores.
        environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LC_ALL": "C.UTF-8", "PATH": os.defpath}
        self._process = subprocess.Popen(  # noqa: S603 our own interpreter and module
            [sys.executable, "-I", *program, model, str(niceness)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            bufsize=0,
        )
        assert self._process.stdin is not None  # noqa: S101 Popen makes both pipes
        assert self._process.stdout is not None  # noqa: S101
        assert self._process.stderr is not None  # noqa: S101
        self._complaints = self._process.stderr
        self._said = 0  # bytes of complaints about the present picture
        self._last_words = b""
        self._to = self._process.stdin.fileno()
        self._from = self._process.stdout.fileno()
        _widen(self._to)
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        os.set_blocking(self._complaints.fileno(), False)

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    @property
    def last_words(self) -> str:
        """The end of what the worker and its libraries complained of: one line, of printable characters."""
        words = " ".join(self._last_words.decode("utf-8", "replace").split())
        return "".join(each if each.isprintable() else "?" for each in words)

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
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _exchange(self, frame: bytearray, timeout_seconds: float) -> wire.Reply:
        self._said = 0
        limits.allow_seconds(self.process_id, timeout_seconds)
        try:
            return wire.decode_reply(self._transfer(frame, time.monotonic() + timeout_seconds))
        except TimeoutError as error:
            raise WorkerCrashed(f"reading this picture took more than {timeout_seconds:g} s") from error
        except (OSError, EOFError) as error:
            raise WorkerCrashed(f"the process that read this picture ended ({self._how_it_ended()})") from error
        except (msgspec.DecodeError, ValueError) as error:
            raise WorkerCrashed(f"the process that read this picture answered nonsense: {error}") from error

    def _transfer(self, frame: bytearray, deadline: float) -> bytes:
        """Writes the frame and reads one back, whichever the pipes allow first."""
        outgoing = memoryview(frame)
        incoming = bytearray()
        while True:
            remaining = deadline - time.monotonic()
            writers = [self._to] if outgoing else []
            listened = [self._from] if self._complaints.closed else [self._from, self._complaints.fileno()]
            readable, writable, _ = select.select(listened, writers, [], max(0.0, remaining))
            if not readable and not writable:
                raise TimeoutError
            if self._from in readable:
                chunk = os.read(self._from, _CHUNK)
                if not chunk:
                    raise EOFError
                if outgoing:
                    raise ValueError("it answered before it was asked")
                incoming += chunk
                body = _whole(incoming)
                if body is not None:
                    return body
            if len(readable) > (self._from in readable):
                self._listen()
            if writable:
                outgoing = outgoing[os.write(self._to, outgoing[:_CHUNK]) :]

    def _how_it_ended(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = self._process.wait(_ENDING_SECONDS)
            return _SIGNALS.get(-status, f"status {status}")
        return "it closed its pipes"

    def _listen(self) -> None:
        """Empties the pipe of complaints, or a worker would wait for it; closes it where they do not end."""
        try:
            words = os.read(self._complaints.fileno(), 1 << 16)
        except BlockingIOError:
            return
        self._said += len(words)
        self._last_words = (self._last_words + words)[-_LAST_WORDS:]
        if not words or self._said > _MOST_SAID:
            self._complaints.close()


def _widen(pipe: int) -> None:
    """Lets a photo pass in a few pieces instead of forty, each of which wakes both ends; where the system can."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):  # the user's pipes hold as much as they may already
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _CHUNK)


def _whole(incoming: bytearray) -> bytes | None:
    if len(incoming) < wire.LENGTH.size:
        return None
    (length,) = wire.LENGTH.unpack_from(incoming)
    if length > wire.LARGEST_REPLY:
        raise ValueError(f"frame of {length} bytes")
    end = wire.LENGTH.size + length
    if len(incoming) > end:
        raise ValueError("it answered more than it was asked")
    return bytes(incoming[wire.LENGTH.size : end]) if len(incoming) == end else None
