"""The shelf: what was described in bulk, as Parquet parts in a folder or bucket. Any index is made from it.

    SHELF/OWNER/shelf.json                    the model of each generation
    SHELF/OWNER/1/photos/UNIT.parquet         the photos of generation 1 that a unit brought; there, the unit is done
    SHELF/OWNER/1/photos/joined-….parquet     those that many units brought, in place of their parts
    SHELF/OWNER/1/photos/joined-….previews    and their previews, apart: what is searched is a hundredth of it
    SHELF/OWNER/1/errors/UNIT.parquet         what of it could not be read
    SHELF/OWNER/1/indexed/INDEX/PART-ROWS     says that an index has so many rows of that part

Parts are whole or not there. They only ever gain rows, and a photo's id follows from its owner and contents alone: so
whatever is interrupted may be repeated. A photo's place, its part and row, is good for ever: a part that took the place
of others says which rows were theirs.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow
import pyarrow.parquet
from numpy.typing import NDArray

from isthisme.bulk.shelf_files import ShelfFiles
from isthisme.domain import DESCRIPTOR_LENGTH
from isthisme.errors import ShelfUnusable
from isthisme.index.exact import ExactIndex
from isthisme.names import checked_name
from isthisme.scanning.found import Unread

_JOINED = "joined-"
_SHOWN = 8  # characters of the first and last unit's names in the name of a joined part
_HELD = b"isthisme.units"  # where a joined part says what it holds
_NUMBERS_TOGETHER = 1_024  # rows of a joined part, without their previews: half a megabyte
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


class Held(NamedTuple):
    """What a joined part holds of a unit; its rows come in that order."""

    unit: str
    rows: int
    size: int  # bytes of the part that it had to itself


@dataclass(frozen=True, slots=True)
class Generation:
    """The photos of one owner, described by one model."""

    shelf: str  # address of a folder or of a bucket's prefix
    owner: str
    number: int
    model: str | None

    @property
    def files(self) -> ShelfFiles:
        return ShelfFiles(f"{self.shelf}/{self.owner}/{self.number}")

    def parts(self) -> dict[str, int]:
        """The names of all parts, of units and joined ones, and their bytes."""
        found = self.files.sizes("photos").items()
        return {name.removesuffix(".parquet"): size for name, size in found if name.endswith(".parquet")}

    def held_in(self, part: str) -> list[Held]:
        """What a joined part says that it holds. Raises ShelfUnusable."""
        with self.files.opened(_part(part)) as stream:
            metadata = pyarrow.parquet.read_schema(stream).metadata or {}
        try:
            return [Held(*each) for each in json.loads(metadata[_HELD])]
        except (KeyError, ValueError, TypeError) as error:
            raise ShelfUnusable(f"{self.shelf}/{self.owner}: {part} does not say what it holds") from error

    def units_in(self, part: str) -> set[str]:
        """Those that are done because this part is there. Raises ShelfUnusable."""
        return {each.unit for each in self.held_in(part)} if is_joined(part) else {part}

    def state(self) -> set[tuple[str, int]]:
        """Is another one when other photos are there, however they lie in parts. Raises ShelfUnusable."""
        found: set[tuple[str, int]] = set()
        for part, size in self.parts().items():
            found |= {(each.unit, each.size) for each in self.held_in(part)} if is_joined(part) else {(part, size)}
        return found

    def write(self, unit: str, photos: Sequence[ShelvedPhoto], troubles: Sequence[Trouble]) -> int:
        """Puts photos to those that the unit brought before, and its troubles in place of those that it had.

        How many photos it has then. Raises ShelfUnusable and DiskFull.
        """
        rows = {photo.photo_id: photo for photo in (*self._photos(unit), *photos)}
        table = pyarrow.Table.from_pylist([asdict(photo) for photo in rows.values()], schema=_PHOTOS)
        self.write_errors(unit, troubles)
        self.files.write(_part(unit), _parquet(table))  # last: it says that the unit is done
        return len(rows)

    def write_joined(self, part: str, tables: Sequence[pyarrow.Table], held: Sequence[Held]) -> None:
        """What several parts hold, as one. Raises ShelfUnusable and DiskFull."""
        table = pyarrow.concat_tables(tables)
        self.files.write(_previews(part), _parquet(table.select(["preview"])))
        numbers = table.drop_columns(["preview"]).replace_schema_metadata({_HELD: json.dumps(held).encode()})
        self.files.write(_part(part), _parquet(numbers, _NUMBERS_TOGETHER))  # last: it says that the part is there

    def has_part(self, part: str) -> bool:
        return self.files.has(_part(part))

    def remove_part(self, part: str) -> None:
        """Whose photos another part holds. Raises ShelfUnusable."""
        self.files.remove(_part(part))

    def sweep(self) -> None:
        """Removes what a worker that was killed did not finish. For the sole writer, before it begins."""
        for folder in ("photos", "errors"):
            self.files.sweep(folder)

    def write_errors(self, name: str, troubles: Sequence[Trouble]) -> None:
        """In place of those of this name. Raises ShelfUnusable and DiskFull."""
        if troubles:
            rows = [asdict(each) for each in troubles]
            self.files.write(_errors(name), _parquet(pyarrow.Table.from_pylist(rows, schema=_ERRORS)))
        else:
            self.files.remove(_errors(name))

    def error_names(self) -> set[str]:
        """The units that have errors, and other names that errors were written under."""
        return {name.removesuffix(".parquet") for name in self.files.names("errors")}

    def errors(self) -> Iterator[tuple[str, Trouble]]:
        """The unit, and what of it could not be read."""
        for name in sorted(self.error_names()):
            for row in self._read(_errors(name), None).to_pylist():
                yield name, Trouble(**row)

    def columns(self, part: str, names: Sequence[str] | None) -> pyarrow.Table:
        """Some columns of a part, or all. Raises ShelfUnusable where it is not there or broken."""
        return self._read(_part(part), names)

    def photo_in(self, part: str, unit: str, row: int) -> ShelvedPhoto | None:
        """A row of a unit, which lies in a part of its own or in a joined one; None where there is no such row.

        Raises ShelfUnusable.
        """
        if part == unit and not is_joined(part):
            found = self._row(_part(part), row, _ROWS_TOGETHER)
            return None if found is None else ShelvedPhoto(**found)
        place = row if part == unit else self._place(part, unit, row)
        if place is None or (numbers := self._row(_part(part), place, _NUMBERS_TOGETHER)) is None:
            return None
        if (preview := self._row(_previews(part), place, _ROWS_TOGETHER)) is None:
            raise ShelfUnusable(f"{self.shelf}/{self.owner}: {part} lacks previews")
        return ShelvedPhoto(**numbers, **preview)

    def photo_ids(self, part: str) -> NDArray[np.int64] | None:
        """(N,) of a part, or None for one that is broken: its units are to be done again."""
        try:
            return np.asarray(self.columns(part, ["photo_id"])["photo_id"].to_numpy(), np.int64)
        except ShelfUnusable:
            return None

    def indexed(self, index: str) -> set[str]:
        """The marks, of parts that an index has."""
        return self.files.names(_index(index))

    def mark_indexed(self, index: str, part: str, rows: int) -> None:
        self.files.write(f"{_index(index)}/{mark_of(part, rows)}", b"")

    def _place(self, part: str, unit: str, row: int) -> int | None:
        """The row of a joined part that a row of a unit is; None where there is no such row."""
        before = 0
        for each in self.held_in(part):
            if each.unit == unit:
                return before + row if row < each.rows else None
            before += each.rows
        return None

    def _row(self, path: str, row: int, together: int) -> dict[str, Any] | None:
        """None where the file has not as many. So many lie together."""
        with self.files.opened(path) as stream:
            file = pyarrow.parquet.ParquetFile(stream)
            if row >= file.metadata.num_rows:
                return None
            (found,) = file.read_row_group(row // together).slice(row % together, 1).to_pylist()
        return cast(dict[str, Any], found)

    def _photos(self, unit: str) -> Iterator[ShelvedPhoto]:
        if self.files.has(_part(unit)):
            try:
                yield from (ShelvedPhoto(**row) for row in self._read(_part(unit), None).to_pylist())
            except ShelfUnusable:  # broken: written anew
                return

    def _read(self, path: str, names: Sequence[str] | None) -> pyarrow.Table:
        with self.files.opened(path) as stream:
            return pyarrow.parquet.read_table(stream, columns=names)


def generation_for(shelf: str, owner: str, model: str | None) -> Generation:
    """The owner's generation of a model; a new one where there is none yet. Raises UsageError and ShelfUnusable."""
    checked_name(owner)
    known = generations(shelf, owner)
    for each in known:
        if each.model == model:
            return each
    new = Generation(shelf, owner, 1 + max((each.number for each in known), default=0), model)
    models = {str(each.number): each.model for each in (*known, new)}
    ShelfFiles(f"{shelf}/{owner}").write("shelf.json", json.dumps({"generations": models}, indent=1).encode())
    return new


