"""Segments: files that hold a run of an index's numbers, mapped into memory and never changed, save to erase.

In an encrypted home they are encrypted, and decrypted into memory where others are mapped.
"""

import mmap
import os
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from isthisme.encryption import PLAIN, Vault
from isthisme.errors import IndexFileUnusable, SealedFileDamaged, UsageError
from isthisme.index.base import DIMENSIONS, FORGOTTEN, VectorIndex
from isthisme.index.exact import ExactIndex
from isthisme.index.sketched import SKETCH_BYTES, WORTH_SKETCHING, SketchedIndex, sketches_of
from isthisme_host.private_files import NotPrivateError, make_private, open_private, sync_folder

_MAGIC = b"isthisme segment"
_VERSION = 2
_SKETCH_WIDTHS = {1: 64, _VERSION: SKETCH_BYTES}  # by version; those of 1 are not read any more
_HEADER = struct.Struct("<16sIIQ")  # magic, version, whether it has descriptors, photos; a CRC-32 of these follows
_CHECKSUM = struct.Struct("<I")
_PAGE = 4096  # columns begin at multiples of it
_ROWS_AT_ONCE = 16_384  # written; 8 MB
_NOBODY = np.int64(FORGOTTEN).tobytes()


@dataclass(frozen=True, slots=True)
class Columns:
    """What an index holds of N photos, one row each."""

    photo_ids: NDArray[np.int64]  # (N,); FORGOTTEN where a photo was
    hashes: NDArray[np.uint64]  # (N,)
    descriptors: NDArray[np.int8] | None  # (N, 512); None without a model
    sketches: NDArray[np.uint8] | None = None  # (N, 192), theirs; None where there are none

    def __len__(self) -> int:
        return len(self.photo_ids)

    @property
    def lacks_sketches(self) -> bool:
        """Whether an older version wrote them, or they never were in a segment."""
        return self.descriptors is not None and self.sketches is None

    def has_right_sketches(self, rows: NDArray[np.intp]) -> bool:
        """Whether the sketches of these rows are those of their descriptors."""
        if self.descriptors is None or self.sketches is None:
            return True
        return np.array_equal(self.sketches[rows], sketches_of(self.descriptors[rows]))

    def rows(self, chosen: slice | NDArray[np.bool_] | NDArray[np.intp]) -> "Columns":
        """Some of the rows."""
        descriptors = None if self.descriptors is None else self.descriptors[chosen]
        sketches = None if self.sketches is None else self.sketches[chosen]
        return Columns(self.photo_ids[chosen], self.hashes[chosen], descriptors, sketches)

    def index(self, generation: int, *, by_hashes_alone: bool = False) -> VectorIndex:
        """These photos to be searched, by the way that suits their number."""
        descriptors = None if by_hashes_alone else self.descriptors
        exact = ExactIndex(generation, self.photo_ids, self.hashes, descriptors)
        if descriptors is None or self.sketches is None or len(self) < WORTH_SKETCHING:
            return exact
        return SketchedIndex(exact, descriptors, self.sketches)


def joined(first: Columns, second: Columns) -> Columns:
    """The rows of both, without sketches.

    Raises UsageError when one has descriptors and the other not, unless it has no rows.
    """
    if not len(first) or not len(second):
        return first if len(first) else second
    if (first.descriptors is None) != (second.descriptors is None):
        raise UsageError("photos with descriptors and photos without cannot share an index; rebuild it")
    return Columns(
        np.concatenate([first.photo_ids, second.photo_ids]),
        np.concatenate([first.hashes, second.hashes]),
        None if first.descriptors is None else np.concatenate([first.descriptors, _descriptors(second)]),
    )


