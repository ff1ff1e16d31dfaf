"""The pipes to a worker, where the system tells which of several can move."""

import contextlib
import os
import select
import subprocess
import sys
import time

from isthisme.workers import wire
from isthisme.workers.complaints import Complaints

if sys.platform == "win32":
    raise ImportError("not for Windows: threaded_pipes is")

import fcntl

_CHUNK = 1 << 20  # bytes; the most that Linux lets a pipe hold without privileges


class PolledPipes:
    def __init__(self, process: "subprocess.Popen[bytes]", complaints: Complaints) -> None:
        """Of a process that was started with three pipes."""
        assert process.stdin is not None  # noqa: S101 they were asked for
        assert process.stdout is not None  # noqa: S101
        assert process.stderr is not None  # noqa: S101
        self._all = (process.stdin, process.stdout, process.stderr)
        self._to = process.stdin.fileno()
        self._from = process.stdout.fileno()
        self._error = process.stderr
        self._complaints = complaints
        _widen(self._to)
        for pipe in self._all:
            os.set_blocking(pipe.fileno(), False)

    def exchange(self, frame: bytearray, deadline: float) -> bytes:
        """Writes the frame and reads one back, whichever the pipes allow first; the deadline is of `time.monotonic()`.

        Raises TimeoutError, EOFError or OSError where the worker has ended, and ValueError on nonsense.
        """
        outgoing = memoryview(frame)
        incoming = bytearray()
        while True:
            remaining = deadline - time.monotonic()
            writers = [self._to] if outgoing else []
            listened = [self._from] if self._error.closed else [self._from, self._error.fileno()]
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
                body = wire.whole_frame(incoming)
                if body is not None:
                    return body
            if len(readable) > (self._from in readable):
                self._listen()
            if writable:
                outgoing = outgoing[os.write(self._to, outgoing[:_CHUNK]) :]

    def close(self) -> None:
        """Of a process that has ended."""
        for pipe in self._all:
            pipe.close()

    def _listen(self) -> None:
        """Empties the pipe of complaints, or a worker would wait for it; closes it where they do not end."""
        try:
            words = os.read(self._error.fileno(), 1 << 16)
        except BlockingIOError:
            return
        self._complaints.hear(words)
        if not words or self._complaints.are_endless:
            self._error.close()


def _widen(pipe: int) -> None:
    """Lets a photo pass in a few pieces instead of forty, each of which wakes both ends; where the system can."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):  # the user's pipes hold as much as they may already
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _CHUNK)