def generations(shelf: str, owner: str) -> list[Generation]:
    """All of an owner's, the oldest first. Raises ShelfUnusable."""
    found = ShelfFiles(f"{shelf}/{owner}").read("shelf.json")
    if found is None:
        return []
    try:
        models = json.loads(found)["generations"].items()
        return [Generation(shelf, owner, int(number), model) for number, model in models]
    except (ValueError, KeyError, AttributeError) as error:
        raise ShelfUnusable(f"{shelf}/{owner}/shelf.json is damaged: {error}") from error


def photo_id(owner: str, content_hash: bytes) -> int:
    """The same wherever it is computed: 63 bits, positive."""
    return int.from_bytes(hashlib.sha256(owner.encode() + b"\0" + content_hash).digest()[:8]) >> 1


def is_joined(part: str) -> bool:
    return part.startswith(_JOINED)


def name_joined(units: Sequence[tuple[str, int]]) -> str:
    """Of a part that is to hold these units, given in the order of their names, whose parts have so many bytes."""
    held = hashlib.sha256(json.dumps(list(units)).encode()).hexdigest()[:16]
    return f"{_JOINED}{units[0][0][:_SHOWN]}-{units[-1][0][:_SHOWN]}-{held}"


def may_hold(part: str, unit: str) -> bool:
    """Whether a part is a joined one that a unit of this name could be in: told by the part's name alone."""
    first, _, rest = part.removeprefix(_JOINED).partition("-")
    return is_joined(part) and first <= unit[:_SHOWN] <= rest.partition("-")[0]


