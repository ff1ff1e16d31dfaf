"""The shelf: what was described in bulk, as Parquet parts in a folder or bucket. Any index is made from it.

    SHELF/OWNER/shelf.json                    the model of each generation
    SHELF/OWNER/1/photos/UNIT.parquet         the photos of generation 1 that a unit brought; there, the unit is done
    SHELF/OWNER/1/errors/UNIT.parquet         what of it could not be read
    SHELF/OWNER/1/indexed/INDEX/UNIT-ROWS     says that an index has so many rows of that part

Parts are whole or not there. They only ever gain rows, and a photo's id follows from its owner and contents alone: so
whatever is interrupted may be repeated.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow
import pyarrow.parquet
from numpy.typing import NDArray

from isthisme.bulk.shelf_files import ShelfFiles
from isthisme.domain import DESCRIPTOR_LENGTH
from isthisme.errors import ShelfUnusable, UsageError
from isthisme.index.exact import ExactIndex
from isthisme.scanning.found import Unread

_OWNER = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_ROWS_TOGETHER = 16  # so that one preview is read without the others: 16 take about a megabyte
_PHOTOS = pyarrow.schema(
    {
        "photo_id": pyarrow.int64(),
        "content_hash": pyarrow.binary(32),  # SHA-256 of the file
        "address": pyarrow.string(),
        "width": pyarrow.int32(),  # of the upright photo, pixels
        "height": pyarrow.int32(),
        "model": pyarrow.string(),
        "hash": pyarrow.uint64(),  # perceptual
        "descriptor": pyarrow.binary(DESCRIPTOR_LENGTH),  # int8, unit vector times 127; null without a model
        "preview": pyarrow.binary(),  # JPEG
    }
)
_ERRORS = pyarrow.schema(
    {
        "code": pyarrow.string(),
        "address": pyarrow.string(),
        "words": pyarrow.string(),
        "photo_id": pyarrow.int64(),  # of bytes that are no picture; null where there were no bytes
    }
)


@dataclass(frozen=True, slots=True)
class ShelvedPhoto:
    """A row of a part."""

    photo_id: int
    content_hash: bytes
    address: str
    width: int
    height: int
    model: str | None
    hash: int
    descriptor: bytes | None
    preview: bytes


@dataclass(frozen=True, slots=True)
class Trouble:
    """What could not be put onto the shelf, and why."""

    code: str  # as those of errors
    address: str
    words: str
    photo_id: int | None = None  # of contents that are at fault: the same bytes elsewhere are not looked at again

    @classmethod
    def of(cls, unread: Unread, photo_id: int | None = None) -> "Trouble":
        return cls(unread.code, unread.address, unread.words, photo_id)


@dataclass(frozen=True, slots=True)
class Generation:
    """The photos of one owner, described by one model."""

    shelf: str  # address of a folder or of a bucket's prefix
    owner: str
    number: int
    model: str | None

    @property
    def _files(self) -> ShelfFiles:
        return ShelfFiles(f"{self.shelf}/{self.owner}/{self.number}")

    def units(self) -> set[str]:
        """The names of the units that are done."""
        return {name.removesuffix(".parquet") for name in self._files.names("photos") if name.endswith(".parquet")}

    def write(self, unit: str, photos: Sequence[ShelvedPhoto], troubles: Sequence[Trouble]) -> int:
        """Puts photos to those that the unit brought before, and its troubles in place of those that it had.

        How many photos it has then. Raises ShelfUnusable and DiskFull.
        """
        rows = {photo.photo_id: photo for photo in (*self._photos(unit), *photos)}
        table = pyarrow.Table.from_pylist([asdict(photo) for photo in rows.values()], schema=_PHOTOS)
        self.write_errors(unit, troubles)
        self._files.write(_part(unit), _parquet(table))  # last: it says that the unit is done
        return len(rows)

    def write_errors(self, name: str, troubles: Sequence[Trouble]) -> None:
        """In place of those of this name. Raises ShelfUnusable and DiskFull."""
        if troubles:
            rows = [asdict(each) for each in troubles]
            self._files.write(_errors(name), _parquet(pyarrow.Table.from_pylist(rows, schema=_ERRORS)))
        else:
            self._files.remove(_errors(name))

    def error_names(self) -> set[str]:
        """The units that have errors, and other names that errors were written under."""
        return {name.removesuffix(".parquet") for name in self._files.names("errors")}

    def errors(self) -> Iterator[tuple[str, Trouble]]:
        """The unit, and what of it could not be read."""
        for name in sorted(self.error_names()):
            for row in self._read(_errors(name), None).to_pylist():
                yield name, Trouble(**row)

    def columns(self, unit: str, names: Sequence[str]) -> pyarrow.Table:
        """Some columns of a part. Raises ShelfUnusable where it is not there or broken."""
        return self._read(_part(unit), names)

    def photo(self, unit: str, row: int) -> ShelvedPhoto:
        """One row of a part. Raises ShelfUnusable."""
        with self._files.opened(_part(unit)) as stream:
            file = pyarrow.parquet.ParquetFile(stream)
            table = file.read_row_group(row // _ROWS_TOGETHER).slice(row % _ROWS_TOGETHER, 1)
        return ShelvedPhoto(**table.to_pylist()[0])

    def photo_ids(self, unit: str) -> NDArray[np.int64] | None:
        """(N,) of a part, or None for one that is broken: its unit is to be done again."""
        try:
            return np.asarray(self.columns(unit, ["photo_id"])["photo_id"].to_numpy(), np.int64)
        except ShelfUnusable:
            return None

    def indexed(self, index: str) -> set[str]:
        """The marks, of parts that an index has."""
        return self._files.names(_index(index))

    def mark_indexed(self, index: str, unit: str, rows: int) -> None:
        self._files.write(f"{_index(index)}/{mark_of(unit, rows)}", b"")

    def _photos(self, unit: str) -> Iterator[ShelvedPhoto]:
        if self._files.has(_part(unit)):
            try:
                yield from (ShelvedPhoto(**row) for row in self._read(_part(unit), None).to_pylist())
            except ShelfUnusable:  # broken: written anew
                return

    def _read(self, path: str, names: Sequence[str] | None) -> pyarrow.Table:
        with self._files.opened(path) as stream:
            return pyarrow.parquet.read_table(stream, columns=names)


def generation_for(shelf: str, owner: str, model: str | None) -> Generation:
    """The owner's generation of a model; a new one where there is none yet. Raises UsageError and ShelfUnusable."""
    check_owner(owner)
    known = generations(shelf, owner)
    for each in known:
        if each.model == model:
            return each
    new = Generation(shelf, owner, 1 + max((each.number for each in known), default=0), model)
    models = {str(each.number): each.model for each in (*known, new)}
    ShelfFiles(f"{shelf}/{owner}").write("shelf.json", json.dumps({"generations": models}, indent=1).encode())
    return new


