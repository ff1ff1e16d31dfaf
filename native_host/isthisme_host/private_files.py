"""Files that one user alone reads and writes: made so, opened only as such, locked, and named for good.

Whoever can write where such a file lies may have put something else there: a link, a pipe that nobody reads, a file of
their own, a second name of another file. None of those is opened. What systems do differently about files is here, too.
"""

import contextlib
import errno
import os
import stat
import sys
from types import ModuleType

from isthisme_host.ownership import foreign_owner

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

# Never waiting for the other end of a pipe, never inherited, never with lines changed.
CAREFULLY = (
    getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_NOINHERIT", 0)
    | getattr(os, "O_BINARY", 0)
)
NOT_THROUGH_A_LINK = getattr(os, "O_NOFOLLOW", 0)
_ALWAYS = CAREFULLY | NOT_THROUGH_A_LINK
_LOCKED_BYTE = 1 << 30  # Windows lets nobody read what is locked: far behind everything that somebody may read


class NotPrivateError(OSError):
    """What is there is no file of this user's alone."""

    def __init__(self, path: str | os.PathLike[str], what: str) -> None:
        super().__init__(errno.EPERM, what, os.fspath(path))


def open_private(path: str | os.PathLike[str], flags: int, *, may_have_names: bool = False) -> int:
    """A descriptor of a file of this user's own, made for its owner alone (0600) where `flags` ask for it.

    Raises OSError, and NotPrivateError where something else is there: it is left as it is. A file with a second name is
    refused as well, save with `may_have_names`. `flags` may not truncate: that would come before the looking.
    """
    if flags & os.O_TRUNC:
        raise ValueError("truncate when it is open")
    try:
        descriptor = os.open(path, flags | _ALWAYS, 0o600)
    except OSError as error:
        if os.path.islink(path):
            raise NotPrivateError(path, "a link is there") from error
        raise
    try:
        what = _objection(os.fstat(descriptor), may_have_names=may_have_names)
        if what is not None:
            raise NotPrivateError(path, what)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def make_private(path: str | os.PathLike[str]) -> int:
    """A descriptor of a new, empty file for its owner alone (0600), in place of what had that name. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _ALWAYS, 0o600)


def make_folders(path: str | os.PathLike[str]) -> None:
    """Makes a folder, and those above it that are missing, for their owner alone (0700). Raises OSError."""
    path = os.path.abspath(path)
    if not os.path.isdir(path):
        make_folders(os.path.dirname(path))
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)


def lock(descriptor: int, *, wait: bool) -> None:
    """Holds the file against other processes until it is closed. Raises BlockingIOError where another holds it, unless
    it is to be waited for."""
    if sys.platform == "win32":
        lock_bytes(descriptor, _LOCKED_BYTE, 1, msvcrt, wait=wait)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def lock_range(descriptor: int, first: int, count: int) -> None:
    """Holds some bytes of a file against other processes until it is closed. Raises OSError where another has them."""
    if sys.platform == "win32":
        lock_bytes(descriptor, first, count, msvcrt, wait=False)
    else:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, count, first)


def sync_folder(folder: str | os.PathLike[str]) -> None:
    """So that the names in it outlive a power cut, as far as the system lets a program ask for it."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):  # some network disks know no such thing
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _objection(found: os.stat_result, *, may_have_names: bool) -> str | None:
    if not stat.S_ISREG(found.st_mode):
        return "something else than a file is there"
    owner = foreign_owner(found)
    if owner is not None:
        return f"it belongs to user id {owner}"
    if found.st_nlink > 1 and not may_have_names:
        return "it is known under another name as well"
    return None


def lock_bytes(descriptor: int, first: int, count: int, msvcrt: ModuleType, *, wait: bool) -> None:
    """Windows: `LK_LOCK` gives up after ten seconds, and says so with the error of one that did not wait."""
    while True:
        os.lseek(descriptor, first, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, count)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EDEADLK):
                raise
            if not wait:
                raise BlockingIOError(error.errno, "another process holds it") from error
        else:
            return
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
