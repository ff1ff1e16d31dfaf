"""Pictures of the user that were seen on pages: kept because the user needs them, until the user deletes them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from isthisme.catalog.database import Connection
from isthisme.catalog.hashes import as_signed, as_unsigned
from isthisme.domain import Moment, Presence, SmallCopy


@dataclass(frozen=True, slots=True)
class Sighting:
    sighting_id: int
    page_address: str
    page_title: str | None
    picture_address: str
    width: int  # of the query image, pixels
    height: int
    answer: str  # JSON: verdict, score, matches as PROTOCOL.md has them
    first_seen: float  # seconds since 1970
    last_seen: float
    times_seen: int
    utc_offset: int | None  # seconds east of UTC when it was first seen; None: was not noted
    picture_hash: bytes  # SHA-256
    presence: Presence  # when it was last looked for
    checked_at: float | None  # when that was on request or on schedule
    case_id: int | None
    original_bytes: int | None  # of the picture as the page had it; None where it was not kept
    is_kept: bool  # the user said: that is me


@dataclass(frozen=True, slots=True)
class SeenPicture:
    """A matched picture on a page, about to be kept."""

    page_address: str
    page_title: str | None
    picture_address: str
    picture_hash: bytes  # SHA-256
    picture: bytes  # JPEG, small
    width: int
    height: int
    answer: str
    perceptual_hash: int | None = None  # 64 bits
    original: bytes | None = None  # byte for byte; None where it is kept, or not at hand


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sightings are asked for; None of what does not matter."""

    page_address: str | None = None
    site: str | None = None  # a host's name: it and those below it
    search: str | None = None  # in addresses, title, the photo's path
    verdict: str | None = None
    presence: Presence | None = None
    is_kept: bool | None = None
    case_id: int | None = None
    is_without_case: bool | None = None


_COLUMNS = """sightings.id, page_address, page_title, picture_address, width, height, answer, first_seen, last_seen,
              times_seen, utc_offset, picture_hash, presence, checked_at, case_id,
              (select length(data) from originals where content_hash = picture_hash),
              exists (select 1 from decisions where sighting_id = sightings.id)"""
_EVERY = Wanted()


class Sightings:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, seen: SeenPicture) -> int:
        """Keeps a sighting; the same picture on the same page again adds to the one there is. Its id."""
        now = Moment.now()
        with self._connection.transaction():
            self._connection.run(
                """insert into sightings (page_address, page_title, picture_address, picture_hash, picture, width,
                       height, answer, perceptual_hash, first_seen, last_seen, utc_offset, times_seen)
                   values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
                   on conflict (page_address, picture_hash) do update set
                       last_seen = max(last_seen, excluded.last_seen),
                       times_seen = times_seen + 1, page_title = excluded.page_title, answer = excluded.answer,
                       picture_address = excluded.picture_address,
                       perceptual_hash = coalesce(excluded.perceptual_hash, perceptual_hash)""",
                (
                    seen.page_address,
                    seen.page_title,
                    seen.picture_address,
                    seen.picture_hash,
                    seen.picture,
                    seen.width,
                    seen.height,
                    seen.answer,
                    None if seen.perceptual_hash is None else as_signed(seen.perceptual_hash),
                    now.at,
                    now.at,
                    now.utc_offset,
                ),
            )
            if seen.original is not None:
                self._connection.run(
                    "insert or ignore into originals (content_hash, data) values (?, ?)",
                    (seen.picture_hash, seen.original),
                )
            row = self._connection.row(
                "select id from sightings where page_address = ? and picture_hash = ?",
                (seen.page_address, seen.picture_hash),
            )
        return int(row[0]) if row else 0

    def latest(self, limit: int, wanted: Wanted = _EVERY, *, before: int | None = None) -> list[Sighting]:
        """Sightings, the newest first; older than a given one, where asked."""
        where, values = _condition(wanted)
        rows = self._connection.rows(
            f"""select {_COLUMNS} from sightings
                where {where} and (? is null or id < ?) order by id desc limit ?""",  # noqa: S608 conditions of our own
            (*values, before, before, limit),
        )
        return [_sighting(row) for row in rows]

    def one(self, sighting_id: int) -> Sighting | None:
        row = self._connection.row(f"select {_COLUMNS} from sightings where id = ?", (sighting_id,))  # noqa: S608
        return None if row is None else _sighting(row)

    def pictures_without_case(self) -> list[tuple[int, str, bytes, int | None]]:
        """Of all in no case, the oldest first: id, page address, SHA-256 and perceptual hash of the picture."""
        return self._pictures("case_id is null")

    def pictures_in_cases(self) -> list[tuple[int, str, bytes, int | None]]:
        """The same of all that are in one, with the case's id in place of their own."""
        return self._pictures("case_id is not null", "case_id")

    def hashes_of(self, sighting_id: int) -> tuple[bytes, int | None] | None:
        """What tells the picture of a sighting: the SHA-256 of its bytes, and its perceptual hash where it is known."""
        row = self._connection.row("select picture_hash, perceptual_hash from sightings where id = ?", (sighting_id,))
        return None if row is None else (row[0], None if row[1] is None else as_unsigned(row[1]))

    def count(self) -> int:
        return int((self._connection.row("select count(*) from sightings") or (0,))[0])

    def picture(self, sighting_id: int) -> tuple[bytes, int, int] | None:
        """The page's picture as it is kept (JPEG), with the width and height of the original."""
        row = self._connection.row("select picture, width, height from sightings where id = ?", (sighting_id,))
        return None if row is None else (row[0], row[1], row[2])

    def picture_with_hash(self, picture_hash: bytes) -> SmallCopy | None:
        """What is kept of a picture that was seen before, on whatever page."""
        row = self._connection.row(
            """select picture, perceptual_hash from sightings where picture_hash = ?
               order by perceptual_hash is null limit 1""",
            (picture_hash,),
        )
        return None if row is None else SmallCopy(bytes(row[0]), None if row[1] is None else as_unsigned(row[1]))

    def original(self, picture_hash: bytes) -> bytes | None:
        """The page's picture byte for byte."""
        row = self._connection.row("select data from originals where content_hash = ?", (picture_hash,))
        return None if row is None else bytes(row[0])

    def delete(self, sighting_ids: Iterable[int]) -> list[int]:
        """Deletes sightings for good, with what was kept of their pictures and pages; those that there were."""
        with self._connection.transaction():
            deleted = [
                number
                for number in sighting_ids
                if self._connection.run("delete from sightings where id = ?", (number,))
            ]
            drop_orphans(self._connection)
        self._connection.empty_log()
        return deleted

    def _pictures(self, where: str, number: str = "id") -> list[tuple[int, str, bytes, int | None]]:
        rows = self._connection.rows(
            f"select {number}, page_address, picture_hash, perceptual_hash from sightings where {where} order by id"  # noqa: S608
        )
        return [
            (each, page, digest, None if signed is None else as_unsigned(signed)) for each, page, digest, signed in rows
        ]


