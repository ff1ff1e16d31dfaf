"""What a scan of archives found, as Parquet parts that any tool for data reads, and a checkpoint for each archive.

The checkpoint is written last and names the parts, so that an archive's findings are there whole or not at all. It is
called after the archive, its size and state, and after what was looked for: where it lies, there is nothing to do.
"""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import msgspec
import pyarrow
from pyarrow import parquet

from isthisme.answer_note import MatchNote
from isthisme.bulk.archive_files import ArchiveFile
from isthisme.bulk.stores import in_words, open_store
from isthisme.bulk.whole_files import write_whole
from isthisme.domain import Exchange
from isthisme.errors import DiskFull
from isthisme.new_files import FULL
from isthisme.scanning.found import ArchiveRecord

_MOST_HELD = 64 << 20  # bytes of pictures in a part
_FINDINGS, _ERRORS, _CHECKPOINT = "findings.parquet", "errors.parquet", "json"


class Finding(msgspec.Struct, frozen=True):
    """A picture in an archive that shows photos of an owner, with what proves that it was there."""

    owner: str  # "" for who uses this computer
    verdict: str
    score: float
    matches: list[MatchNote]
    width: int
    height: int
    page_address: str
    page_title: str | None
    picture_address: str
    picture_hash: bytes  # SHA-256
    picture: bytes  # as it was recorded, unpacked
    archive: str  # the file that was scanned
    record: ArchiveRecord | None  # None for a picture that lies in a zip archive by itself
    exchange: Exchange
    words: str


class Trouble(msgspec.Struct, frozen=True):
    """What could not be looked at, and why."""

    archive: str
    address: str
    code: str
    words: str
    record: ArchiveRecord | None = None


class Checkpoint(msgspec.Struct, frozen=True):
    """An archive that was scanned."""

    archive: str
    size: int
    state: str
    watched: str  # what was looked for
    pictures: int
    icons: int  # of the pictures: too small to be looked for
    findings: list[str]  # names of the parts
    errors: list[str]
    is_whole: bool  # False where its store did not give it to its end: it is scanned again


_RECORD_COLUMNS = [
    ("record_archive", pyarrow.string()),
    ("record_id", pyarrow.string()),
    ("recorded", pyarrow.string()),
    ("payload_digest", pyarrow.string()),
    ("record_offset", pyarrow.int64()),
    ("record_length", pyarrow.int64()),
]
_FINDING_SCHEMA = pyarrow.schema(
    [
        ("owner", pyarrow.string()),
        ("verdict", pyarrow.string()),
        ("score", pyarrow.float64()),
        ("matches", pyarrow.string()),  # JSON, as the next but the last
        ("width", pyarrow.int32()),
        ("height", pyarrow.int32()),
        ("page_address", pyarrow.string()),
        ("page_title", pyarrow.string()),
        ("picture_address", pyarrow.string()),
        ("picture_hash", pyarrow.binary(32)),
        ("picture", pyarrow.large_binary()),
        ("archive", pyarrow.string()),
        ("exchange", pyarrow.string()),
        ("words", pyarrow.string()),
        *_RECORD_COLUMNS,
    ]
)
_ERROR_SCHEMA = pyarrow.schema(
    [(name, pyarrow.string()) for name in ("archive", "address", "code", "words")] + _RECORD_COLUMNS
)


class FindingsFolder:
    """Where findings are kept: a folder or a bucket's prefix. Raises SourceUnreadable where it cannot be used."""

    def __init__(self, url: str) -> None:
        """Raises UsageError."""
        self.url = url.rstrip("/")
        self._store, self._root = open_store(self.url)

    def names(self) -> frozenset[str]:
        """Of all files in it."""
        with in_words(self.url):
            try:
                listed = self._store.ls(self._root, detail=False)
            except FileNotFoundError:
                return frozenset()
        return frozenset(str(each).rpartition("/")[2] for each in listed)

    def checkpoint(self, name: str) -> Checkpoint | None:
        """Of a name that `checkpoint_name` gave; None for one that is broken: then the archive is scanned again."""
        with in_words(self.url):
            data = self._store.cat_file(f"{self._root}/{name}")
        try:
            return msgspec.json.decode(data, type=Checkpoint)
        except msgspec.DecodeError:
            return None

    def told(self, checkpoint: Checkpoint) -> Iterator[Finding | Trouble]:
        """What was found in an archive, then what could not be looked at."""
        for name in checkpoint.findings:
            yield from map(_finding, self._rows(name))
        for name in checkpoint.errors:
            yield from map(_trouble, self._rows(name))

    def empty(self, checkpoint: Checkpoint) -> None:
        """Erases what was found, which is kept elsewhere now; that the archive was scanned stays known."""
        for name in (*checkpoint.findings, *checkpoint.errors):
            with in_words(self.url):
                self._store.rm_file(f"{self._root}/{name}")
        archive = ArchiveFile(checkpoint.archive, checkpoint.size, checkpoint.state)
        self.write_checkpoint(archive, msgspec.structs.replace(checkpoint, findings=[], errors=[]))

    def keep(self, archive: ArchiveFile, watched: str) -> "Keeping":
        return Keeping(self, archive, watched)

    def keep_unlisted(self, troubles: Sequence[Trouble]) -> None:
        """Of archives that are not even known by name; those of the run before are replaced."""
        self.write(f"unlisted.{_ERRORS}", _packed(map(_error_row, troubles), _ERROR_SCHEMA))

    def write_checkpoint(self, archive: ArchiveFile, checkpoint: Checkpoint) -> str:
        """Its name."""
        name = checkpoint_name(archive, checkpoint.watched)
        self.write(name, msgspec.json.format(msgspec.json.encode(checkpoint)))
        return name

    def write(self, name: str, data: bytes) -> None:
        """Raises DiskFull, too."""
        with in_words(self.url):
            try:
                write_whole(self._store, f"{self._root}/{name}", data)
            except OSError as error:
                if error.errno not in FULL:
                    raise
                raise DiskFull(
                    f"the disk of {self.url} is full; free some space and run the same command again: what was not "
                    "written is scanned then"
                ) from error

    def _rows(self, name: str) -> Iterator[dict[str, Any]]:
        with in_words(self.url), self._store.open(f"{self._root}/{name}", "rb") as stream:
            for batch in parquet.ParquetFile(stream).iter_batches(batch_size=64):
                yield from batch.to_pylist()


