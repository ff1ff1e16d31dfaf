"""Saves what can be read of a damaged catalog into a new one. The damaged one is kept aside; nothing is deleted."""

import mmap
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from isthisme.catalog import kept_files
from isthisme.catalog.connecting import connect
from isthisme.catalog.pages import Pages, Record, Value
from isthisme.catalog.schema import MIGRATIONS, make_tables
from isthisme.catalog.sqlite_tables import Database
from isthisme.errors import Busy, CatalogUnusable
from isthisme_host.private_files import lock_range, open_private

# SQLite's own lock: whoever has a catalog open holds a shared lock on these bytes (its os_unix.c).
_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510
_ANY = (int, float, str, bytes)
_TYPES: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "real": (int, float),  # whole numbers are kept as integers
    "text": (str,),
    "blob": (bytes,),
}
_NOT_WORTH_SAVING = frozenset({"verdicts"})  # which rest on a state of the index that is gone


@dataclass(frozen=True, slots=True)
class Salvage:
    saved: Counter[str]  # rows by table
    lost: Counter[str]  # rows by table that were read, and belong to what is gone: what named them comes anew
    broken: int  # rows that could not be read whole; pages that are gone with all they held cannot be counted
    aside: Path  # where the damaged catalog lies now


@dataclass(frozen=True, slots=True)
class _Table:
    """What the rows of a table, or the entries of an index, look like. Indexes are made anew from their tables."""

    name: str
    is_index: bool
    has_rowid: bool
    rowid_column: int | None  # kept as null in the record, and its value as the row id
    columns: tuple[str, ...]  # in the order of the record
    types: tuple[tuple[type, ...], ...]  # as declared
    may_be_null: tuple[bool, ...]

    def could_hold(self, record: Record) -> bool:
        """By the number of columns; rows from before one was added are shorter."""
        return (record.rowid is not None) is self.has_rowid and 0 < len(record.values) <= len(self.columns)

    def looks_like(self, record: Record) -> bool:
        """By the types of the columns."""
        return len(record.values) == len(self.columns) and all(
            may_be_null if value is None else isinstance(value, types)
            for value, types, may_be_null in zip(record.values, self.types, self.may_be_null, strict=True)
        )

    def row(self, record: Record) -> tuple[Value, ...]:
        values = list(record.values)
        if self.rowid_column is not None:
            values[self.rowid_column] = record.rowid
        return tuple(values)


def salvage(catalog: Path, key: bytes | None = None) -> Salvage:
    """Replaces a damaged catalog by a new one of the same version that holds its readable rows.

    Killed anywhere, the damaged one or the new one has the name, and the damaged one is kept in any case. Raises Busy
    while any program has it open, CatalogUnusable when a newer program made it or there is no space.
    """
    _empty_log(catalog, key)
    with _alone_with(catalog) as handle:
        size = os.fstat(handle).st_size
        if kept_files.free_bytes(catalog.parent) < size:
            raise CatalogUnusable(
                f"{size >> 20} MiB must be free to save what {catalog} holds; free some and try again"
            )
        unfinished = kept_files.private_file(kept_files.unfinished_name(catalog))
        with closing(mmap.mmap(handle, 0, access=mmap.ACCESS_READ)) if size else nullcontext(b"") as data:
            pages = Pages(data) if key is None else _encrypted_pages(data, key)
            version = _plausible(pages.version, catalog)
            with closing(connect(unfinished, key, isolation_level=None)) as target:
                for pragma in ("auto_vacuum = incremental", "journal_mode = off", "synchronous = off"):
                    target.execute(f"pragma {pragma}")
                make_tables(Database(target), version)
                saved = _copy(pages, target)
                lost = _drop_orphans(target)
                _count_as_changed(target)
        aside = kept_files.replace(catalog, unfinished)
    return Salvage(saved - lost, lost, pages.broken, aside)


def _encrypted_pages(data: mmap.mmap | bytes, key: bytes) -> Pages:
    from isthisme.catalog.cipher_pages import RESERVED_BYTES, decrypted  # loads ciphers

    return Pages(decrypted(data, key), RESERVED_BYTES)


def _empty_log(catalog: Path, key: bytes | None) -> None:
    """Brings the log's pages into the file, as closing it does; where that cannot be, the log is kept with it."""
    # What SQLite says of damage may quote it, and then be no text.
    with suppress(sqlite3.Error, UnicodeDecodeError), closing(connect(catalog, key, isolation_level=None)) as raw:
        raw.execute("pragma wal_checkpoint(truncate)")


@contextmanager
def _alone_with(catalog: Path) -> Iterator[int]:
    """The open file, while nobody else can open it as a catalog."""
    handle = open_private(catalog, os.O_RDWR, may_have_names=True)
    try:
        try:
            lock_range(handle, _SHARED_FIRST, _SHARED_SIZE)
        except OSError as error:
            raise Busy(f"another program has {catalog} open; let it end, then try again") from error
        yield handle
    finally:
        os.close(handle)


