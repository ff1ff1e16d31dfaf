"""The catalog's tables, and the steps that bring an older catalog to the present ones."""

from collections.abc import Callable

from sqlite_utils import Database

from isthisme.errors import CatalogUnusable

_FIRST = """
create table folders (
    id integer primary key,
    path blob not null unique,          -- as the file system has it; not always UTF-8
    added_at real not null
);
create table photos (
    id integer primary key autoincrement,  -- never given twice, so that an old answer cannot name another photo
    content_hash blob not null unique,  -- SHA-256 of the file
    width integer not null,             -- upright, pixels
    height integer not null,
    preview blob not null,              -- JPEG, for verification and for showing
    last_path blob not null             -- where it was last seen; its file may be gone
);
create table places (
    path blob primary key,
    folder_id integer not null references folders(id) on delete cascade,
    photo_id integer references photos(id),  -- null where the file could not be read
    byte_size integer not null,
    changed_ns integer not null,
    trouble text                        -- why the file could not be read, in words
) without rowid;
create index places_by_photo on places(photo_id);
create index places_by_folder on places(folder_id);
create table generations (
    id integer primary key autoincrement,
    model text,                         -- what made its descriptors; null: hashes only
    state text not null check (state in ('building', 'current', 'retired')),
    started_at real not null
);
create unique index one_current_generation on generations(state) where state = 'current';
create unique index one_building_generation on generations(state) where state = 'building';
create table descriptions (
    id integer primary key,             -- rises with every row, so that readers can ask for what is new
    generation_id integer not null references generations(id) on delete cascade,
    photo_id integer not null references photos(id) on delete cascade,
    hash integer not null,              -- 64 bits, as a signed number
    descriptor blob,                    -- 512 x int8; null where the generation has no model
    unique (generation_id, photo_id)
);
create index descriptions_by_age on descriptions(generation_id, id);
create table sightings (
    id integer primary key autoincrement,
    page_address text not null,
    page_title text,
    picture_address text not null,
    picture_hash blob not null,         -- SHA-256 of the picture's bytes
    picture blob not null,              -- JPEG, small, for showing
    width integer not null,
    height integer not null,
    answer text not null,               -- JSON, as PROTOCOL.md has it
    first_seen real not null,
    last_seen real not null,
    times_seen integer not null,
    unique (page_address, picture_hash)
);
create table verdicts (
    address_key blob primary key,       -- keyed hash of the address: no browsing history can be read from it
    answer text not null,               -- JSON; for what did not match the verdict alone
    index_mark text not null,           -- the state of the index that it rests on
    expires_at real not null
) without rowid;
create index verdicts_by_expiry on verdicts(expires_at);
create table pauses (
    site text primary key,              -- '' means everywhere
    until real                          -- null means until resumed
) without rowid;
create table facts (                    -- single values: the key of the keyed hashes, the indexer's progress
    name text primary key,
    value blob not null
) without rowid;
"""

# For deleting a photo, which would read all descriptions to find its own.
_SECOND = """
create index descriptions_by_photo on descriptions(photo_id);
"""

# What the user decided: about a picture that was seen, about places, about a picture that is not of them.
_THIRD = """
alter table sightings add column perceptual_hash integer;
create table decisions (
    id integer primary key autoincrement,  -- rises, so that a change is noticed
    kind text not null check (kind in ('mine', 'fine', 'own_place', 'not_me')),
    decided_at real not null,
    sighting_id integer references sightings(id) on delete cascade,  -- mine: this one
    pattern text,                       -- fine, own_place: the addresses that are meant, as PROTOCOL.md has them
    reach text check (reach in ('page', 'below')),
    photo_id integer references photos(id) on delete cascade,  -- not_me: the photo that is not in the picture
    picture_hash blob,                  -- not_me: SHA-256 of the picture's bytes
    perceptual_hash integer             -- not_me: of the picture, 64 bits, as a signed number; null: not known
);
create unique index one_decision_a_sighting on decisions(sighting_id);
create unique index one_decision_a_pattern on decisions(pattern, reach);
create unique index one_decision_a_pair on decisions(photo_id, picture_hash);
"""


def _script(sql: str) -> Callable[[Database], None]:
    def run(database: Database) -> None:
        for statement in sql.split(";\n"):
            if statement.strip():
                database.execute(statement)

    return run


MIGRATIONS: tuple[Callable[[Database], None], ...] = (_script(_FIRST), _script(_SECOND), _script(_THIRD))


def migrate(database: Database, before: Callable[[int], None]) -> bool:
    """Brings the catalog to the present tables; whether it had to.

    All steps and the number that records them are one transaction. `before` is called in it with the catalog's
    version, before the first step, unless the catalog is new; nobody else can write then. Raises CatalogUnusable when a
    newer program made it.
    """
    if not _is_behind(database):
        return False
    database.execute("begin immediate")
    try:
        if _is_behind(database):  # another process may have been faster
            version = _version(database)
            if version:
                before(version)
            for step in MIGRATIONS[version:]:
                step(database)
            database.execute(f"pragma user_version = {len(MIGRATIONS):d}")
        database.execute("commit")
    except BaseException:
        if database.conn.in_transaction:  # a full disk may have ended it
            database.execute("rollback")
        raise
    return True


def make_tables(database: Database, version: int) -> None:
    """The tables of a version, past ones too, in an empty file."""
    for step in MIGRATIONS[:version]:
        step(database)
    database.execute(f"pragma user_version = {version:d}")


def _is_behind(database: Database) -> bool:
    version = _version(database)
    if version > len(MIGRATIONS):
        raise CatalogUnusable(
            f"the catalog has version {version} and this program knows versions up to {len(MIGRATIONS)}; "
            "install a newer program, or set ISTHISME_HOME to another folder"
        )
    return version < len(MIGRATIONS)


def _version(database: Database) -> int:
    (version,) = database.execute("pragma user_version").fetchone()
    return int(version)
