"""Pictures in zip archives: bought packs, exports, recorded sites (WACZ). Nothing is ever written to the disk.

A name in an archive is a name and no more: where it would lead to if it was unpacked does not matter here.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from isthisme.errors import ImageTooLarge, UnreadableImage
from isthisme.indexing.photo_archives import READABLE_METHODS, SparingStream
from isthisme.indexing.photo_files import names_a_picture
from isthisme.scanning.found import (
    LARGEST_PICTURE,
    Found,
    FoundPicture,
    Unread,
    check_size,
    member_address,
    read_from_file,
)
from isthisme.scanning.recorded_pages import RecordedPages
from isthisme.scanning.unpacking import Allowance
from isthisme.scanning.web_archive import is_web_archive_name, pictures_in_web_archive

_MOST_FILES = 200_000  # of an archive and all that are in it
_DEEPEST = 3  # an archive in an archive in an archive
_LARGEST_INNER = 256 << 20  # bytes of an archive in an archive, which is held in memory
_IS_ENCRYPTED = 1  # flag bit
_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError, OverflowError)


class ZipScan:
    """One look at an archive and those in it."""

    def __init__(self, allowance: Allowance, pages: RecordedPages | None = None) -> None:
        """`pages` keeps those of recorded sites, where they are wanted."""
        self._allowance = allowance
        self._pages = pages
        self._files = 0

    def pictures(self, stream: BinaryIO, address: str, depth: int = 1) -> Iterator[Found]:
        """Those of the archive at an address. Raises TooMuchUnpacked."""
        try:
            archive = zipfile.ZipFile(cast(BinaryIO, SparingStream(stream)))
        except _ERRORS as error:
            yield Unread(address, UnreadableImage.code, f"cannot be read as a zip archive: {error}")
            return
        with archive:
            for info in archive.infolist():
                self._files += 1
                if self._files > _MOST_FILES:
                    words = f"holds more than {_MOST_FILES:,} files; unpack it and scan the folder for the rest"
                    yield Unread(address, UnreadableImage.code, words)
                    return
                if info.is_dir():
                    continue
                try:
                    yield from self._found_in(archive, info, address, depth)
                except (ImageTooLarge, UnreadableImage) as error:
                    yield Unread.because(member_address(address, info.filename), error)
                except _ERRORS as error:
                    words = f"is damaged in the archive: {error}"
                    yield Unread(member_address(address, info.filename), UnreadableImage.code, words)

    def _found_in(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, address: str, depth: int) -> Iterator[Found]:
        member = member_address(address, info.filename)
        name = info.filename.encode("utf-8", "surrogateescape").rpartition(b"/")[2]
        is_zip, is_recorded = is_zip_name(name), is_web_archive_name(name)
        if name.startswith(b"._") or not (is_zip or is_recorded or names_a_picture(name)):
            return
        if info.flag_bits & _IS_ENCRYPTED:
            raise UnreadableImage("is encrypted; unpack the archive with its password and scan the folder")
        if info.compress_type not in READABLE_METHODS:
            raise UnreadableImage("is packed in a way that is not read; unpack the archive and scan the folder")
        if is_zip and depth == _DEEPEST:
            raise UnreadableImage(f"is an archive {_DEEPEST} archives deep; unpack it and scan it by itself")
        with archive.open(info) as stream:
            if is_recorded:
                yield from pictures_in_web_archive(cast(BinaryIO, stream), member, self._allowance, self._pages)
                return
            data = stream.read((_LARGEST_INNER if is_zip else LARGEST_PICTURE) + 1)
        self._allowance.spend(len(data))
        if not is_zip:
            check_size(data)
            yield FoundPicture(data, address, member, read_from_file(member))
        elif len(data) > _LARGEST_INNER:
            raise UnreadableImage(
                f"is an archive of over {_LARGEST_INNER >> 20} MiB in another; unpack it and scan it by itself"
            )
        else:
            yield from self.pictures(io.BytesIO(data), member, depth + 1)


def is_zip_name(name: bytes) -> bool:
    return name[-4:].lower() == b".zip"
