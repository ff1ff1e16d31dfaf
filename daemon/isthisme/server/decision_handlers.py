"""What the user decides about what was found: handlers that need the catalog alone."""

from collections.abc import Callable
from typing import Any

from isthisme.answer_note import shown_path
from isthisme.catalog import Catalog
from isthisme.catalog.decisions import Decision
from isthisme.errors import NotFound
from isthisme.server import messages
from isthisme.server.portions import portion
from isthisme.server.session import Fields

_DECISIONS = 50
_SHOWN_CHARACTERS = 500  # of an address or a title that only reminds of a page

type Answered = tuple[str, Fields]


def keep_sighting(catalog: Catalog, request: messages.KeepSighting) -> Answered:
    made = catalog.decisions.keep(request.sighting_id)
    if made is None:
        raise NotFound(f"there is no sighting {request.sighting_id}; 'isthisme sightings list' names them")
    return "decision", decision_fields(catalog, made)


def not_me(catalog: Catalog, request: messages.NotMe) -> Answered:
    hashes = catalog.sightings.hashes_of(request.sighting_id)
    if hashes is None:
        raise NotFound(f"there is no sighting {request.sighting_id}; 'isthisme sightings list' names them")
    if not catalog.photos.has(request.photo_id):
        raise NotFound(f"there is no photo {request.photo_id} in the index now")
    return "decision", decision_fields(catalog, catalog.decisions.dismiss(request.photo_id, *hashes))


def fine_here(catalog: Catalog, request: messages.FineHere) -> Answered:
    made = catalog.decisions.allow(request.pattern, request.reach, is_own_place=request.is_own_place)
    return "decision", decision_fields(catalog, made)


def decisions(catalog: Catalog, request: messages.ListDecisions) -> Answered:
    found = catalog.decisions.latest(request.limit or _DECISIONS, before=request.before)
    return "decisions", portion("decisions", [decision_fields(catalog, each) for each in found])


def undo_decision(catalog: Catalog, request: messages.UndoDecision) -> Answered:
    if not catalog.decisions.undo(request.decision_id):
        raise NotFound(f"there is no decision {request.decision_id}")
    return "ok", {}


DECISION_HANDLERS: dict[type[messages.Request], Callable[[Catalog, Any], Answered]] = {
    messages.KeepSighting: keep_sighting,
    messages.NotMe: not_me,
    messages.FineHere: fine_here,
    messages.ListDecisions: decisions,
    messages.UndoDecision: undo_decision,
}


def decision_fields(catalog: Catalog, decision: Decision) -> dict[str, Any]:
    """A decision as PROTOCOL.md has it."""
    seen = catalog.sightings.one(decision.sighting_ids[0]) if decision.sighting_ids else None
    photo = None if decision.photo_id is None else shown_path(catalog.photos.path_of(decision.photo_id))
    return {
        "decision_id": decision.decision_id,
        "kind": decision.kind,
        "decided_at": decision.decided_at,
        "pattern": decision.pattern,
        "reach": decision.reach,
        "photo_id": decision.photo_id,
        "photo": photo,
        "sighting_ids": list(decision.sighting_ids),
        "page_address": seen and seen.page_address[:_SHOWN_CHARACTERS],
        "page_title": seen and (seen.page_title or "")[:_SHOWN_CHARACTERS],
    }
