"""Files that the user is given: written whole or not at all, and never over another one."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from isthisme.errors import DiskFull, UsageError
from isthisme_host.private_files import make_private, sync_folder

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_TRIES = 1_000


def write_new(target: Path, data: bytes, *, may_number: bool) -> Path:
    """Writes a file that only the user can read, and gives its path.

    Where the name is taken, the next free one like it (`name-2.pdf`), if that is allowed. Raises UsageError where there
    is none, or where the folder cannot be written to, and DiskFull.
    """
    unfinished = target.with_name(f".isthisme-{secrets.token_hex(8)}")
    with in_words(target.parent):
        handle = make_private(unfinished)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(handle)
                return put_in_place(handle, unfinished, target, tries=_TRIES if may_number else 1)
        finally:
            unfinished.unlink(missing_ok=True)


def put_in_place(handle: int, unfinished: Path, target: Path, *, tries: int) -> Path:
    """Gives a file that is open and finished its name, or the next free one like it; what is there is never replaced.

    Raises OSError, and UsageError where no name is free, or where somebody else put another file in its place.
    """
    for name in _names(target, tries):
        with contextlib.suppress(FileExistsError):
            _put(unfinished, name)
            break
    else:
        raise UsageError(f"{target} is there already; name another file with --to")
    if not os.path.samestat(os.fstat(handle), name.lstat()):
        raise UsageError(
            f"somebody else put another file in the place of {name} while it was written; "
            "name a folder with --to that only you may write to"
        )
    sync_folder(target.parent)
    return name


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


def _put(unfinished: Path, target: Path) -> None:
    """Raises FileExistsError."""
    try:
        os.link(unfinished, target)
    except FileExistsError:
        raise
    except OSError as error:  # a disk without links, such as a memory stick
        if os.path.lexists(target):
            raise FileExistsError from error
        unfinished.rename(target)
    else:
        unfinished.unlink()


def _names(target: Path, count: int) -> Iterator[Path]:
    yield target
    for number in range(2, count + 1):
        yield target.with_name(f"{target.stem}-{number}{target.suffix}")