def check_owner(owner: str) -> None:
    """Raises UsageError for what is no owner's name."""
    if not _OWNER.fullmatch(owner):
        raise UsageError(
            f"{owner[:100]!r} is no owner's name: 1 to 64 of a-z, 0-9, '.', '_' and '-', none of these first"
        )


def generations(shelf: str, owner: str) -> list[Generation]:
    """All of an owner's, the oldest first. Raises ShelfUnusable."""
    files = ShelfFiles(f"{shelf}/{owner}")
    if "shelf.json" not in files.names(""):
        return []
    with files.opened("shelf.json") as stream:
        try:
            models = json.load(stream)["generations"].items()
            return [Generation(shelf, owner, int(number), model) for number, model in models]
        except (ValueError, KeyError, AttributeError) as error:
            raise ShelfUnusable(f"{shelf}/{owner}/shelf.json is damaged: {error}") from error


def photo_id(owner: str, content_hash: bytes) -> int:
    """The same wherever it is computed: 63 bits, positive."""
    return int.from_bytes(hashlib.sha256(owner.encode() + b"\0" + content_hash).digest()[:8]) >> 1


def exact_index(generation: Generation) -> ExactIndex:
    """All photos of a generation, to be searched in memory. Raises ShelfUnusable."""
    seen: set[int] = set()
    ids, hashes, descriptors = [], [], []
    for unit in sorted(generation.units()):
        for row in generation.columns(unit, ["photo_id", "hash", "descriptor"]).to_pylist():
            if row["photo_id"] not in seen:
                seen.add(row["photo_id"])
                ids.append(row["photo_id"])
                hashes.append(row["hash"])
                descriptors.append(row["descriptor"])
    vectors = None
    if generation.model is not None:
        vectors = np.frombuffer(b"".join(descriptors), np.int8).reshape(-1, DESCRIPTOR_LENGTH)
    return ExactIndex(generation.number, np.array(ids, np.int64), np.array(hashes, np.uint64), vectors)


def mark_of(unit: str, rows: int) -> str:
    return f"{unit}-{rows}"


def _part(unit: str) -> str:
    return f"photos/{unit}.parquet"


def _errors(unit: str) -> str:
    return f"errors/{unit}.parquet"


def _parquet(table: pyarrow.Table) -> bytes:
    """Uncompressed: previews and descriptors do not get smaller."""
    buffer = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(table, buffer, row_group_size=_ROWS_TOGETHER, compression="none")
    return bytes(buffer.getvalue())


def _index(index: str) -> str:
    return f"indexed/{hashlib.sha256(index.encode()).hexdigest()[:16]}"
