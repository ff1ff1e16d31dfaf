"""What the user names on this computer: a folder, a zip archive, a recorded site."""

import os
import stat
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, Literal

from isthisme.errors import UsageError
from isthisme.scanning.folder import pictures_in_folder
from isthisme.scanning.found import Found, file_address
from isthisme.scanning.gzip_members import BrokenMember, members
from isthisme.scanning.unpacking import Allowance
from isthisme.scanning.web_archive import pictures_in_web_archive
from isthisme.scanning.zip_archive import ZipScan

_ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_RECORD_MARK = b"WARC/"
_OTHER_ARCHIVES = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "RAR", b"\xfd7zXZ\0": "xz", b"BZh": "bzip2"}


def pictures_in(path: bytes) -> Iterator[Found]:
    """Those of a folder or an archive, which is known by what it is and not by its name. Raises UsageError at once."""
    try:
        status = os.stat(path)  # noqa: PTH116 bytes
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{_named(path)} cannot be read: {words}") from error
    if stat.S_ISDIR(status.st_mode):
        return pictures_in_folder(path)
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for somebody to write into it
        raise UsageError(f"{_named(path)} is neither a folder nor a file")
    kind = _kind_of(path)
    return _in_archive(path, status.st_size, is_zip=kind == "zip")


def _kind_of(path: bytes) -> str:
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 bytes
            if (kind := recording_kind(stream)) is not None:
                return kind
            stream.seek(0)
            first = stream.read(8)
    except OSError as error:
        raise UsageError(f"{_named(path)} cannot be read: {error.strerror}") from error
    for mark, name in _OTHER_ARCHIVES.items():
        if first.startswith(mark):
            raise UsageError(f"{_named(path)} is a {name} archive, which is not read; unpack it and scan the folder")
    raise UsageError(
        f"{_named(path)} is no folder, zip archive or recorded site (WARC, WACZ); a single picture is looked at by "
        "'isthisme check'"
    )


def recording_kind(stream: BinaryIO) -> Literal["zip", "warc"] | None:
    """What a file is by its first bytes: an archive that may hold recorded sites (WACZ, zip), or one itself."""
    first = stream.read(8)
    stream.seek(0)
    if first.startswith(_ZIP_MARKS):
        return "zip"
    return "warc" if first.startswith(_RECORD_MARK) or _is_packed_recording(stream) else None


def _is_packed_recording(stream: BinaryIO) -> bool:
    try:
        return any(each.stream.read(len(_RECORD_MARK)) == _RECORD_MARK for each in islice(members(stream), 1))
    except BrokenMember:
        return False


def _in_archive(path: bytes, size: int, *, is_zip: bool) -> Iterator[Found]:
    allowance = Allowance(size)
    with open(path, "rb") as stream:  # noqa: PTH123 bytes
        if is_zip:
            yield from ZipScan(allowance).pictures(stream, file_address(path))
        else:
            yield from pictures_in_web_archive(stream, file_address(path), allowance)


def _named(path: bytes) -> str:
    return repr(os.fsdecode(path))
