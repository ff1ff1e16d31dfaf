"""Zip and tar archives (WebDataset is one) and tables of addresses: which units they hold, and the bytes of members.

Nothing is unpacked to the disk, and what an archive says of itself is not believed: lists, members and all of them
together have limits.
"""

import gzip
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, cast

import pyarrow
import pyarrow.parquet

from isthisme.bulk.sources import Archive, Member, Unit, grouped
from isthisme.bulk.stores import in_words, open_store
from isthisme.errors import ImageTooLarge, InputError, IsThisMeError, UnreadableImage
from isthisme.indexing.photo_archives import READABLE_METHODS, SparingStream
from isthisme.indexing.photo_files import names_a_picture
from isthisme.scanning.found import LARGEST_PICTURE, Unread, check_size
from isthisme.scanning.unpacking import Allowance

_MOST_FILES = 1_000_000
_IS_ENCRYPTED = 1  # flag bit
_LOCAL_HEADER = struct.Struct("<4s2xH18xHH")  # mark, flags, lengths of the name and of what follows it
_LOCAL_MARK = b"PK\x03\x04"
_ADDRESS_COLUMNS = ("address", "url", "image_url", "image")
_ERRORS = (
    zipfile.BadZipFile, tarfile.TarError, pyarrow.ArrowException, zlib.error, EOFError, NotImplementedError, ValueError,
    OverflowError, gzip.BadGzipFile,
)  # fmt: skip


def split(archive: Archive) -> list[Unit | Unread]:
    """The units of an archive; where it is broken or too large, those up to there, and a row that says so."""
    troubles: list[Unread] = []

    def readable() -> Iterator[Member]:
        try:
            with _opened(archive.address) as stream:
                yield from _members(archive, stream)
        except IsThisMeError as error:
            troubles.append(Unread.because(archive.address, error))

    units = [Unit(archive.kind, archive.address, members) for members in grouped(readable())]
    return [*units, *troubles]


def members_of(unit: Unit) -> Iterator[bytes | IsThisMeError]:
    """The bytes of each member of a unit of a zip or tar archive, in order. Raises what `split` tells of."""
    with _opened(unit.source) as stream:
        whole = _unpacked(unit.source, stream) if unit.kind == "tar" else stream
        read = _of_zip if unit.kind == "zip" else _of_tar
        for member in unit.members:
            try:
                yield read(whole, member)
            except (InputError, zlib.error, struct.error) as error:
                words = str(error) if isinstance(error, InputError) else f"is damaged in the archive: {error}"
                yield error if isinstance(error, InputError) else UnreadableImage(words)


@contextmanager
def _opened(address: str) -> Iterator[BinaryIO]:
    """Raises SourceUnreadable, and UnreadableImage for what is no archive of its kind."""
    store, path = open_store(address)
    with in_words(address):
        try:
            with store.open(path, "rb") as stream:
                yield stream
        except _ERRORS as error:
            raise UnreadableImage(f"cannot be read, or is damaged: {str(error)[:200]}") from error


def _members(archive: Archive, stream: BinaryIO) -> Iterator[Member]:
    allowance = Allowance(archive.size)
    match archive.kind:
        case "zip":
            found = _zip_members(stream)
        case "tar":
            found = _tar_members(_unpacked(archive.address, stream))
        case _:
            yield from _addresses(stream)
            return
    for count, member in enumerate(found):
        if count == _MOST_FILES:
            raise UnreadableImage(f"holds more than {_MOST_FILES:,} files; what came before was looked at")
        # What is passed over in a packed archive is unpacked as well.
        allowance.spend(member.size)
        name = member.name.rpartition("/")[2]
        if names_a_picture(name.encode("utf-8", "surrogateescape")) and not name.startswith("._"):
            yield member


def _zip_members(stream: BinaryIO) -> Iterator[Member]:
    with zipfile.ZipFile(cast(BinaryIO, SparingStream(stream))) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                # All that reading needs, so that no unit reads the list of the whole archive again.
                state = f"{info.header_offset}:{info.compress_size}:{info.compress_type}:{info.CRC:08x}"
                yield Member(info.filename, info.file_size, state)


def _of_zip(stream: BinaryIO, member: Member) -> bytes:
    offset, packed_size, method, checksum = member.state.split(":")
    stream.seek(int(offset))
    mark, flags, name_length, extra_length = _LOCAL_HEADER.unpack(stream.read(_LOCAL_HEADER.size))
    if mark != _LOCAL_MARK:
        raise UnreadableImage("is damaged in the archive: it does not lie where the list says")
    if flags & _IS_ENCRYPTED or int(method) not in READABLE_METHODS:
        raise UnreadableImage("is encrypted, or packed in a way that is not read; unpack the archive first")
    stream.seek(name_length + extra_length, 1)
    data = stream.read(min(int(packed_size), LARGEST_PICTURE + 1))
    if int(method) == zipfile.ZIP_DEFLATED:
        data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, LARGEST_PICTURE + 1)
    check_size(data)
    if zlib.crc32(data) != int(checksum, 16):
        raise UnreadableImage("is damaged in the archive: its checksum is another")
    return data


def _unpacked(address: str, stream: BinaryIO) -> BinaryIO:
    is_packed = not address.lower().endswith(".tar")
    return cast(BinaryIO, gzip.GzipFile(fileobj=stream)) if is_packed else stream


def _tar_members(stream: BinaryIO) -> Iterator[Member]:
    with tarfile.TarFile(fileobj=cast(BinaryIO, SparingStream(stream))) as archive:
        for info in archive:
            if info.isreg() and not info.issparse():
                yield Member(info.name, info.size, str(info.offset_data))


def _of_tar(stream: BinaryIO, member: Member) -> bytes:
    if member.size > LARGEST_PICTURE:
        raise ImageTooLarge(f"has over {LARGEST_PICTURE >> 20} MiB; pictures are smaller")
    stream.seek(int(member.state))
    data = stream.read(member.size)
    if len(data) < member.size:
        raise UnreadableImage("the archive ends within it")
    return data


def _addresses(stream: BinaryIO) -> Iterator[Member]:
    table = pyarrow.parquet.ParquetFile(stream)
    column = _address_column(table.schema_arrow.names)
    for batch in table.iter_batches(columns=[column]):
        for address in batch.column(0):
            if isinstance(text := address.as_py(), str):
                yield Member(text, 0, "")


def _address_column(names: Sequence[str]) -> str:
    for wanted in _ADDRESS_COLUMNS:
        for name in names:
            if name.lower() == wanted:
                return name
    raise UnreadableImage(f"has no column of addresses: one must be called {', '.join(_ADDRESS_COLUMNS)}")