def write_segment(path: Path, parts: Sequence[Columns], vault: Vault = PLAIN) -> None:
    """Writes the rows of all parts, save forgotten ones, as a segment: whole or not at all.

    All parts have descriptors, or none has. It is on the disk when this returns. Raises OSError.
    """
    count = sum(int((part.photo_ids != FORGOTTEN).sum()) for part in parts)
    has_descriptors = all(part.descriptors is not None for part in parts)
    places, size = _layout(_VERSION, count, has_descriptors=has_descriptors)
    fields = _HEADER.pack(_MAGIC, _VERSION, has_descriptors, count)
    unfinished = path.with_suffix(".unfinished")
    handle = make_private(unfinished)
    try:
        with os.fdopen(handle, "wb") as stream:
            with vault.writing(path, stream) as plain:
                plain.write(fields + _CHECKSUM.pack(zlib.crc32(fields)))
                for column, place in zip(_COLUMNS, places, strict=False):
                    plain.write(bytes(place.offset - plain.tell()))
                    for rows in _blocks(parts):
                        plain.write(column(rows).tobytes())
                plain.write(bytes(size - plain.tell()))
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.rename(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def map_segment(path: Path, vault: Vault = PLAIN) -> Columns:
    """The columns of a segment, mapped: nothing is read before it is looked at, and an erasing shows.

    Raises IndexFileUnusable when the file is not there, or not whole, or not encrypted as the vault would have it.
    """
    try:
        mapped = _decrypted(path, vault) if vault.seals(path) else _mapped(path)
    except (OSError, ValueError, SealedFileDamaged) as error:
        raise IndexFileUnusable(f"{path} cannot be mapped ({error}); 'isthisme index' makes it anew") from error
    version, count, has_descriptors = _read_header(path, mapped)
    places, size = _layout(version, count, has_descriptors=has_descriptors)
    if len(mapped) != size:
        raise IndexFileUnusable(f"{path} has {len(mapped)} bytes instead of {size}; 'isthisme index' makes it anew")
    photo_ids = np.frombuffer(mapped, np.int64, count, places[0].offset)
    hashes = np.frombuffer(mapped, np.uint64, count, places[1].offset)
    if not has_descriptors:
        return Columns(photo_ids, hashes, None)
    descriptors = np.frombuffer(mapped, np.int8, count * DIMENSIONS, places[2].offset).reshape(count, DIMENSIONS)
    if version != _VERSION:
        return Columns(photo_ids, hashes, descriptors)
    sketches = np.frombuffer(mapped, np.uint8, count * SKETCH_BYTES, places[3].offset)
    return Columns(photo_ids, hashes, descriptors, sketches.reshape(count, SKETCH_BYTES))


def _mapped(path: Path) -> mmap.mmap:
    with os.fdopen(open_private(path, os.O_RDONLY), "rb") as stream:
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    if hasattr(mmap, "MADV_WILLNEED"):  # not on Windows
        mapped.madvise(mmap.MADV_WILLNEED)  # in one go, rather than page by page when a search needs them
    return mapped


def _decrypted(path: Path, vault: Vault) -> mmap.mmap:
    """In memory that no file stands behind. Raises ValueError for a file that is not encrypted."""
    if not vault.is_sealed(path):
        raise ValueError("it is not encrypted")
    with vault.open(path) as stream:
        held = mmap.mmap(-1, max(1, stream.seek(0, os.SEEK_END)))
        stream.seek(0)
        stream.readinto(held)
    return held


def erase(path: Path, present: NDArray[np.int64], vault: Vault = PLAIN) -> int:
    """Overwrites all rows whose photo is not among `present`; how many there were.

    They are overwritten on the disk when this returns. Raises IndexFileUnusable and OSError.
    """
    columns = map_segment(path, vault)
    gone = np.flatnonzero((columns.photo_ids != FORGOTTEN) & ~np.isin(columns.photo_ids, present))
    if len(gone) and vault.seals(path):
        _write_without(path, columns, gone, vault)
    elif len(gone):
        version = 1 if columns.lacks_sketches else _VERSION
        places, _ = _layout(version, len(columns), has_descriptors=columns.descriptors is not None)
        with os.fdopen(open_private(path, os.O_RDWR), "r+b") as stream:
            for row in gone.tolist():
                for place, blank in zip(places, (_NOBODY, *(bytes(place.width) for place in places[1:])), strict=True):
                    stream.seek(place.offset + row * place.width)
                    stream.write(blank)
            stream.flush()
            os.fsync(stream.fileno())
    return len(gone)


def _write_without(path: Path, columns: Columns, gone: NDArray[np.intp], vault: Vault) -> None:
    """What is encrypted cannot be overwritten in parts: the rest is written anew, and the old file destroyed."""
    old = path.with_name(f"{path.stem}-old.unfinished")  # a name that is cleared away after a crash
    old.unlink(missing_ok=True)
    old.hardlink_to(path)
    photo_ids = columns.photo_ids.copy()
    photo_ids[gone] = FORGOTTEN
    write_segment(path, [Columns(photo_ids, columns.hashes, columns.descriptors, columns.sketches)], vault)
    destroy(old)


def destroy(path: Path) -> None:
    """Overwrites a file and removes it; what is no file of ours alone, such as a link, only goes. Raises OSError."""
    with suppress(NotPrivateError), os.fdopen(open_private(path, os.O_RDWR), "r+b") as stream:
        left = os.fstat(stream.fileno()).st_size
        while left > 0:
            left -= stream.write(bytes(min(left, 1 << 20)))
        stream.flush()
        os.fsync(stream.fileno())
    path.unlink()
    sync_folder(path.parent)


def _blocks(parts: Sequence[Columns]) -> Iterator[Columns]:
    """All rows but forgotten ones, few at a time: what is joined may be larger than the memory."""
    for part in parts:
        for start in range(0, len(part), _ROWS_AT_ONCE):
            rows = part.rows(slice(start, start + _ROWS_AT_ONCE))
            yield rows.rows(rows.photo_ids != FORGOTTEN)


def _descriptors(rows: Columns) -> NDArray[np.int8]:
    if rows.descriptors is None:
        raise UsageError("photos with descriptors and photos without cannot share a segment; rebuild the index")
    return rows.descriptors


def _sketches(rows: Columns) -> NDArray[np.uint8]:
    return sketches_of(_descriptors(rows)) if rows.sketches is None else rows.sketches


_COLUMNS: tuple[Callable[[Columns], NDArray[np.integer]], ...] = (
    lambda rows: rows.photo_ids,
    lambda rows: rows.hashes,
    _descriptors,
    _sketches,
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a column lies in the file."""

    offset: int
    width: int  # bytes of a row


def _layout(version: int, count: int, *, has_descriptors: bool) -> tuple[list[_Place], int]:
    """The columns' places, in the order of `Columns`, and the size of the file."""
    places, end = [], _PAGE
    for width in (8, 8, DIMENSIONS, _SKETCH_WIDTHS[version]) if has_descriptors else (8, 8):
        places.append(_Place(end, width))
        end += -(-count * width // _PAGE) * _PAGE
    return places, end


def _read_header(path: Path, mapped: mmap.mmap) -> tuple[int, int, bool]:
    """The version, how many photos, and whether with descriptors."""
    fields, end = mapped[: _HEADER.size], _HEADER.size + _CHECKSUM.size
    if len(mapped) < _PAGE or mapped[_HEADER.size : end] != _CHECKSUM.pack(zlib.crc32(fields)):
        raise IndexFileUnusable(f"{path} does not begin as a segment does; 'isthisme index' makes it anew")
    magic, version, has_descriptors, count = _HEADER.unpack(fields)
    if magic != _MAGIC or version not in _SKETCH_WIDTHS:
        raise IndexFileUnusable(f"{path} has version {version} instead of {_VERSION}; 'isthisme index' makes it anew")
    return version, count, bool(has_descriptors)
