"""Files that the user is given: written whole or not at all, and never over another one."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from isthisme.errors import DiskFull, UsageError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_TRIES = 1_000


def write_new(target: Path, data: bytes, *, may_number: bool) -> Path:
    """Writes a file that only the user can read, and gives its path.

    Where the name is taken, the next free one like it (`name-2.pdf`), if that is allowed. Raises UsageError where there
    is none, or where the folder cannot be written to, and DiskFull.
    """
    unfinished = target.with_name(f".isthisme-{secrets.token_hex(8)}")
    with in_words(target.parent):
        try:
            with unfinished.open("xb") as stream:
                unfinished.chmod(0o600)
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            for name in _names(target, _TRIES if may_number else 1):
                with contextlib.suppress(FileExistsError):
                    return _put(unfinished, name)
        finally:
            unfinished.unlink(missing_ok=True)
    raise UsageError(f"{target} is there already; name another file with --to")


@contextlib.contextmanager
def in_words(folder: Path) -> Iterator[None]:
    """Errors of writing to a folder as DiskFull and UsageError."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull(
                f"the disk of {folder} is full; nothing was saved. Free some space, and save again"
            ) from error
        raise UsageError(f"{folder} cannot be written to: {error.strerror or error}") from error


def sync_folder(folder: Path) -> None:
    """So that the names in it outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network disks know no such thing
            os.fsync(handle)
    finally:
        os.close(handle)


def _put(unfinished: Path, target: Path) -> Path:
    """Raises FileExistsError."""
    try:
        os.link(unfinished, target)
    except FileExistsError:
        raise
    except OSError as error:  # a disk without links, such as a memory stick
        if target.exists():
            raise FileExistsError from error
        unfinished.rename(target)
    sync_folder(target.parent)
    return target


def _names(target: Path, count: int) -> Iterator[Path]:
    yield target
    for number in range(2, count + 1):
        yield target.with_name(f"{target.stem}-{number}{target.suffix}")
