"""A disk that is full for a while."""

import contextlib
import ctypes
import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import psutil

_MEGABYTES = 1_500  # of the file system in memory: room for an hour, and for the threshold of the daemon's warning
_CLONE_NEWNS = 0x20000


class Disk(Protocol):
    words: str  # how it is done

    def fill(self) -> None: ...
    def free(self) -> None: ...


class SmallDisk:
    """The home folder's own file system, in memory and seen by this process and its children alone."""

    words = "the file system of the home folder was filled to the last byte"

    def __init__(self, home: Path) -> None:
        self._ballast = home / "ballast"

    def fill(self) -> None:
        ballast = os.open(self._ballast, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            for piece in (1 << 20, 1 << 12):  # first quickly, then to the last page
                with contextlib.suppress(OSError):
                    while True:
                        os.posix_fallocate(ballast, os.lseek(ballast, 0, os.SEEK_END), piece)
        finally:
            os.close(ballast)

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)


class FullFiles:
    """Where no file system may be mounted: no file of the daemon may grow beyond the largest that it has."""

    words = "no file of the daemon was allowed to grow"

    def __init__(self, home: Path) -> None:
        self._home = home

    def fill(self) -> None:
        sizes = [path.stat().st_size for path in self._home.rglob("*") if path.is_file()]
        self._limit(max(sizes, default=0))

    def free(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, most: int) -> None:
        with contextlib.suppress(OSError, ValueError, psutil.Error):  # it may have died just now
            daemon = psutil.Process(int((self._home / "daemon.lock").read_text()))
            _, hard = daemon.rlimit(psutil.RLIMIT_FSIZE)
            daemon.rlimit(psutil.RLIMIT_FSIZE, (most, hard))


@contextlib.contextmanager
def disk_at(home: Path) -> Iterator[Disk]:
    """Makes the home folder: a small file system where this process may mount one, else a folder with limited files.

    To be called before any thread is started: the mount is seen by the calling thread and what it starts.
    """
    home.mkdir(mode=0o700)
    if not _mount(home):
        yield FullFiles(home)
        return
    try:
        yield SmallDisk(home)
    finally:
        subprocess.run(["umount", "--lazy", os.fspath(home)], check=False)


def _mount(home: Path) -> bool:
    """In a name space of mounts of our own, which ends with us."""
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "unshare") or library.unshare(_CLONE_NEWNS) != 0:
        return False
    options = f"size={_MEGABYTES}m,mode=0700"
    commands = (["mount", "--make-rprivate", "/"], ["mount", "-t", "tmpfs", "-o", options, "soak", os.fspath(home)])
    return all(subprocess.run(command, check=False, capture_output=True).returncode == 0 for command in commands)
