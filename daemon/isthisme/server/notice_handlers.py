"""Notices: what the user is asked for them, drafts, and saving what the user made of a draft. Nothing is sent."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isthisme.catalog import Catalog
from isthisme.domain import Moment
from isthisme.encryption import PLAIN, Vault
from isthisme.errors import NotFound
from isthisme.new_files import in_words, write_new
from isthisme.notices.kinds import Field, Kind, Kinds, Language, read_kinds
from isthisme.notices.letters import FileKind, as_pdf, as_text
from isthisme.notices.mail import LONGEST_MAILTO
from isthisme.notices.places import Place
from isthisme.notices.platforms import read_platforms
from isthisme.notices.review_rule import check_unreviewed
from isthisme.server import messages
from isthisme.server.case_handlers import chosen_sightings
from isthisme.server.session import Fields

if TYPE_CHECKING:
    from isthisme.notices.drafting import Draft, Drafter

type Answered = tuple[str, Fields]


@cache
def known_kinds() -> Kinds:
    return read_kinds()


@cache
def _drafter() -> "Drafter":
    from isthisme.notices.drafting import Drafter  # its template engine takes 40 ms to load

    return Drafter(read_platforms())


def notice_kinds(_catalog: Catalog, request: messages.NoticeKinds) -> Answered:
    kinds = known_kinds()
    return "notice_kinds", {
        "kinds": [kind_fields(kind, request.language) for kind in kinds],
        "disclaimer": kinds.disclaimer(request.language),
        "longest_mailto": LONGEST_MAILTO,
    }


def draft_notice(catalog: Catalog, request: messages.DraftNotice) -> Answered:
    check_unreviewed(catalog)
    numbers = chosen_sightings(catalog, request)
    draft = make_draft(catalog, request.kind, request.language, numbers, request.answers)
    return "notice", notice_fields(draft, request.kind, request.language)


def note_notice(catalog: Catalog, request: messages.NoteNotice) -> Answered:
    kind = known_kinds().one(request.kind)
    note_drafted(catalog, kind, chosen_sightings(catalog, request), request.how)
    return "ok", {}


NOTICE_HANDLERS: dict[type[messages.Request], Callable[[Catalog, Any], Answered]] = {
    messages.NoticeKinds: notice_kinds,
    messages.DraftNotice: draft_notice,
    messages.NoteNotice: note_notice,
}


def save_notice(catalog: Catalog, home: Path, request: messages.SaveNotice, vault: Vault = PLAIN) -> Answered:
    """Saves a letter below the home folder, and notes it in the log and in the cases it is about."""
    check_unreviewed(catalog)
    kind = known_kinds().one(request.kind)
    numbers = chosen_sightings(catalog, request)
    folder = home / "notices"
    with in_words(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    name = f"notice-{kind.id}-{Moment.now().there:%Y-%m-%d}.{request.format}"
    data, replaced = letter(request.subject, request.text, request.language, request.format)
    path = write_new(folder / name, vault.sealed(folder / name, data), may_number=True)
    note_drafted(catalog, kind, numbers, "saved")
    return "saved", {
        "path": str(path),
        "name": path.name,
        "bytes": len(data),
        "replaced": replaced,
        "is_encrypted": vault.seals(path),
    }


def make_draft(
    catalog: Catalog, kind: str, language: Language, sighting_ids: list[int], answers: Mapping[str, str]
) -> "Draft":
    """Raises UsageError for a kind that there is not."""
    places = [_place(catalog, number) for number in sighting_ids]
    today = f"{Moment.now().there:%Y-%m-%d}"
    return _drafter().draft(known_kinds().one(kind), language, places, answers, today)


def letter(subject: str, text: str, language: Language, form: FileKind) -> tuple[bytes, int]:
    """The file, and how many characters it shows by their numbers alone, since no font has them."""
    if form == "txt":
        return as_text(subject, text), 0
    typeset = as_pdf(subject, text, language, Moment.now().there.replace(microsecond=0))
    return typeset.pdf, sum(typeset.replaced.values())


def note_drafted(catalog: Catalog, kind: Kind, sighting_ids: list[int], how: str) -> None:
    """In the log, and in the cases of the sightings. That a notice was sent is the user's to say."""
    found = [catalog.sightings.one(number) for number in sighting_ids]
    cases = dict.fromkeys(each.case_id for each in found if each is not None and each.case_id is not None)
    with catalog.transaction():
        for case_id in cases:
            catalog.cases.add_event(case_id, "notice", f"{kind.id} {how}")
        catalog.journal.note("notice_drafted", {"kind": kind.id, "how": how, "sightings": sighting_ids})


def kind_fields(kind: Kind, language: Language) -> dict[str, Any]:
    """A kind as PROTOCOL.md has it."""
    return {
        "kind": kind.id,
        "name": kind.name(language),
        "law": kind.law(language),
        "about": kind.about(language),
        "fields": [_question(field, language) for field in kind.fields],
        "elements": [
            {"what": element.what(language), "clause": element.clause(language), "needs": element.needs}
            for element in kind.elements
        ],
    }


def notice_fields(draft: "Draft", kind: str, language: Language) -> dict[str, Any]:
    """A draft as PROTOCOL.md has it."""
    recipients = [
        {
            "name": each.name,
            "page": each.page or None,
            "address": each.email or None,
            "checked": each.checked or None,
            "takes_kind": each.takes_kind,
            "words": each.words,
        }
        for each in draft.recipients
    ]
    return {
        "kind": kind,
        "language": language,
        "subject": draft.subject,
        "text": draft.text,
        "missing": [
            {"field": each.field, "words": each.words, "clause": each.clause or None} for each in draft.missing
        ],
        "recipient": recipients[0] if draft.recipient else None,
        "recipients": recipients,
        "addresses": draft.addresses,
        "shortened": draft.shortened,
        "mailto": draft.mailto,
        "disclaimer": known_kinds().disclaimer(language),
    }


def _question(field: Field, language: Language) -> Fields:
    return {
        "field": field.id,
        "type": field.type,
        "label": field.label(language),
        "help": field.help(language) or None,
        "is_required": not field.is_optional,
        "is_about_user": field.is_about_user,
        "options": [
            {"value": each.value, "label": each.label(language), "stops": each.stops(language) if each.stops else None}
            for each in field.options
        ],
        "only_if": None if field.only_if is None else {"field": field.only_if.field, "is": field.only_if.is_},
    }


def _place(catalog: Catalog, number: int) -> Place:
    seen = catalog.sightings.one(number)
    if seen is None:
        raise NotFound(f"there is no sighting {number}; 'isthisme sightings list' names them")
    return Place(
        page_address=seen.page_address,
        page_title=seen.page_title,
        picture_address=seen.picture_address,
        picture_sha256=seen.picture_hash.hex(),
        first_seen=seen.first_seen,
        last_seen=seen.last_seen,
        utc_offset=seen.utc_offset,
    )
