"""Each time the picture of a sighting was looked at: on a page, on the user's question, on a re-check, in a scan."""

import json
from dataclasses import asdict, dataclass
from typing import Literal

from isthisme.catalog.database import Connection
from isthisme.domain import Exchange, Moment, Presence

type Kind = Literal["page", "asked", "recheck", "scan"]

_SAME_VISIT_SECONDS = 3600.0  # a page that is loaded again and again tells nothing new


@dataclass(frozen=True, slots=True)
class Observation:
    """Their numbers rise: that is their order, also where a clock was set back between them."""

    moment: Moment
    kind: Kind
    presence: Presence
    page_address: str
    exchange: Exchange | None = None  # None: the bytes were known, and not asked for
    words: str = ""  # why it is gone or not known, in plain English
    asked_address: str | None = None  # where the browser was asked to go, where redirects led to the page
    observation_id: int = 0  # given by the catalog
    sighting_id: int = 0


class Observations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, sighting_id: int, seen: Observation) -> None:
        """Keeps an observation, and in its sighting whether the picture is still there."""
        with self._connection.transaction():
            is_recheck = seen.kind == "recheck"
            if not is_recheck and self._is_same_visit(sighting_id, seen):
                return
            self._connection.run(
                "update sightings set presence = ?, checked_at = iif(?, ?, checked_at) where id = ?",
                (seen.presence, is_recheck, seen.moment.at, sighting_id),
            )
            exchange = None if seen.exchange is None else json.dumps(asdict(seen.exchange), ensure_ascii=False)
            self._connection.run(
                """insert into observations (sighting_id, at, utc_offset, kind, presence, page_address, exchange, words,
                       asked_address) values (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (
                    sighting_id,
                    seen.moment.at,
                    seen.moment.utc_offset,
                    seen.kind,
                    seen.presence,
                    seen.page_address,
                    exchange,
                    seen.words,
                    seen.asked_address,
                ),
            )

    def of(self, sighting_id: int) -> list[Observation]:
        """The oldest first."""
        rows = self._connection.rows(
            """select id, at, utc_offset, kind, presence, page_address, exchange, words, asked_address
               from observations where sighting_id = ? order by id""",
            (sighting_id,),
        )
        return [
            Observation(Moment(at, offset), kind, presence, page, _exchange(text), words, asked, number, sighting_id)
            for number, at, offset, kind, presence, page, text, words, asked in rows
        ]

    def _is_same_visit(self, sighting_id: int, seen: Observation) -> bool:
        row = self._connection.row(
            """select at, presence, kind, exchange is null from observations where sighting_id = ?
               order by id desc limit 1""",
            (sighting_id,),
        )
        if row is None:
            return False
        at, presence, kind, has_no_exchange = row
        is_soon = 0 <= seen.moment.at - at < _SAME_VISIT_SECONDS
        tells_more = bool(has_no_exchange) and seen.exchange is not None
        return is_soon and presence == seen.presence and kind == seen.kind and not tells_more


def _exchange(text: str | None) -> Exchange | None:
    if text is None:
        return None
    fields = json.loads(text)
    for name in ("request_headers", "response_headers"):
        fields[name] = tuple((key, value) for key, value in fields[name])
    return Exchange(**fields)
