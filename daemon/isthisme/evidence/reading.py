"""A bundle's files as somebody hands them in: a zip or an unpacked folder, read with limits, never written to."""

import contextlib
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import IO, Protocol

from isthisme.errors import UsageError
from isthisme.evidence.bundle_file import LARGEST_FILE
from isthisme_host.private_files import CAREFULLY, NOT_THROUGH_A_LINK

MOST_FILES = 5_000
LARGEST_UNPACKED = 4 << 30  # bytes
_LARGEST_LISTING = 4 << 20  # bytes that a zip's directory takes
_LONGEST_NAME = 500  # characters
_CHUNK = 1 << 18

_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\5\6"
_LONG_END_MARK = b"PK\6\7"
_ENCRYPTED = 0x1
# What reading a file of a zip ends in that was damaged, or made to harm: an offset may be more than a seek takes.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, struct.error, ValueError, OSError, OverflowError)
# What systems put into folders that are looked at.
_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


type OpenFile = Callable[[Path], BufferedReader]


class BundleUnreadable(UsageError):
    """What was given is no bundle, or one made to do harm. The message says what is wrong with it."""


class FileUnreadable(Exception):
    """One file of a bundle cannot be read; the message says why."""


class Files(Protocol):
    """The files of a bundle. Names are as they are found, and lead nowhere: they are only compared."""

    def names(self) -> list[str]: ...

    def chunks(self, name: str) -> Iterator[bytes]:
        """The file in pieces. Raises FileUnreadable at the first sign that it is not what its list says."""
        ...


def open_plain(path: Path) -> BufferedReader:
    return path.open("rb")


@contextlib.contextmanager
def opened(path: Path, open_file: OpenFile = open_plain) -> Iterator[Files]:
    """The files of a zip or of a folder. Raises BundleUnreadable."""
    with contextlib.ExitStack() as stack:
        yield _opened(path, open_file, stack)


def _opened(path: Path, open_file: OpenFile, stack: contextlib.ExitStack) -> Files:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return _Folder(path)
        if stat.S_ISREG(mode):
            return _Zip(stack.enter_context(open_file(path)), path)
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) else str(error)
        raise BundleUnreadable(f"{path} cannot be read: {words}") from error
    raise BundleUnreadable(f"{path} is neither a file nor a folder")


def read(files: Files, name: str, limit: int) -> bytes:
    """A whole file. Raises FileUnreadable, also where it has more than `limit` bytes."""
    found = bytearray()
    for chunk in files.chunks(name):
        found += chunk
        if len(found) > limit:
            raise FileUnreadable(f"it has more than {limit:,} bytes")
    return bytes(found)


class _Zip:
    def __init__(self, stream: IO[bytes], path: Path) -> None:
        _check_listing(stream, path)
        try:
            self._archive = zipfile.ZipFile(stream)
            entries = self._archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, struct.error, EOFError) as error:
            raise BundleUnreadable(f"{path} is no zip file, or a damaged one: {error}") from error
        total = sum(entry.file_size for entry in entries)
        if total > LARGEST_UNPACKED:
            raise BundleUnreadable(
                f"{path} would unpack to {total:,} bytes; no bundle has more than {LARGEST_UNPACKED:,}"
            )
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            name = _checked(entry.orig_filename, path)
            if name in self._entries:
                raise BundleUnreadable(
                    f"{path} holds two files named {name[:100]!r}: which one is meant cannot be told"
                )
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise BundleUnreadable(f"{path} holds a link, {name[:100]!r}; bundles hold files alone")
            if not name.endswith("/"):
                self._entries[name] = entry

    def names(self) -> list[str]:
        return list(self._entries)

    def chunks(self, name: str) -> Iterator[bytes]:
        entry = self._entries[name]
        if entry.flag_bits & _ENCRYPTED:
            raise FileUnreadable("it is encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FileUnreadable(f"it is packed in a way ({entry.compress_type}) that bundles do not use")
        if entry.file_size > LARGEST_FILE:
            raise FileUnreadable(f"it says that it has {entry.file_size:,} bytes; the limit is {LARGEST_FILE:,}")
        try:
            with self._archive.open(entry) as stream:
                while chunk := stream.read(_CHUNK):
                    yield chunk
        except _DAMAGED as error:
            raise FileUnreadable(f"the zip is damaged there: {error}") from error


class _Folder:
    def __init__(self, top: Path) -> None:
        self._top = top
        self._names: list[str] = []
        total = 0
        for folder, folders, names in os.walk(top, followlinks=False):
            folders.sort()
            for name in sorted(folders):
                if (Path(folder) / name).is_symlink():
                    self._refuse(Path(folder) / name)
            for name in sorted(names):
                path = Path(folder) / name
                if name in _LITTER:
                    continue
                found = path.lstat()
                if not stat.S_ISREG(found.st_mode):
                    self._refuse(path)
                total += found.st_size
                self._names.append(path.relative_to(top).as_posix())
                if len(self._names) > MOST_FILES or total > LARGEST_UNPACKED:
                    raise BundleUnreadable(f"{top} holds more than any bundle does; name the bundle's own folder")

    def names(self) -> list[str]:
        return self._names

    def chunks(self, name: str) -> Iterator[bytes]:
        try:
            handle = os.open(self._top / name, os.O_RDONLY | CAREFULLY | NOT_THROUGH_A_LINK)
            with os.fdopen(handle, "rb") as stream:
                left = LARGEST_FILE
                while chunk := stream.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise FileUnreadable(f"it has more than {LARGEST_FILE:,} bytes")
                    yield chunk
        except OSError as error:
            raise FileUnreadable(error.strerror or str(error)) from error

    def _refuse(self, path: Path) -> None:
        raise BundleUnreadable(f"{path} is a link or something else that is no file; bundles hold files alone")


def _check_listing(stream: IO[bytes], path: Path) -> None:
    """Before the zip's directory is read into memory: that it is no longer than one of a bundle."""
    size = stream.seek(0, os.SEEK_END)
    start = max(0, size - _END.size - 0xFFFF)
    stream.seek(start)
    tail = stream.read()
    at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) - at < _END.size:
        raise BundleUnreadable(f"{path} is no zip file, or its end is missing")
    if _LONG_END_MARK in tail[max(0, at - 20) : at]:
        raise BundleUnreadable(f"{path} is a zip of a kind for very large ones; no bundle is")
    _, _, _, _, count, listing, _, _ = _END.unpack_from(tail, at)
    if count > MOST_FILES or listing > _LARGEST_LISTING:
        raise BundleUnreadable(f"{path} lists {count:,} files; no bundle has more than {MOST_FILES:,}")


def _checked(name: str, path: Path) -> str:
    shown = name[:100].encode("ascii", "backslashreplace").decode()
    is_bad = (
        not name
        or len(name) > _LONGEST_NAME
        or name.startswith("/")
        or "\\" in name
        or "\0" in name
        or (len(name) > 1 and name[1] == ":")
        or ".." in name.split("/")
    )
    if is_bad:
        raise BundleUnreadable(f"{path} holds a file with a name that leads out of it or is none: '{shown}'")
    return name
