"""Which web archives an address stands for: one, all that fit a pattern, or those that a list of paths names."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from posixpath import dirname, normpath
from typing import BinaryIO, cast

from isthisme.bulk.sources import StoredFile, find_files
from isthisme.bulk.stores import in_words, open_store
from isthisme.errors import SourceUnreadable
from isthisme.scanning.found import Unread

_ARCHIVES = (".warc", ".warc.gz", ".wacz", ".zip")
_LISTS = (".paths", ".paths.gz")
_LONGEST_LIST = 256 << 20  # bytes, unpacked; a crawl of Common Crawl's names 90,000 files in 14 MB
_LONGEST_LINE = 4_096


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    address: str
    size: int  # bytes
    state: str  # is another one when the bytes are others

    @property
    def name(self) -> str:
        """32 letters and digits: the same for the same file as long as it does not change."""
        return hashlib.sha256(json.dumps([self.address, self.size, self.state]).encode()).hexdigest()[:32]


def is_archive(address: str) -> bool:
    """Whether a file of this name is taken for a web archive."""
    return address.lower().endswith(_ARCHIVES)


def find_archives(addresses: Iterable[str]) -> Iterator[ArchiveFile | Unread]:
    """Each once, in the order given; what cannot be read is told among it. Raises UsageError.

    Below a folder or a bucket's prefix all files that are named as archives are.
    """
    seen: set[str] = set()
    for address in addresses:
        for found in _named(address):
            if isinstance(found, Unread):
                yield found
            elif found.address not in seen:
                seen.add(found.address)
                yield found


def _named(address: str) -> Iterator[ArchiveFile | Unread]:
    has_any = False
    for found in find_files(address):
        if isinstance(found, Unread):
            has_any = True
            yield found
        elif is_archive(found.address):
            has_any = True
            yield ArchiveFile(*found)
        elif found.address.lower().endswith(_LISTS):
            has_any = True
            yield from _listed(found)
    if not has_any:
        words = f"holds no web archives: their names end in {', '.join((*_ARCHIVES, *_LISTS))}"
        yield Unread(address, SourceUnreadable.code, words)


def _listed(paths: StoredFile) -> Iterator[ArchiveFile | Unread]:
    """Those that a list names in its own store, a path a line."""
    try:
        for path in _lines(paths.address):
            yield from _in_list(paths.address, path)
    except SourceUnreadable as error:
        yield Unread.because(paths.address, error)


def _in_list(paths: str, path: str) -> Iterator[ArchiveFile | Unread]:
    store_root = _root_for(paths, path)
    if store_root is None or not is_archive(path):
        yield Unread(paths, SourceUnreadable.code, f"names {path[:200]!r}, which is no archive beside it")
        return
    for found in find_files(f"{store_root}/{path}"):
        yield found if isinstance(found, Unread) else ArchiveFile(*found)


def _root_for(paths: str, path: str) -> str | None:
    """The folder that a path in a list starts from: the one above it that holds the path's first folder, or its own.

    None for a path that would lead elsewhere: lists come from strangers.
    """
    if path.startswith(("/", "..")) or normpath(path) != path or set(path) & set(":*?["):
        return None
    above, found, _ = paths.rpartition(f"/{path.partition('/')[0]}/")
    return above if found else dirname(paths)


def _lines(address: str) -> Iterator[str]:
    """Raises SourceUnreadable, also where the list is too long."""
    store, path = open_store(address)
    left = _LONGEST_LIST
    with in_words(address), store.open(path, "rb") as stream:
        lines = cast(BinaryIO, gzip.GzipFile(fileobj=stream)) if address.lower().endswith(".gz") else stream
        try:
            while line := lines.readline(_LONGEST_LINE):
                left -= len(line)
                if left < 0:
                    raise SourceUnreadable(f"has more than {_LONGEST_LIST >> 20} MiB of paths")
                if text := line.decode("utf-8", "replace").strip():
                    yield text
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise SourceUnreadable(f"is damaged: {error}") from error
