"""The lock that only one process at a time holds to bring the index up to date."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from isthisme.errors import Busy


@contextmanager
def indexing_lock(path: Path) -> Iterator[None]:
    """One process at a time brings the index up to date. Raises Busy when another one is at it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            words = "another process is indexing your photos already; 'isthisme status' shows how far it is"
            raise Busy(words) from error
        yield
    finally:
        os.close(handle)
