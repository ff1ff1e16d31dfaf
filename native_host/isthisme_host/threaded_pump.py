"""The pump where pipes cannot be polled: a thread for each end of the two streams, and a small store in each stream.

It does what `pump.Pump` does, to the byte. That one is told by the system at once when the browser has gone; this one
once it has read all that the browser sent.
"""

import os
import queue
import threading

from isthisme_host.frames import LARGEST_TO_BROWSER_BYTES, LARGEST_TO_DAEMON_BYTES, FrameGate, FrameTooLargeError
from isthisme_host.partings import BrowserGoneError, DaemonGoneError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from isthisme_host.connect import Connection

_CHUNK_BYTES = 2**16


class Pump:
    """Two streams, each with a small store: who sends faster than the other side takes is made to wait."""

    def __init__(self, browser_in: int, browser_out: int) -> None:
        """Takes the two file descriptors of the browser's pipes. Raises OSError where there are none."""
        os.fstat(browser_in)
        os.fstat(browser_out)
        self._ends: queue.SimpleQueue[Exception] = queue.SimpleQueue()
        self._to_daemon = _Store()
        self._to_browser = _Store()  # whole frames
        self._start(lambda: self._read_browser(browser_in))
        self._start(lambda: self._write_browser(browser_out))

    def attach(self, daemon: "Connection") -> None:
        self._start(lambda: self._read_daemon(daemon))
        self._start(lambda: self._write_daemon(daemon))

    def say(self, frame: bytes) -> None:
        """Puts a frame of the host's own behind those that wait for the browser."""
        self._to_browser.add(frame)

    def turn(self, timeout_seconds: float | None = None) -> None:
        """Waits for the end, or for the time given; what can move moves by itself.

        Raises BrowserGoneError, DaemonGoneError (once all that it sent was passed on) or FrameTooLargeError.
        """
        try:
            end = self._ends.get(timeout=timeout_seconds)
        except queue.Empty:
            return
        self._to_browser.take_no_more()
        raise end

    def finish(self, timeout_seconds: float) -> None:
        """Gives the browser what waits for it, for at most the time given."""
        self._to_browser.wait_until_empty(timeout_seconds)

    def _start(self, work: "Callable[[], None]") -> None:
        def run() -> None:
            try:
                work()
            except (BrowserGoneError, DaemonGoneError, FrameTooLargeError) as end:
                self._ends.put(end)

        threading.Thread(target=run, daemon=True).start()  # one that waits for a pipe keeps nobody from ending

    def _read_browser(self, browser_in: int) -> None:
        gate = FrameGate(LARGEST_TO_DAEMON_BYTES, "to the daemon")
        while True:
            try:
                chunk = os.read(browser_in, _CHUNK_BYTES)
            except OSError as error:
                raise BrowserGoneError from error
            if not chunk:
                raise BrowserGoneError
            gate.follow(chunk)
            self._to_daemon.put(chunk)

    def _write_browser(self, browser_out: int) -> None:
        while True:
            waiting = self._to_browser.first()
            try:
                written = os.write(browser_out, waiting)
            except OSError as error:
                self._to_browser.clear()
                raise BrowserGoneError from error
            self._to_browser.drop(written)

    def _read_daemon(self, daemon: "Connection") -> None:
        gate = FrameGate(LARGEST_TO_BROWSER_BYTES, "to the browser")
        unfinished = bytearray()  # the frame that the daemon is sending
        while True:
            try:
                chunk = daemon.recv(_CHUNK_BYTES)
            except OSError as error:
                raise DaemonGoneError from error
            if not chunk:
                raise DaemonGoneError
            end_of_last_frame = gate.follow(chunk)
            if end_of_last_frame:
                self._to_browser.put(bytes(unfinished) + chunk[:end_of_last_frame])
                unfinished.clear()
            unfinished += chunk[end_of_last_frame:]

    def _write_daemon(self, daemon: "Connection") -> None:
        while True:
            waiting = self._to_daemon.first()
            try:
                daemon.sendall(waiting)
            except OSError:  # it hung up: what it still said is read first, then its end is found there
                self._to_daemon.take_no_more()
                return
            self._to_daemon.drop(len(waiting))


class _Store:
    """Bytes on their way from one thread to another."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._is_shut = False
        self._changed = threading.Condition()

    def put(self, data: bytes) -> None:
        """Waits until little lies here, and adds the bytes; drops them where no more is taken."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._bytes) < _CHUNK_BYTES or self._is_shut)
            if not self._is_shut:
                self.add(data)

    def add(self, data: bytes) -> None:
        """At once, and in any case."""
        with self._changed:
            self._bytes += data
            self._changed.notify_all()

    def first(self) -> bytes:
        """Waits until something lies here, and gives a part of it, which stays until it is dropped."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._bytes) > 0)
            return bytes(self._bytes[:_CHUNK_BYTES])

    def drop(self, count: int) -> None:
        with self._changed:
            del self._bytes[:count]
            self._changed.notify_all()

    def clear(self) -> None:
        self.drop(len(self._bytes))

    def take_no_more(self) -> None:
        with self._changed:
            self._is_shut = True
            self._changed.notify_all()

    def wait_until_empty(self, timeout_seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._bytes, timeout_seconds)
