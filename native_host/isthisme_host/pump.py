"""The pump: moves frames between the browser's pipes and the daemon's socket, holding little and waiting for both.

To the daemon bytes go on as they come. To the browser only whole frames go, so that a word of the host's own never
lands inside a frame that the daemon did not finish.
"""

import os
import select
import sys
import time
from socket import socket

from isthisme_host.frames import LARGEST_TO_BROWSER_BYTES, LARGEST_TO_DAEMON_BYTES, FrameGate
from isthisme_host.partings import BrowserGoneError, DaemonGoneError

if sys.platform == "win32":
    raise ImportError("not for Windows, where pipes cannot be polled: threaded_pump is")

_CHUNK_BYTES = 2**16


class Pump:
    """Two streams, each with a small buffer: who sends faster than the other side takes is made to wait."""

    def __init__(self, browser_in: int, browser_out: int) -> None:
        """Takes the two file descriptors of the browser's pipes and makes them non-blocking."""
        os.set_blocking(browser_in, False)
        os.set_blocking(browser_out, False)
        self._browser_in = browser_in
        self._browser_out = browser_out
        self._daemon: socket | None = None
        self._to_daemon = bytearray()
        self._to_browser = bytearray()  # whole frames
        self._unfinished = bytearray()  # the frame that the daemon is sending
        self._daemon_hears = True
        self._gate_to_daemon = FrameGate(LARGEST_TO_DAEMON_BYTES, "to the daemon")
        self._gate_to_browser = FrameGate(LARGEST_TO_BROWSER_BYTES, "to the browser")

    def attach(self, daemon: socket) -> None:
        daemon.settimeout(0)
        self._daemon = daemon

    def say(self, frame: bytes) -> None:
        """Puts a frame of the host's own behind those that wait for the browser."""
        self._to_browser += frame

    def turn(self, timeout_seconds: float | None = None) -> None:
        """Waits until something can move, or for the time given, and moves it.

        Raises BrowserGoneError, DaemonGoneError (once all that it sent was passed on) or FrameTooLargeError.
        """
        ready = self._wait(timeout_seconds, is_ending=False)
        self._write_to_browser(ready)
        self._read_from_browser(ready)
        if self._daemon is not None:
            events = ready.get(self._daemon.fileno(), 0)
            if events & ~select.POLLIN:
                self._write_to_daemon(self._daemon)
            if events & ~select.POLLOUT:
                self._read_from_daemon(self._daemon)

    def finish(self, timeout_seconds: float) -> None:
        """Gives the browser what waits for it, for at most the time given, and reads nothing more."""
        give_up = time.monotonic() + timeout_seconds
        while self._to_browser and (left := give_up - time.monotonic()) > 0:
            self._write_to_browser(self._wait(left, is_ending=True))

    def _wait(self, timeout_seconds: float | None, *, is_ending: bool) -> dict[int, int]:
        poll = select.poll()
        # A browser that is gone shows even where no event is asked for, as POLLHUP here and POLLERR there.
        reads = not is_ending and len(self._to_daemon) < _CHUNK_BYTES
        poll.register(self._browser_in, select.POLLIN if reads else 0)
        poll.register(self._browser_out, select.POLLOUT if self._to_browser else 0)
        if self._daemon is not None and not is_ending:
            events = select.POLLIN if len(self._to_browser) < _CHUNK_BYTES else 0
            events |= select.POLLOUT if self._to_daemon else 0
            if events:  # a daemon that hung up would wake an empty wait again and again
                poll.register(self._daemon, events)
        ready = dict(poll.poll(None if timeout_seconds is None else timeout_seconds * 1000))
        arrived = ready.get(self._browser_in, 0)
        if (arrived and not arrived & select.POLLIN) or ready.get(self._browser_out, 0) & ~select.POLLOUT:
            raise BrowserGoneError
        return ready

    def _read_from_browser(self, ready: dict[int, int]) -> None:
        if not ready.get(self._browser_in, 0):
            return
        try:
            chunk = os.read(self._browser_in, _CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise BrowserGoneError from error
        if not chunk:
            raise BrowserGoneError
        self._gate_to_daemon.follow(chunk)
        if self._daemon_hears:
            self._to_daemon += chunk

    def _write_to_browser(self, ready: dict[int, int]) -> None:
        if not ready.get(self._browser_out, 0):
            return
        try:
            del self._to_browser[: os.write(self._browser_out, self._to_browser)]
        except BlockingIOError:
            pass
        except OSError as error:
            raise BrowserGoneError from error

    def _read_from_daemon(self, daemon: socket) -> None:
        try:
            chunk = daemon.recv(_CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise DaemonGoneError from error
        if not chunk:
            raise DaemonGoneError
        end_of_last_frame = self._gate_to_browser.follow(chunk)
        if end_of_last_frame:
            self._to_browser += self._unfinished + chunk[:end_of_last_frame]
            self._unfinished.clear()
        self._unfinished += chunk[end_of_last_frame:]

    def _write_to_daemon(self, daemon: socket) -> None:
        try:
            del self._to_daemon[: daemon.send(self._to_daemon)]
        except BlockingIOError:
            pass
        except OSError:  # it hung up: what it still said is read first, then its end is found there
            self._daemon_hears = False
            self._to_daemon.clear()
