"""The native host's pump between a browser's pipes and a daemon's socket, each of which sends what it likes."""

import contextlib
import os
import socket
import struct
from itertools import zip_longest
from pathlib import Path

from isthisme_host.frames import LARGEST_TO_BROWSER_BYTES, LARGEST_TO_DAEMON_BYTES, FrameTooLargeError, framed
from isthisme_host.pump import BrowserGoneError, DaemonGoneError, Pump
from tests.fuzz.message_seeds import MESSAGES
from tests.fuzz.target import Source, Target, pieces, promise

_MOST_TURNS = 400


def target(_scratch: Path) -> Target:
    talk = framed(MESSAGES[0]) + framed(MESSAGES[1])
    answer = framed(b'{"type":"welcome"}') * 3
    lengths = (0, 1, 17, LARGEST_TO_BROWSER_BYTES, LARGEST_TO_BROWSER_BYTES + 1, LARGEST_TO_DAEMON_BYTES + 1, 2**32 - 1)
    return Target(
        name="pump",
        attack=attack,
        seeds=tuple(
            bytes((cut, who)) + struct.pack("=H", len(first)) + first + second
            for cut in (0, 1, 9)
            for who in (0, 1, 2)
            for first, second in ((talk, answer), (talk[:-1], answer[:-1]), (b"", answer), (talk, b""))
        ),
        covers=("isthisme_host.pump", "isthisme_host.frames"),
        runs_in_ci=300,
        unit="connections",
        words=tuple(struct.pack("=I", each) for each in lengths),
        largest=3_000,
    )


def attack(data: bytes) -> int:
    """How it is cut, who hangs up, how much is the browser's, what the browser sends, what the daemon sends.

    - The pump stops: with the browser gone, the daemon gone, or a frame too large, and with nothing else.
    - What reaches the daemon is a beginning of what the browser sent, and all of it when nothing was refused.
    - What reaches the browser is whole frames, a beginning of what the daemon sent, each within the browsers' limit.
    """
    source = Source(data)
    cut, who = source.number(256), source.number(3)
    (size,) = struct.unpack("=H", source.take(2).ljust(2, b"\0"))
    from_browser = source.take(size)
    from_daemon = source.rest()
    browser_in, to_pump = os.pipe()
    from_pump, browser_out = os.pipe()
    ours, daemon = socket.socketpair()
    with contextlib.ExitStack() as stack:
        for each in (browser_in, from_pump, browser_out):
            stack.callback(os.close, each)
        stack.callback(ours.close)
        stack.callback(daemon.close)
        browser = stack.enter_context(contextlib.closing(_Pipe(to_pump)))
        pump = Pump(browser_in, browser_out)
        pump.attach(ours)
        ended = ""
        for to_host, to_ours in zip_longest(pieces(from_browser, cut), pieces(from_daemon, cut), fillvalue=b""):
            browser.write(to_host)
            daemon.sendall(to_ours)
            ended = ended or _turned(pump)
            if ended:
                break
        else:
            if who != 1:
                daemon.shutdown(socket.SHUT_WR)
            if who != 0:
                browser.close()
            turns = (_turned(pump) for _ in range(_MOST_TURNS))
            ended = next((each for each in turns if each), "")
        promise(ended or who == 1, f"the pump did not end ({who})")
        ours.close()
        daemon.settimeout(0.0)
        reached_daemon = _received(daemon)
        os.set_blocking(from_pump, False)
        reached_browser = _read(from_pump)
    promise(from_browser.startswith(reached_daemon), "the daemon got what the browser did not send")
    promise(from_daemon.startswith(reached_browser), "the browser got what the daemon did not send")
    _check_whole(reached_browser)
    return 1


class _Pipe:
    def __init__(self, handle: int) -> None:
        self._handle = handle

    def write(self, data: bytes) -> None:
        os.write(self._handle, data)

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _turned(pump: Pump) -> str:
    """How the pump ended in this turn; nothing where it goes on."""
    try:
        pump.turn(0.0)
    except (BrowserGoneError, DaemonGoneError, FrameTooLargeError) as error:
        if not isinstance(error, BrowserGoneError):
            pump.finish(1.0)
        return type(error).__name__
    return ""


def _check_whole(stream: bytes) -> None:
    while stream:
        promise(len(stream) >= 4, "the browser got a part of a length")
        (length,) = struct.unpack("=I", stream[:4])
        promise(length <= LARGEST_TO_BROWSER_BYTES, "the browser got a frame that is too large for it")
        promise(len(stream) >= 4 + length, "the browser got a part of a frame")
        stream = stream[4 + length :]


def _received(daemon: socket.socket) -> bytes:
    found = b""
    with contextlib.suppress(OSError):
        while chunk := daemon.recv(1 << 16):
            found += chunk
    return found


def _read(handle: int) -> bytes:
    found = b""
    with contextlib.suppress(BlockingIOError):
        while chunk := os.read(handle, 1 << 16):
            found += chunk
    return found
