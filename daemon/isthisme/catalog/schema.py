"""The catalog's tables, and the steps that bring an older catalog to the present ones."""

from collections.abc import Callable

from isthisme.catalog.sqlite_tables import Database
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

# What makes a sighting evidence: the picture itself, each time it was looked for, the page as shown; and what the user
# makes of it: cases, bundles, a log.
_FOURTH = """
create table cases (
    id integer primary key autoincrement,
    name text not null,
    offender text not null,             -- site or account, as offenders.py names it; '' where the user made it by hand
    status text not null check (status in ('found', 'reported', 'answered', 'removed', 'came_back')),
    made_at real not null,
    utc_offset integer not null,        -- seconds east of UTC, where the user was
    changed_at real not null
);
create table case_events (
    id integer primary key autoincrement,
    case_id integer not null references cases(id) on delete cascade,
    at real not null,
    utc_offset integer not null,
    kind text not null check (kind in ('made', 'note', 'status', 'merged', 'split', 'evidence', 'notice', 'recheck')),
    text text not null
);
create index case_events_by_case on case_events(case_id, id);
-- known_since: when its file was first read; null: was not noted. utc_offset: where the user was when it was first
-- seen; checked_at: when it was last looked for on request or on schedule.
alter table photos add column known_since real;
alter table sightings add column utc_offset integer;
alter table sightings add column presence text not null default 'there'
    check (presence in ('there', 'gone', 'unknown'));
alter table sightings add column checked_at real;
alter table sightings add column case_id integer references cases(id) on delete set null;
create index sightings_by_case on sightings(case_id);
create index sightings_by_picture on sightings(picture_hash);
create table originals (                -- the pictures of sightings, byte for byte
    content_hash blob primary key,      -- SHA-256
    data blob not null
);
create table observations (             -- each time the picture of a sighting was looked at, in order
    id integer primary key autoincrement,
    sighting_id integer not null references sightings(id) on delete cascade,
    at real not null,
    utc_offset integer not null,
    kind text not null check (kind in ('page', 'asked', 'recheck', 'scan')),
    presence text not null check (presence in ('there', 'gone', 'unknown')),
    page_address text not null,
    asked_address text,                 -- where the browser was asked to go, where redirects led from there
    exchange text,                      -- JSON: how its bytes came; null: they were known
    words text not null                 -- why it is gone or not known, in plain English
);
create index observations_by_sighting on observations(sighting_id, id);
create table captures (                 -- pages as they were shown
    id integer primary key autoincrement,
    page_address text not null,
    page_title text,
    at real not null,
    utc_offset integer not null,
    user_agent text not null
);
create index captures_by_page on captures(page_address, id);
create table capture_parts (
    id integer primary key autoincrement,
    capture_id integer not null references captures(id) on delete cascade,
    kind text not null check (kind in ('screen', 'whole', 'html')),
    media_type text not null,
    width integer not null,             -- pixels; 0 of what has none
    height integer not null,
    words text not null,                -- what is to be known of it, such as that it was cut
    data blob not null
);
create index capture_parts_by_capture on capture_parts(capture_id, id);
create table bundles (                  -- evidence that was saved to files
    id integer primary key autoincrement,
    at real not null,
    utc_offset integer not null,
    path blob not null,
    sha256 blob not null,               -- of the file
    case_id integer references cases(id) on delete set null,
    sighting_ids text not null          -- JSON; they may be deleted by now
);
create table journal (                  -- who opened, exported or deleted what: numbers and hashes alone
    id integer primary key autoincrement,
    at real not null,
    utc_offset integer not null,
    event text not null,
    detail text not null,               -- JSON
    previous blob not null,             -- the hash of the entry before
    hash blob not null                  -- SHA-256 of all that
);
create trigger journal_is_not_changed before update on journal begin select raise(abort, 'it is append-only'); end;
create trigger journal_is_not_deleted before delete on journal begin select raise(abort, 'it is append-only'); end;
"""


def _script(sql: str) -> Callable[[Database], None]:
    def run(database: Database) -> None:
        for statement in sql.split(";\n"):
            if statement.strip():
                database.execute(statement)

    return run


MIGRATIONS: tuple[Callable[[Database], None], ...] = (
    _script(_FIRST),
    _script(_SECOND),
    _script(_THIRD),
    _script(_FOURTH),
)


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
