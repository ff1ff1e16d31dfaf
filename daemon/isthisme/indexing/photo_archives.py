"""Photos in zip archives, as exports of clouds and apps come: read one at a time, never unpacked to the disk.

An archive is named like a folder: the photo `b.jpg` in `/a/export.zip` lies at `/a/export.zip/b.jpg`.
"""

import os
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from typing import BinaryIO, cast

from isthisme.catalog.photos import FileState
from isthisme.errors import UnreadableImage
from isthisme.indexing.exclusions import Exclusions
from isthisme.indexing.photo_files import PictureFile, as_prefix, is_video, names_a_picture

_LONGEST_LIST = 32 << 20  # bytes of an archive's list of its files
_MOST_FILES = 200_000
_MOST_TIMES_LARGER = 20  # its pictures than the archive: those of cameras hardly shrink in one
_SMALL = 1 << 30  # bytes; so much may come out of any archive
_IS_ENCRYPTED = 1  # flag bit
READABLE_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the others take memory as their makers please


class Archive:
    """An open archive. Raises UnreadableImage, in words, for one that is broken or made to harm."""

    def __init__(self, path: bytes) -> None:
        self.path = path
        self._stream = open(path, "rb")  # noqa: PTH123, SIM115 bytes; closed in close
        status = os.fstat(self._stream.fileno())
        self.state = FileState(status.st_size, status.st_mtime_ns)
        try:
            self._members = self._read_list()
        except BaseException:
            self._stream.close()
            raise

    def close(self) -> None:
        self._stream.close()

    def paths(self) -> Iterator[tuple[bytes, FileState]]:
        """All files in it with safe names, in the byte order of their paths."""
        for name in sorted(self._members):
            info = self._members[name]
            yield self.path + b"/" + name, FileState(info.file_size, info.CRC)

    def read(self, path: bytes, limit: int) -> tuple[bytes, FileState]:
        """The first bytes of a file in it, `limit` at most. Raises FileNotFoundError and UnreadableImage."""
        info = self._members.get(path[len(self.path) + 1 :])
        if info is None:
            raise FileNotFoundError(2, "is not in the archive any more")
        if info.flag_bits & _IS_ENCRYPTED:
            raise UnreadableImage("is encrypted; unpack the archive with its password and add the folder")
        if is_archive_name(path):
            raise UnreadableImage("is an archive in an archive; unpack it and add it by itself")
        if info.compress_type not in READABLE_METHODS:
            raise UnreadableImage("is packed in a way that is not read; unpack the archive and add the folder")
        if not 0 <= info.header_offset < self.state.byte_size:
            raise UnreadableImage("is damaged in the archive: it would lie outside of it")
        try:
            with self._zip.open(info) as stream:
                return stream.read(limit), FileState(info.file_size, info.CRC)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
            raise UnreadableImage(f"is damaged in the archive: {error}") from error

    def _read_list(self) -> dict[bytes, zipfile.ZipInfo]:
        try:
            self._zip = zipfile.ZipFile(cast(BufferedReader, SparingStream(self._stream)))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
            words = f"cannot be read as a zip archive: {error}; fetch it once more, or unpack it and add the folder"
            raise UnreadableImage(words) from error
        infos = self._zip.infolist()
        if len(infos) > _MOST_FILES:
            raise UnreadableImage(
                f"holds {len(infos):,} files; the limit is {_MOST_FILES:,}; unpack it and add the folder"
            )
        members = {name: info for info in infos if not info.is_dir() and (name := _safe_name(info)) is not None}
        self.unsafe_names = sum(not info.is_dir() for info in infos) - len(members)
        unpacked = sum(info.file_size for name, info in members.items() if names_a_picture(os.path.basename(name)))  # noqa: PTH119 bytes
        if unpacked > _SMALL and unpacked > _MOST_TIMES_LARGER * self.state.byte_size:
            raise UnreadableImage(
                f"would unpack to {unpacked >> 30} GiB of pictures, more than {_MOST_TIMES_LARGER} times its size, as "
                "archives do that are made to harm; if you trust it, unpack it and add the folder"
            )
        return members


@dataclass(slots=True)
class ArchiveScan:
    """One look at an archive. What is wrong with the archive itself is found at its own path, when that is read. One
    that cannot be opened counts as a folder that may not be read."""

    folder_id: int
    archive: bytes
    exclusions: Exclusions
    videos: int = 0
    unreadable_folders: list[bytes] = field(default_factory=list)
    found_mounts: set[bytes] = field(default_factory=set)

    def files(self) -> Iterator[PictureFile]:
        """Its pictures, and the archives in it, in the byte order of their paths."""
        try:
            status = os.stat(self.archive)  # noqa: PTH116 bytes
            itself = PictureFile(self.archive, self.folder_id, FileState(status.st_size, status.st_mtime_ns))
            opened = Archive(self.archive)
        except OSError:  # it may not be read, or its drive went this moment: what is in it is as it was
            self.unreadable_folders.append(as_prefix(self.archive))
            return
        except UnreadableImage:
            yield itself
            return
        try:
            if opened.unsafe_names:
                yield itself
            for path, state in opened.paths():
                name = os.path.basename(path)  # noqa: PTH119 bytes
                if self.is_excluded(path, is_folder=False):
                    continue
                if names_a_picture(name) or is_archive_name(name):
                    yield PictureFile(path, self.folder_id, state)
                self.videos += is_video(name)
        finally:
            opened.close()

    def is_excluded(self, path: bytes, *, is_folder: bool) -> bool:
        relative = path[len(self.archive) + 1 :]
        return self.exclusions.cover(relative + b"/" if is_folder else relative)

    def saw_absence_of(self, path: bytes) -> bool:
        return not self.unreadable_folders


class ArchiveReader:
    """Reads files of archives; holds the one that was read last open, since its photos come one after the other."""

    def __init__(self) -> None:
        self._open: Archive | None = None

    def read(self, archive: bytes, path: bytes, limit: int) -> tuple[bytes, FileState]:
        """A file's first bytes. Raises OSError where it is not there, and UnreadableImage in words."""
        status = os.stat(archive)  # noqa: PTH116 bytes
        state = FileState(status.st_size, status.st_mtime_ns)
        if self._open is None or (self._open.path, self._open.state) != (archive, state):
            self.close()
            self._open = Archive(archive)
        if path == archive:
            words = "of its files have names that lead out of it, or the same name, and were left out"
            raise UnreadableImage(f"{self._open.unsafe_names:,} {words}")
        return self._open.read(path, limit)

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


class SparingStream:
    """A file of which no long piece is read at once: `zipfile` would read whatever length the archive says."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        if size > _LONGEST_LIST:
            raise zipfile.BadZipFile(f"its list of files takes {size >> 20} MiB")
        return self._stream.read(size)


def is_archive_name(path: bytes) -> bool:
    return path[-4:].lower() == b".zip"


def _safe_name(info: zipfile.ZipInfo) -> bytes | None:
    """The name as the archive has it; None for one that would not stay in it."""
    is_unicode = info.flag_bits & 0x800
    try:
        name = info.orig_filename.encode("utf-8" if is_unicode else "cp437")
    except UnicodeEncodeError:
        return None
    parts = name.split(b"/")
    return None if b"\0" in name or b".." in parts or b"" in parts or b"." in parts else name