def exact_index(generation: Generation) -> ExactIndex:
    """All photos of a generation, to be searched in memory. Raises ShelfUnusable."""
    seen: set[int] = set()
    ids, hashes, descriptors = [], [], []
    for part in sorted(generation.parts()):
        for row in generation.columns(part, ["photo_id", "hash", "descriptor"]).to_pylist():
            if row["photo_id"] not in seen:
                seen.add(row["photo_id"])
                ids.append(row["photo_id"])
                hashes.append(row["hash"])
                descriptors.append(row["descriptor"])
    vectors = None
    if generation.model is not None:
        vectors = np.frombuffer(b"".join(descriptors), np.int8).reshape(-1, DESCRIPTOR_LENGTH)
    return ExactIndex(generation.number, np.array(ids, np.int64), np.array(hashes, np.uint64), vectors)


def mark_of(part: str, rows: int) -> str:
    return f"{part}-{rows}"


def _part(name: str) -> str:
    return f"photos/{name}.parquet"


def _previews(part: str) -> str:
    return f"photos/{part}.previews"


def _errors(unit: str) -> str:
    return f"errors/{unit}.parquet"


def _parquet(table: pyarrow.Table, together: int = _ROWS_TOGETHER) -> bytes:
    """Uncompressed: previews and descriptors do not get smaller. Nobody asks for their extremes either."""
    buffer = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(table, buffer, row_group_size=together, compression="none", write_statistics=False)
    return bytes(buffer.getvalue())


def _index(index: str) -> str:
    return f"indexed/{hashlib.sha256(index.encode()).hexdigest()[:16]}"