def drop_orphans(connection: Connection) -> None:
    """What was kept for sightings that are no more."""
    connection.run("delete from originals where content_hash not in (select picture_hash from sightings)")
    connection.run("delete from captures where page_address not in (select page_address from sightings)")


def _sighting(row: tuple[Any, ...]) -> Sighting:
    return Sighting(*(*row[:-1], bool(row[-1])))


def _condition(wanted: Wanted) -> tuple[str, tuple[object, ...]]:
    """As SQL, and its values."""
    parts: dict[str, tuple[object, ...]] = {"true": ()}
    if wanted.page_address is not None:
        parts["page_address = ?"] = (wanted.page_address,)
    if wanted.site is not None:
        # The beginning, up to the path; a port after the host's name ends it, too.
        host = "replace(substr(page_address, 1, instr(substr(page_address, 9), '/') + 8), ':', '/') || '/'"
        parts[f"({host} like ? escape '\\' or {host} like ? escape '\\')"] = (
            f"%//{_literally(wanted.site)}/%",
            f"%.{_literally(wanted.site)}/%",
        )
    if wanted.search is not None:
        columns = ("page_address", "page_title", "picture_address", "answer")
        parts["(" + " or ".join(f"{column} like ? escape '\\'" for column in columns) + ")"] = (
            f"%{_literally(wanted.search)}%",
        ) * len(columns)
    if wanted.verdict is not None:
        parts["json_extract(answer, '$.verdict') = ?"] = (wanted.verdict,)
    if wanted.presence is not None:
        parts["presence = ?"] = (wanted.presence,)
    if wanted.is_kept is not None:
        parts["exists (select 1 from decisions where sighting_id = sightings.id) = ?"] = (wanted.is_kept,)
    if wanted.case_id is not None:
        parts["case_id = ?"] = (wanted.case_id,)
    if wanted.is_without_case is not None:
        parts["(case_id is null) = ?"] = (wanted.is_without_case,)
    return " and ".join(parts), tuple(value for values in parts.values() for value in values)


def _literally(text: str) -> str:
    """For `like`, where some characters mean others."""
    return "".join(f"\\{each}" if each in "\\%_" else each for each in text)
