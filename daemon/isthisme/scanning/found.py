"""What a scan comes upon: pictures, and what could not be read."""

import os
from dataclasses import dataclass
from urllib.parse import quote

from isthisme.domain import Exchange
from isthisme.errors import ImageTooLarge, IsThisMeError

LARGEST_PICTURE = 64 << 20  # bytes; the decoder takes no more


@dataclass(frozen=True, slots=True)
class ArchiveRecord:
    """Where in a recorded site something was, so that anybody who has the archive finds it again."""

    archive: str  # the address of the WARC file; of one in a WACZ the member's
    record_id: str  # as written, like the next two; empty where the archive has none
    recorded: str  # WARC-Date
    digest: str  # WARC-Payload-Digest
    offset: int  # bytes into the archive where the record begins, or the gzip member that holds it
    length: int | None = None  # bytes that it takes there; None where more follows in the same member


@dataclass(frozen=True, slots=True)
class RecordedPage:
    """The beginning of a page's text, unpacked and not looked at yet."""

    data: bytes
    charset: str | None  # as its site says


@dataclass(frozen=True, slots=True)
class FoundPicture:
    """A picture's bytes, not looked at yet, and where they were."""

    data: bytes
    page_address: str  # of the gallery page; of a folder or an archive a `file:` address
    picture_address: str
    exchange: Exchange
    page_title: str | None = None
    words: str = ""  # where it was, when that is not the page itself
    record: ArchiveRecord | None = None  # of a recorded site
    page: RecordedPage | None = None  # where the recorded site has it, and it was asked for


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be looked at, and why."""

    address: str
    code: str  # as those of errors
    words: str

    @classmethod
    def because(cls, address: str, error: IsThisMeError) -> "Unread":
        return cls(address, error.code, str(error))


type Found = FoundPicture | Unread


def file_address(path: bytes) -> str:
    """The address of a file or a folder."""
    return "file://" + quote(path)


def member_address(archive: str, name: str) -> str:
    """That of a member of the archive at an address. A name is a name, wherever it would lead."""
    return f"{archive}/{quote(name.encode('utf-8', 'surrogateescape'))}"


def read_from_file(address: str) -> Exchange:
    return Exchange(address, address, "file")


def check_size(data: bytes) -> None:
    """Raises ImageTooLarge for what was read past the largest picture."""
    if len(data) > LARGEST_PICTURE:
        raise ImageTooLarge(f"has over {LARGEST_PICTURE >> 20} MiB; pictures are smaller")


def absolute(path: str) -> bytes:
    """The path as the file system has it, without links on the way."""
    return os.path.realpath(os.fsencode(path))
