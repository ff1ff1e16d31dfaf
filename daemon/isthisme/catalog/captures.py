"""Pages as they were shown: pictures of the screen, and the text of the page. Kept with the sightings of the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from isthisme.catalog.database import Connection
from isthisme.domain import Moment

type PartKind = Literal["screen", "whole", "html"]  # the visible part, the whole page, its text


@dataclass(frozen=True, slots=True)
class NewPart:
    kind: PartKind
    media_type: str
    data: bytes
    width: int = 0  # pixels; 0 of what has none
    height: int = 0
    words: str = ""  # what is to be known of it, such as that it was cut


@dataclass(frozen=True, slots=True)
class Part:
    part_id: int
    kind: PartKind
    media_type: str
    width: int
    height: int
    words: str
    byte_size: int


@dataclass(frozen=True, slots=True)
class Capture:
    capture_id: int
    page_address: str
    page_title: str | None
    moment: Moment
    user_agent: str
    parts: tuple[Part, ...]


class Captures:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, page_address: str, page_title: str | None, moment: Moment, user_agent: str, parts: Sequence[NewPart]
    ) -> int:
        """Keeps a capture whole, or nothing of it. Its id."""
        with self._connection.transaction():
            capture_id = self._connection.add(
                "insert into captures (page_address, page_title, at, utc_offset, user_agent) values (?, ?, ?, ?, ?)",
                (page_address, page_title, moment.at, moment.utc_offset, user_agent),
            )
            for part in parts:
                self._connection.run(
                    """insert into capture_parts (capture_id, kind, media_type, width, height, words, data)
                       values (?, ?, ?, ?, ?, ?, ?)""",
                    (capture_id, part.kind, part.media_type, part.width, part.height, part.words, part.data),
                )
        return capture_id

    def latest(self, page_address: str) -> Capture | None:
        """The newest of a page."""
        row = self._connection.row(
            """select id, page_address, page_title, at, utc_offset, user_agent from captures
               where page_address = ? order by id desc limit 1""",
            (page_address,),
        )
        if row is None:
            return None
        capture_id, address, title, at, offset, user_agent = row
        parts = self._connection.rows(
            """select id, kind, media_type, width, height, words, length(data) from capture_parts
               where capture_id = ? order by id""",
            (capture_id,),
        )
        found = tuple(Part(*part) for part in parts)
        return Capture(capture_id, address, title, Moment(at, offset), user_agent, found)

    def data(self, part_id: int) -> bytes | None:
        row = self._connection.row("select data from capture_parts where id = ?", (part_id,))
        return None if row is None else bytes(row[0])
