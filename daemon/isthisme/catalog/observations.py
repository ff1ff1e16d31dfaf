"""Each time the picture of a sighting was looked at: on a page, on the user's question, on a re-check, in a scan."""

import json
from dataclasses import asdict, dataclass
from typing import Literal

from isthisme.catalog.cases import Cases
from isthisme.catalog.database import Connection
from isthisme.domain import Exchange, Moment, Presence

type Kind = Literal["page", "asked", "recheck", "scan"]

_SAME_VISIT_SECONDS = 3600.0  # a page that is loaded again and again tells nothing new
# Of a sighting, 1 or 0: a look that told nothing leaves what was known before.
_IS_GONE = """coalesce((select presence = 'gone' from observations where sighting_id = sightings.id
              and presence != 'unknown' order by observations.id desc limit 1), 0)"""


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
    def __init__(self, connection: Connection, cases: Cases) -> None:
        self._connection = connection
        self._cases = cases

    def add(self, sighting_id: int, seen: Observation) -> bool:
        """Keeps an observation: in its sighting, too, whether the picture is still there, and in the case what follows
        of it. Whether the picture has gone, or come back, since that was last known."""
        with self._connection.transaction():
            is_recheck = seen.kind == "recheck"
            if not is_recheck and self._is_same_visit(sighting_id, seen):
                return False
            has_changed = seen.presence != "unknown" and (seen.presence == "gone") != self._was_gone(sighting_id)
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
            if has_changed:
                self._settle_case(sighting_id, is_there=seen.presence == "there")
        return has_changed

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

    def _was_gone(self, sighting_id: int) -> bool:
        """Whether the picture was gone when it was last known where it was."""
        return self._connection.row(f"select {_IS_GONE} from sightings where id = ?", (sighting_id,)) == (1,)  # noqa: S608

    def _settle_case(self, sighting_id: int, *, is_there: bool) -> None:
        row = self._connection.row(
            "select cases.id, status from cases join sightings on cases.id = case_id where sightings.id = ?",
            (sighting_id,),
        )
        if row is None:
            return
        case_id, status = row
        if is_there and status == "removed":
            self._cases.set_status(case_id, "came_back")
        # What lies in files of this computer is nobody's to remove.
        some_left = f"""select 1 from sightings where case_id = ? and substr(page_address, 1, 5) != 'file:'
                        and not {_IS_GONE}"""  # noqa: S608 words of ours alone
        if not is_there and status != "removed" and self._connection.row(some_left, (case_id,)) is None:
            self._cases.set_status(case_id, "removed")

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
