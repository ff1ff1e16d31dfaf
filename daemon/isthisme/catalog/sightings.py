"""Pictures of the user that were seen on pages: kept because the user needs them, until the user deletes them."""

import time
from dataclasses import dataclass

from isthisme.catalog.database import Connection
from isthisme.catalog.hashes import as_signed, as_unsigned
from isthisme.domain import SmallCopy


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


_COLUMNS = """id, page_address, page_title, picture_address, width, height, answer,
              first_seen, last_seen, times_seen"""


class Sightings:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, seen: SeenPicture) -> int:
        """Keeps a sighting; the same picture on the same page again adds to the one there is. Its id."""
        now = time.time()
        with self._connection.transaction():
            self._connection.run(
                """insert into sightings (page_address, page_title, picture_address, picture_hash, picture,
                       width, height, answer, perceptual_hash, first_seen, last_seen, times_seen)
                   values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
                   on conflict (page_address, picture_hash) do update set last_seen = excluded.last_seen,
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
                    now,
                    now,
                ),
            )
            row = self._connection.row(
                "select id from sightings where page_address = ? and picture_hash = ?",
                (seen.page_address, seen.picture_hash),
            )
        return int(row[0]) if row else 0

    def latest(self, limit: int, *, page_address: str | None = None, before: int | None = None) -> list[Sighting]:
        """Sightings, the newest first; of one page, or older than a given one, where asked."""
        rows = self._connection.rows(
            f"""select {_COLUMNS} from sightings
                where (? is null or page_address = ?) and (? is null or id < ?) order by id desc limit ?""",  # noqa: S608
            (page_address, page_address, before, before, limit),
        )
        return [Sighting(*row) for row in rows]

    def one(self, sighting_id: int) -> Sighting | None:
        row = self._connection.row(f"select {_COLUMNS} from sightings where id = ?", (sighting_id,))  # noqa: S608
        return None if row is None else Sighting(*row)

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

    def delete(self, sighting_id: int) -> bool:
        """Deletes a sighting for good; False when there was none."""
        is_deleted = self._connection.run("delete from sightings where id = ?", (sighting_id,)) > 0
        self._connection.run("pragma wal_checkpoint(truncate)")  # the log beside the file held it, too
        return is_deleted
