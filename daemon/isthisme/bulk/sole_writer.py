"""One command at a time writes for an owner on a shelf: two would do the same work, and lose each other's rows.

In a folder that is the system's own lock, which ends with its process, however that ends. Buckets have none: there a
file says who writes, and changes every few seconds as long as they do. One that does not change any more was left by a
command that was killed.
"""

import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fsspec.implementations.local import LocalFileSystem

from isthisme.bulk.shelf_files import ShelfFiles
from isthisme.bulk.stores import open_store
from isthisme.errors import Busy, ShelfUnusable
from isthisme_host.private_files import lock, make_folders, open_private

_NAME = "writing"
_LONGEST = 1_000  # bytes of what says who writes
_BEAT_SECONDS = 15.0
_GONE_SECONDS = 75.0  # without a change, after which who wrote is gone
_SETTLED_SECONDS = 2.0  # in which a second one shows that began at the same time

_log = logging.getLogger(__name__)


@contextmanager
def sole_writer(shelf: str, owner: str, tell: Callable[[str], None] = _log.info) -> Iterator[Callable[[], None]]:
    """Nobody else writes for the owner within; what it gives raises Busy where somebody does all the same.

    Raises Busy where somebody writes already, and ShelfUnusable. `tell` is told why it takes a while.
    """
    store, folder = open_store(f"{shelf}/{owner}")
    who = f"process {os.getpid()} on {socket.gethostname()}"
    handle = _locked(folder, who) if isinstance(store, LocalFileSystem) else None
    if handle is not None:
        try:
            yield lambda: None
        finally:
            os.close(handle)
        return
    lease = Lease(ShelfFiles(f"{shelf}/{owner}"), who)
    lease.take(tell)
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(_BEAT_SECONDS):
            lease.beat()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield lease.check
    finally:
        ended.set()
        thread.join()
        lease.release()


def _locked(folder: str, who: str) -> int | None:
    """The open file that is held; None on a disk that knows no locks. Raises Busy and ShelfUnusable."""
    try:
        make_folders(folder)
        handle = open_private(f"{folder}/{_NAME}.lock", os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise ShelfUnusable(f"the shelf {folder} cannot be used: {error.strerror or error}") from error
    try:
        lock(handle, wait=False)
    except BlockingIOError as error:
        holder = os.read(handle, _LONGEST)
        os.close(handle)
        raise _busy(folder, holder.decode("utf-8", "replace")) from error
    except OSError:  # some network disks
        os.close(handle)
        return None
    os.ftruncate(handle, 0)
    os.write(handle, who.encode()[:_LONGEST])
    return handle


class Lease:
    """A file that says who writes. Rests on a store that shows what was written to whoever reads after that."""

    def __init__(self, files: ShelfFiles, who: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._files = files
        self._who = who
        self._pause = pause
        self._mark = secrets.token_hex(16)
        self._beats = 0
        self._is_lost = False

    def take(self, tell: Callable[[str], None] = _log.info) -> None:
        """Raises Busy where another one is in use, and ShelfUnusable."""
        seen, waited = self._read(), 0.0
        while seen is not None and waited < _GONE_SECONDS:
            tell(f"{_holder(seen)} was writing here; looking whether it still is")
            self._pause(_BEAT_SECONDS)
            waited += _BEAT_SECONDS
            now = self._read()
            if now is not None and now != seen:
                raise self._busy(now)
            seen = now
        self._write()
        self._pause(_SETTLED_SECONDS)
        if (now := self._read()) is None or self._mark.encode() not in now:
            raise self._busy(now or b"")

    def beat(self) -> None:
        """Shows that this one is in use. Where the store does not answer the next one tries again."""
        try:
            self._is_lost = self._is_lost or not self._is_ours()
            if not self._is_lost:
                self._write()
        except ShelfUnusable as error:
            _log.warning("%s", error)

    def check(self) -> None:
        """Raises Busy where another one has taken its place, as after this computer slept."""
        if self._is_lost:
            raise self._busy(self._read() or b"")

    def release(self) -> None:
        """Where the store does not answer it is left, and counts as gone soon."""
        try:
            if self._is_ours():
                self._files.remove(f"{_NAME}.json")
        except ShelfUnusable as error:
            _log.warning("%s", error)

    def _is_ours(self) -> bool:
        found = self._read()
        return found is not None and self._mark.encode() in found

    def _read(self) -> bytes | None:
        return self._files.read(f"{_NAME}.json")

    def _write(self) -> None:
        self._beats += 1
        fields = {"who": self._who, "mark": self._mark, "beats": self._beats}
        self._files.write(f"{_NAME}.json", json.dumps(fields).encode())

    def _busy(self, found: bytes) -> Busy:
        return _busy(self._files.url, _holder(found))


def _holder(found: bytes) -> str:
    try:
        return str(json.loads(found[:_LONGEST])["who"])
    except (ValueError, KeyError, TypeError):
        return "another command"


def _busy(where: str, holder: str) -> Busy:
    return Busy(f"{holder or 'another command'} is writing to the shelf {where}; wait until it is done, or stop it")
