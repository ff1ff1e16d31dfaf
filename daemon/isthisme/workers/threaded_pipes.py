"""The pipes to a worker, where the system does not tell which of several can move: a thread for each."""

import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from isthisme.workers import wire
from isthisme.workers.complaints import Complaints

_CHUNK = 1 << 20


class ThreadedPipes:
    def __init__(self, process: "subprocess.Popen[bytes]", complaints: Complaints) -> None:
        """Of a process that was started with three pipes."""
        assert process.stdin is not None  # noqa: S101 they were asked for
        assert process.stdout is not None  # noqa: S101
        assert process.stderr is not None  # noqa: S101
        self._to, self._from, self._error = process.stdin, process.stdout, process.stderr
        self._complaints = complaints
        self._frames: queue.SimpleQueue[bytearray | None] = queue.SimpleQueue()  # None is the end
        self._incoming = bytearray()
        self._has_ended = self._is_closed = False
        self._changed = threading.Condition()
        self._threads = [self._start(work) for work in (self._write, self._read, self._listen)]

    def exchange(self, frame: bytearray, deadline: float) -> bytes:
        """Writes the frame and reads one back. The deadline is one of `time.monotonic()`.

        Raises TimeoutError, EOFError where the worker has ended, and ValueError on nonsense.
        """
        with self._changed:
            if frame and self._incoming:
                raise ValueError("it answered before it was asked")
            if frame:
                self._frames.put(frame)
            while (body := wire.whole_frame(self._incoming)) is None:
                if self._has_ended:
                    raise EOFError
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise TimeoutError
                self._changed.wait(remaining)
            self._incoming.clear()
            self._changed.notify_all()
            return body

    def close(self) -> None:
        """Of a process that has ended, and its threads with it."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._frames.put(None)
        for thread in self._threads:
            thread.join()
        for pipe in (self._to, self._from, self._error):
            pipe.close()

    def _start(self, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread

    def _write(self) -> None:
        with suppress(OSError):  # it has ended: the reader finds that out
            while (frame := self._frames.get()) is not None:
                left = memoryview(frame)
                while left:
                    left = left[os.write(self._to.fileno(), left[:_CHUNK]) :]

    def _read(self) -> None:
        with suppress(OSError):
            while chunk := os.read(self._from.fileno(), _CHUNK):
                with self._changed:
                    self._incoming += chunk
                    self._changed.notify_all()
                    # One that sends what nobody asked for is made to wait.
                    self._changed.wait_for(lambda: len(self._incoming) <= wire.LARGEST_REPLY or self._is_closed)
                    if self._is_closed:
                        return
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()

    def _listen(self) -> None:
        """Empties the pipe of complaints, or a worker would wait for it. Where they do not end, none is kept."""
        with suppress(OSError):
            while words := os.read(self._error.fileno(), 1 << 16):
                if not self._complaints.are_endless:
                    self._complaints.hear(words)