def _plausible(version: int | None, catalog: Path) -> int:
    if version is None or version == 0:
        return len(MIGRATIONS)
    if version > len(MIGRATIONS):
        raise CatalogUnusable(f"{catalog} has version {version}, of a newer program; repair it with that one")
    return version


def _copy(pages: Pages, target: sqlite3.Connection) -> Counter[str]:
    """The rows by table."""
    tables = _tables(target)
    saved: Counter[str] = Counter()
    target.execute("begin")
    for record in pages.records():
        table = _table_of(record, tables)
        if table is None:
            continue
        row = table.row(record)
        if table.name == "sqlite_sequence":
            _raise_sequence(target, row)
            continue
        names = ", ".join(table.columns[: len(row)])
        marks = ", ".join("?" * len(row))
        with suppress(sqlite3.IntegrityError):  # a row that was not what it seemed
            query = f"insert or ignore into {table.name} ({names}) values ({marks})"  # noqa: S608 names of our own tables
            saved[table.name] += target.execute(query, row).rowcount
    target.execute("commit")
    return saved


def _table_of(record: Record, tables: dict[str, _Table]) -> _Table | None:
    if record.tree is not None:
        table = tables.get(record.tree)
        return table if table is not None and not table.is_index and table.could_hold(record) else None
    likely = [table for table in tables.values() if table.could_hold(record) and table.looks_like(record)]
    return likely[0] if len(likely) == 1 and not likely[0].is_index else None


def _tables(target: sqlite3.Connection) -> dict[str, _Table]:
    found = {}
    for name, sql in target.execute("select name, sql from sqlite_master where type = 'table'").fetchall():
        if name in _NOT_WORTH_SAVING:
            continue
        has_rowid = "without rowid" not in sql.lower()
        columns = target.execute(f"pragma table_info({name})").fetchall()
        if not has_rowid:  # then the key's columns go first
            columns.sort(key=lambda column: (not column[5], column[5] or column[0]))
        keys = [place for place, column in enumerate(columns) if column[5] and column[2].lower() == "integer"]
        found[name] = _Table(
            name=name,
            is_index=False,
            has_rowid=has_rowid,
            rowid_column=keys[0] if has_rowid and keys else None,
            columns=tuple(column[1] for column in columns),
            types=tuple(_TYPES.get(column[2].lower(), _ANY) for column in columns),
            may_be_null=tuple(not column[3] for column in columns),
        )
        found |= _indexes(target, name, {column[1]: _TYPES.get(column[2].lower(), _ANY) for column in columns})
    return found


def _indexes(target: sqlite3.Connection, table: str, types: dict[str, tuple[type, ...]]) -> dict[str, _Table]:
    found = {}
    for _, index, _, origin, _ in target.execute(f"pragma index_list({table})").fetchall():
        names = [row[2] for row in target.execute(f"pragma index_xinfo({index})").fetchall()]
        if origin == "pk" and len(names) == len(types):
            continue  # the table itself, which has no row ids
        found[index] = _Table(
            name=index,
            is_index=True,
            has_rowid=False,
            rowid_column=None,
            columns=tuple(name or "rowid" for name in names),
            types=tuple(types.get(name, (int,)) for name in names),
            may_be_null=(True,) * len(names),
        )
    return found


def _raise_sequence(target: sqlite3.Connection, row: tuple[Value, ...]) -> None:
    """Numbers that were given are never given again, also those of rows that are gone."""
    name, number = (*row, None)[:2]
    if not isinstance(number, int):  # broken, though it can be read; each table's own rows tell its number as well
        return
    if not target.execute("update sqlite_sequence set seq = max(seq, ?) where name = ?", (number, name)).rowcount:
        target.execute("insert into sqlite_sequence (name, seq) values (?, ?)", (name, number))


def _drop_orphans(target: sqlite3.Connection) -> Counter[str]:
    """Rows whose other half is gone: a place without its photo is found again as a new file at the next look."""
    lost: Counter[str] = Counter()
    names = [name for (name,) in target.execute("select name from sqlite_master where type = 'table'").fetchall()]
    keys = [
        (name, key[3], key[2], key[4], key[6] == "SET NULL")
        for name in names
        for key in target.execute(f"pragma foreign_key_list({name})")
    ]
    found = True
    while found:
        found = False
        for name, column, parent, parent_column, can_be_without in keys:
            # Nothing is in no set, not even in an empty one, save null.
            orphans = f"where {column} is not null and {column} not in (select {parent_column} from {parent})"  # noqa: S608
            if can_be_without:
                target.execute(f"update {name} set {column} = null {orphans}")  # noqa: S608
            elif count := target.execute(f"delete from {name} {orphans}").rowcount:  # noqa: S608
                lost[name] += count
                found = True
    return lost


def _count_as_changed(target: sqlite3.Connection) -> None:
    """Whoever holds an index made from the damaged catalog must notice, whatever was saved of the count of changes."""
    target.execute("insert or replace into facts (name, value) values ('removals', ?)", (int(time.time()),))
