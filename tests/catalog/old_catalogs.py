"""Small catalogs as each past version of the program made them, from the migration steps themselves."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from isthisme.catalog.schema import MIGRATIONS

PHOTOS = 3
DESCRIPTOR = bytes(range(256)) * 2

# Rows as the first version had them. A later migration that changes a table changes these with it.
_ROWS = """
insert into folders (id, path, added_at) values (1, x'2f70', 1.0);
insert into generations (id, model, state, started_at) values (1, 'model', 'current', 1.0);
insert into sightings (page_address, picture_address, picture_hash, picture, width, height, answer, first_seen,
                       last_seen, times_seen) values ('https://a.example/', 'a', x'01', x'02', 1, 1, '{}', 1, 1, 1);
insert into facts (name, value) values ('address_key', zeroblob(32));
"""


def make_old_catalog(path: Path, version: int) -> Path:
    """A catalog of the given version, as a program that ended well left it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("pragma journal_mode = wal")
        database = Database(raw)
        for number, step in enumerate(MIGRATIONS[:version], start=1):
            step(database)
            if number == 1:
                _fill(raw)
        raw.execute(f"pragma user_version = {version:d}")
    return path


def _fill(raw: sqlite3.Connection) -> None:
    raw.executescript(_ROWS)
    for number in range(1, PHOTOS + 1):
        name = b"/p/%d.jpg" % number
        raw.execute("insert into photos values (?, ?, 640, 480, ?, ?)", (number, b"%032d" % number, name * 500, name))
        raw.execute("insert into places values (?, 1, ?, 100, 200, null)", (name, number))
        raw.execute("insert into descriptions values (?, 1, ?, ?, ?)", (number, number, number, DESCRIPTOR))


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of a catalog of any version."""
    with closing(sqlite3.connect(path)) as raw:
        names = [
            row[0]
            for row in raw.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
        ]
        return {name: raw.execute(f"select * from {name} order by 1").fetchall() for name in names}  # noqa: S608


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as raw:
        return int(raw.execute("pragma user_version").fetchone()[0])
