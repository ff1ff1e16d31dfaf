"""Cases: sightings of one offender, what the user notes of them and what became of them."""

from collections.abc import Callable
from typing import Any, Protocol

from isthisme.catalog import Catalog
from isthisme.catalog.cases import Case
from isthisme.domain import Moment
from isthisme.errors import NotFound
from isthisme.offenders.addresses import offender_of
from isthisme.offenders.suggestions import suggestions
from isthisme.server import messages
from isthisme.server.portions import fitting_rows, portion
from isthisme.server.session import Fields

type Answered = tuple[str, Fields]


class _Chosen(Protocol):
    """A request about some sightings, or about those of a case."""

    @property
    def sighting_ids(self) -> list[int] | None: ...
    @property
    def case_id(self) -> int | None: ...


def chosen_sightings(catalog: Catalog, request: _Chosen) -> list[int]:
    """The sightings that a request is about. Raises NotFound where there are none."""
    numbers = request.sighting_ids or []
    if not numbers and request.case_id is not None:
        numbers = catalog.cases.sightings_of(request.case_id)
        if not numbers:
            raise NotFound(f"case {request.case_id} has no sightings")
    for number in numbers:
        if catalog.sightings.one(number) is None:
            raise NotFound(f"there is no sighting {number}; 'isthisme sightings list' names them")
    if not numbers:
        raise NotFound("no sighting was named")
    return numbers


def cases(catalog: Catalog, request: messages.ListCases) -> Answered:
    return "cases", portion("cases", map(case_fields, catalog.cases.newest(before=request.before)))


def case(catalog: Catalog, request: messages.AskCase) -> Answered:
    return _case(catalog, request.case_id)


def make_case(catalog: Catalog, request: messages.MakeCase) -> Answered:
    offender = request.offender
    if offender is None:
        offender = common_offender(catalog, request.sighting_ids)
    name = (request.name or "").strip() or offender or _first_host(catalog, request.sighting_ids)
    return _case(catalog, catalog.cases.make(name, offender, request.sighting_ids))


def put_in_case(catalog: Catalog, request: messages.PutInCase) -> Answered:
    catalog.cases.put(request.sighting_ids, request.case_id)
    return ("ok", {}) if request.case_id is None else _case(catalog, request.case_id)


def merge_cases(catalog: Catalog, request: messages.MergeCases) -> Answered:
    catalog.cases.merge(request.case_id, request.into)
    return _case(catalog, request.into)


def change_case(catalog: Catalog, request: messages.ChangeCase) -> Answered:
    with catalog.transaction():
        if request.name is not None and request.name.strip():
            catalog.cases.rename(request.case_id, request.name.strip())
        if request.status is not None:
            catalog.cases.set_status(request.case_id, request.status)
    return _case(catalog, request.case_id)


def add_note(catalog: Catalog, request: messages.AddNote) -> Answered:
    catalog.cases.add_event(request.case_id, "note", request.text)
    return _case(catalog, request.case_id)


def delete_note(catalog: Catalog, request: messages.DeleteNote) -> Answered:
    if not catalog.cases.delete_note(request.event_id):
        raise NotFound(f"there is no note {request.event_id}")
    return "ok", {}


def delete_case(catalog: Catalog, request: messages.DeleteCase) -> Answered:
    erase_case(catalog, request.case_id, with_sightings=request.with_sightings)
    return "ok", {}


def erase_case(catalog: Catalog, case_id: int, *, with_sightings: bool) -> list[int]:
    """Deletes a case for good, with its sightings where that is wished; the ids of those that are deleted."""
    numbers = catalog.cases.sightings_of(case_id) if with_sightings else []
    with catalog.transaction():
        catalog.cases.delete(case_id)
        catalog.journal.note("deleted", {"case": case_id, "sightings": numbers})
        catalog.sightings.delete(numbers)  # of none, too: it empties the log, which held the notes
    return numbers


