"""Cases: sightings that belong together because one offender is behind them, with what became of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from isthisme.catalog.database import Connection
from isthisme.domain import Moment
from isthisme.errors import NotFound

type Status = Literal["found", "reported", "answered", "removed", "came_back"]
type EventKind = Literal["made", "note", "status", "merged", "split", "evidence", "notice", "recheck"]

_PAGE = 1_000  # rows read at once
_COLUMNS = """cases.id, name, offender, status, made_at, cases.utc_offset, changed_at,
              (select count(*) from sightings where case_id = cases.id),
              (select min(first_seen) from sightings where case_id = cases.id),
              (select max(last_seen) from sightings where case_id = cases.id)"""


@dataclass(frozen=True, slots=True)
class Case:
    case_id: int
    name: str
    offender: str  # site or account; '' where the user grouped them by hand
    status: Status
    made: Moment
    changed_at: float  # seconds since 1970
    sightings: int
    first_seen: float | None  # of its sightings
    last_seen: float | None


@dataclass(frozen=True, slots=True)
class CaseEvent:
    event_id: int
    case_id: int
    moment: Moment
    kind: EventKind
    text: str  # of a note what the user wrote; of a status the status; else what it was about


class Cases:
    """Methods that name a case raise NotFound when there is none of that number."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def make(self, name: str, offender: str, sighting_ids: Sequence[int]) -> int:
        """A case of these sightings, which leave the cases that they were in. Its id."""
        now = Moment.now()
        with self._connection.transaction():
            case_id = self._connection.add(
                """insert into cases (name, offender, status, made_at, utc_offset, changed_at)
                   values (?, ?, 'found', ?, ?, ?)""",
                (name, offender, now.at, now.utc_offset, now.at),
            )
            self.add_event(case_id, "made", name)
            self.put(sighting_ids, case_id)
        return case_id

    def all(self) -> list[Case]:
        """The one that changed last first."""
        return self._cases("true")

    def newest(self, *, before: int | None = None) -> Iterator[Case]:
        """The one that was made last first, whatever changes while they are read; where asked, those before one."""
        while page := self._cases("? is null or cases.id < ?", before, before, order=f"cases.id desc limit {_PAGE}"):
            yield from page
            before = page[-1].case_id

    def one(self, case_id: int) -> Case:
        found = self._cases("cases.id = ?", case_id)
        if not found:
            raise NotFound(f"there is no case {case_id}; 'isthisme cases list' names them")
        return found[0]

    def rename(self, case_id: int, name: str) -> None:
        self._change(case_id, "name", name)

    def set_status(self, case_id: int, status: Status) -> None:
        with self._connection.transaction():
            if self.one(case_id).status != status:
                self._change(case_id, "status", status)
                self.add_event(case_id, "status", status)

    def put(self, sighting_ids: Iterable[int], case_id: int | None) -> None:
        """Puts sightings into a case, or into none; they leave the cases that they were in."""
        with self._connection.transaction():
            if case_id is not None:
                self.one(case_id)
            left: dict[int, int] = {}
            for sighting_id in sighting_ids:
                row = self._connection.row("select case_id from sightings where id = ?", (sighting_id,))
                if row is None:
                    raise NotFound(f"there is no sighting {sighting_id}; 'isthisme sightings list' names them")
                if row[0] is not None and row[0] != case_id:
                    left[row[0]] = left.get(row[0], 0) + 1
                self._connection.run("update sightings set case_id = ? where id = ?", (case_id, sighting_id))
            for each, count in left.items():
                self.add_event(each, "split", str(count))
            if case_id is not None:
                self._touch(case_id)

    def merge(self, case_id: int, into: int) -> None:
        """Puts a case with all its sightings and events into another; the first is no more."""
        with self._connection.transaction():
            merged = self.one(case_id)
            self.one(into)
            if case_id == into:
                return
            self._connection.run("update sightings set case_id = ? where case_id = ?", (into, case_id))
            self._connection.run("update case_events set case_id = ? where case_id = ?", (into, case_id))
            self._connection.run("update bundles set case_id = ? where case_id = ?", (into, case_id))
            self._connection.run("delete from cases where id = ?", (case_id,))
            self.add_event(into, "merged", merged.name)

    def delete(self, case_id: int) -> None:
        """Deletes a case and its notes for good. Its sightings stay, in no case."""
        with self._connection.transaction():
            self.one(case_id)
            self._connection.run("delete from cases where id = ?", (case_id,))

    def sightings_of(self, case_id: int) -> list[int]:
        """Their ids, the oldest first."""
        self.one(case_id)
        rows = self._connection.rows("select id from sightings where case_id = ? order by id", (case_id,))
        return [number for (number,) in rows]

    def add_event(self, case_id: int, kind: EventKind, text: str) -> int:
        now = Moment.now()
        with self._connection.transaction():
            self.one(case_id)
            event_id = self._connection.add(
                "insert into case_events (case_id, at, utc_offset, kind, text) values (?, ?, ?, ?, ?)",
                (case_id, now.at, now.utc_offset, kind, text),
            )
            self._touch(case_id)
        return event_id

    def events(self, case_id: int) -> list[CaseEvent]:
        """The oldest first."""
        rows = self._connection.rows(
            "select id, case_id, at, utc_offset, kind, text from case_events where case_id = ? order by at, id",
            (case_id,),
        )
        return [
            CaseEvent(number, case, Moment(at, offset), kind, text) for number, case, at, offset, kind, text in rows
        ]

    def delete_note(self, event_id: int) -> bool:
        """Deletes a note for good; False when there was none. What happened cannot be deleted so."""
        return self._connection.run("delete from case_events where id = ? and kind = 'note'", (event_id,)) > 0

    def _cases(self, where: str, *values: int | None, order: str = "changed_at desc, cases.id desc") -> list[Case]:
        rows = self._connection.rows(
            f"select {_COLUMNS} from cases where {where} order by {order}",  # noqa: S608 words of our own
            values,
        )
        return [
            Case(number, name, offender, status, Moment(made_at, offset), changed_at, count, first, last)
            for number, name, offender, status, made_at, offset, changed_at, count, first, last in rows
        ]

    def _change(self, case_id: int, column: Literal["name", "status"], value: str) -> None:
        with self._connection.transaction():
            self.one(case_id)
            self._connection.run(f"update cases set {column} = ? where id = ?", (value, case_id))  # noqa: S608
            self._touch(case_id)

    def _touch(self, case_id: int) -> None:
        self._connection.run("update cases set changed_at = ? where id = ?", (Moment.now().at, case_id))