class Keeping:
    """The findings of one archive as they come; nothing counts before `finish`."""

    def __init__(self, folder: FindingsFolder, archive: ArchiveFile, watched: str) -> None:
        self._folder = folder
        self._archive = archive
        self._watched = watched
        self._findings: list[dict[str, Any]] = []
        self._errors: list[dict[str, Any]] = []
        self._held = 0
        self._parts: dict[str, list[str]] = {_FINDINGS: [], _ERRORS: []}

    def add(self, told: Finding | Trouble) -> None:
        if isinstance(told, Trouble):
            self._errors.append(_error_row(told))
            return
        self._findings.append(_finding_row(told))
        self._held += len(told.picture)
        if self._held > _MOST_HELD:
            self._write(_FINDINGS, self._findings, _FINDING_SCHEMA)
            self._held = 0

    def finish(self, pictures: int, icons: int, *, is_whole: bool) -> str:
        """Writes what is left, and then that it is all there; the name of the checkpoint."""
        self._write(_FINDINGS, self._findings, _FINDING_SCHEMA)
        self._write(_ERRORS, self._errors, _ERROR_SCHEMA)
        checkpoint = Checkpoint(
            archive=self._archive.address,
            size=self._archive.size,
            state=self._archive.state,
            watched=self._watched,
            pictures=pictures,
            icons=icons,
            findings=self._parts[_FINDINGS],
            errors=self._parts[_ERRORS],
            is_whole=is_whole,
        )
        return self._folder.write_checkpoint(self._archive, checkpoint)

    def _write(self, kind: str, rows: list[dict[str, Any]], schema: pyarrow.Schema) -> None:
        if rows:
            name = f"{_stem(self._archive, self._watched)}-{len(self._parts[kind]):04}.{kind}"
            self._folder.write(name, _packed(rows, schema))
            self._parts[kind].append(name)
            rows.clear()


def checkpoint_name(archive: ArchiveFile, watched: str) -> str:
    return f"{_stem(archive, watched)}.{_CHECKPOINT}"


def _stem(archive: ArchiveFile, watched: str) -> str:
    return f"{archive.name}-{watched}"


def _packed(rows: Iterable[dict[str, Any]], schema: pyarrow.Schema) -> bytes:
    out = io.BytesIO()
    # Pictures are packed already; a dictionary keeps those that an archive holds many times once.
    parquet.write_table(pyarrow.Table.from_pylist(list(rows), schema), out, compression="zstd")
    return out.getvalue()


def _finding_row(told: Finding) -> dict[str, Any]:
    row = {name: getattr(told, name) for name in _FINDING_SCHEMA.names if hasattr(told, name)}
    row |= {
        "matches": msgspec.json.encode(told.matches).decode(),
        "exchange": json.dumps(asdict(told.exchange), ensure_ascii=False),
    }
    return {name: _writable(value) for name, value in (row | _record_row(told.record)).items()}


def _error_row(told: Trouble) -> dict[str, Any]:
    row = {name: getattr(told, name) for name in ("archive", "address", "code", "words")}
    return {name: _writable(value) for name, value in (row | _record_row(told.record)).items()}


def _record_row(record: ArchiveRecord | None) -> dict[str, Any]:
    if record is None:
        return {name: None for name, _ in _RECORD_COLUMNS}
    return {
        "record_archive": record.archive,
        "record_id": record.record_id,
        "recorded": record.recorded,
        "payload_digest": record.digest,
        "record_offset": record.offset,
        "record_length": record.length,
    }


def _writable(value: object) -> object:
    """Text that UTF-8 has: names of files may hold bytes that are none."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if isinstance(value, str) else value


def _finding(row: dict[str, Any]) -> Finding:
    fields = {name: row[name] for name in Finding.__struct_fields__ if name in row}
    fields |= {
        "matches": msgspec.json.decode(row["matches"], type=list[MatchNote]),
        "exchange": msgspec.json.decode(row["exchange"], type=Exchange),
        "record": _record(row),
    }
    return Finding(**fields)


def _trouble(row: dict[str, Any]) -> Trouble:
    return Trouble(row["archive"], row["address"], row["code"], row["words"], _record(row))


def _record(row: dict[str, Any]) -> ArchiveRecord | None:
    if row["record_offset"] is None:
        return None
    return ArchiveRecord(
        row["record_archive"],
        row["record_id"],
        row["recorded"],
        row["payload_digest"],
        row["record_offset"],
        row["record_length"],
    )
