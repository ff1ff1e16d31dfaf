"""Where files lie, by address: folders and buckets alike, through fsspec. Who may read them is fsspec's to know."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import fsspec

from isthisme.errors import IsThisMeError, SourceUnreadable, UsageError

type Store = Any  # fsspec's AbstractFileSystem, which has no types

_PASSWORD = re.compile(r"^[a-z0-9+.-]*:?/*[^/@]*:[^/@]*@", re.I)
_OF_THE_WEB = ("http:", "https:", "ftp:", "data:")
_LONGEST_WORDS = 300  # characters of what a store said


def open_store(url: str) -> tuple[Store, str]:
    """The store of an address, and the path in it. Nothing is asked of the store yet. Raises UsageError."""
    if _PASSWORD.match(url):
        raise UsageError(
            "the address has a password or key in it, which other programs could read; put it where fsspec "
            "finds it: a file in ~/.config/fsspec, or the store's own settings (~/.aws, environment)"
        )
    if url.lower().startswith(_OF_THE_WEB):
        raise UsageError(
            f"{url[:100]!r} is an address of the web: put such addresses into a Parquet file, or the pictures into a "
            "folder or bucket"
        )
    if "::" in url:
        raise UsageError(f"{url[:100]!r} joins several kinds of address (::), which is not read; name the file itself")
    try:
        # What was listed once may have changed since, and a bucket's list is too long to keep.
        store, path = fsspec.url_to_fs(url, use_listings_cache=False)
    except (ValueError, ImportError) as error:
        raise UsageError(f"{url[:100]!r} cannot be opened: {error}") from error
    return store, path


def address_in(store: Store, path: str) -> str:
    """The address of a path in a store, which `open_store` understands."""
    return str(store.unstrip_protocol(path))


@contextmanager
def in_words(address: str) -> Iterator[None]:
    """Each store has errors of its own; they become SourceUnreadable."""
    try:
        yield
    except IsThisMeError:
        raise
    except Exception as error:  # whatever the store's own library raises
        raise unreadable(address, error) from error


def unreadable(address: str, error: BaseException) -> SourceUnreadable:
    """What a store said, in words: what is not there, what may not be read, and the rest as it was said."""
    match error:
        case FileNotFoundError():
            said = "is not there"
        case PermissionError():
            said = "may not be read; check the permissions of whoever runs this, on each machine"
        case _:
            said = f"cannot be read: {str(error) or type(error).__name__}"
    return SourceUnreadable(f"{address[:_LONGEST_WORDS]} {said[:_LONGEST_WORDS]}")
