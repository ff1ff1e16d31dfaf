"""The lock that only one process at a time holds to bring the index up to date."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from isthisme.errors import Busy
from isthisme_host.private_files import lock, open_private


@contextmanager
def indexing_lock(path: Path) -> Iterator[None]:
    """One process at a time brings the index up to date. Raises Busy when another one is at it."""
    handle = open_private(path, os.O_RDWR | os.O_CREAT)
    try:
        try:
            lock(handle, wait=False)
        except BlockingIOError as error:
            words = "another process is indexing your photos already; 'isthisme status' shows how far it is"
            raise Busy(words) from error
        yield
    finally:
        os.close(handle)