def suggest_cases(catalog: Catalog, _request: messages.SuggestCases) -> Answered:
    found = (
        {
            "reason": each.reason,
            "offender": each.offender,
            "name": each.offender or _first_host(catalog, each.sighting_ids),
            "sighting_ids": list(each.sighting_ids[: messages.MOST_SIGHTINGS]),
            "case_id": each.case_id,
        }
        for each in suggestions(catalog)
    )
    return "case_suggestions", {"suggestions": fitting_rows(found)}  # the next ones come once these are taken


def timeline(catalog: Catalog, request: messages.AskTimeline) -> Answered:
    if request.case_id is not None:
        numbers = catalog.cases.sightings_of(request.case_id)
    else:
        numbers = chosen_sightings(catalog, messages.SomeSightings([request.sighting_id or 0]))
    events = timeline_events(catalog, numbers, request.case_id)[: request.first]
    newest = fitting_rows(reversed(events))[::-1]
    earlier = len(events) - len(newest)
    return "timeline", {"events": newest} | ({"earlier": earlier} if earlier else {})


def note_export(catalog: Catalog, request: messages.NoteExport) -> Answered:
    catalog.journal.note("exported", {"format": request.format, "sightings": request.sightings})
    return "ok", {}


CASE_HANDLERS: dict[type[messages.Request], Callable[[Catalog, Any], Answered]] = {
    messages.ListCases: cases,
    messages.AskCase: case,
    messages.MakeCase: make_case,
    messages.PutInCase: put_in_case,
    messages.MergeCases: merge_cases,
    messages.ChangeCase: change_case,
    messages.AddNote: add_note,
    messages.DeleteNote: delete_note,
    messages.DeleteCase: delete_case,
    messages.SuggestCases: suggest_cases,
    messages.AskTimeline: timeline,
    messages.NoteExport: note_export,
}


def case_fields(found: Case) -> dict[str, Any]:
    """A case as PROTOCOL.md has it."""
    return {
        "case_id": found.case_id,
        "name": found.name,
        "offender": found.offender,
        "status": found.status,
        "created_at": found.made.at,
        "utc_offset": found.made.utc_offset,
        "changed_at": found.changed_at,
        "sightings": found.sightings,
        "first_seen": found.first_seen,
        "last_seen": found.last_seen,
    }


def timeline_events(catalog: Catalog, sighting_ids: list[int], case_id: int | None = None) -> list[dict[str, Any]]:
    """What happened, the oldest first; things of one moment in the order in which they were noted."""
    events: list[dict[str, Any]] = []
    for number in sighting_ids:
        before = None
        for seen in catalog.observations.of(number):
            # The first of all, each re-check and each change: that it was on the page once more tells nothing.
            if seen.presence != before or seen.kind == "recheck":
                fields = {"sighting_id": number, "presence": seen.presence, "text": seen.words}
                events.append(_at(seen.moment) | {"kind": "seen" if seen.kind != "recheck" else "recheck"} | fields)
            before = seen.presence
    if case_id is not None:
        events += [
            _at(each.moment) | {"kind": each.kind, "text": each.text, "event_id": each.event_id}
            for each in catalog.cases.events(case_id)
        ]
    return sorted(events, key=lambda event: event["at"])


def common_offender(catalog: Catalog, sighting_ids: list[int]) -> str:
    """Who is behind all of them; '' where it is not one."""
    seen = [catalog.sightings.one(number) for number in sighting_ids]
    names = {offender_of(each.page_address) for each in seen if each is not None}
    (only,) = names if len(names) == 1 else (None,)
    return "" if only is None else only.name


def _first_host(catalog: Catalog, sighting_ids: list[int] | tuple[int, ...]) -> str:
    seen = catalog.sightings.one(sighting_ids[0]) if sighting_ids else None
    return "" if seen is None else seen.page_address.partition("://")[2].partition("/")[0][:100]


def _case(catalog: Catalog, case_id: int) -> Answered:
    return "case", case_fields(catalog.cases.one(case_id))


def _at(moment: Moment) -> dict[str, Any]:
    return {"at": moment.at, "utc_offset": moment.utc_offset}
