"""`isthisme notice`: drafts of what asks a site to take a photo down. Nothing is sent."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import msgspec

from isthisme.cli.output import complaints, console, json_option

if TYPE_CHECKING:
    from isthisme.notices.drafting import Draft
    from isthisme.notices.kinds import Kinds

FORMS: dict[str, Literal["txt", "pdf"]] = {".txt": "txt", ".pdf": "pdf"}
_language = click.option(
    "--language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Of the letter."
)


@click.group()
def notice() -> None:
    """Drafts notices to sites: by the law of the USA, China or the EU, or a plain request. Nothing is sent."""


@notice.command("kinds")
@_language
@json_option
def kinds(*, language: Literal["en", "zh"], as_json: bool) -> None:
    """Shows the kinds of notices, and what each wants to know from you."""
    from isthisme.server.notice_handlers import kind_fields, known_kinds

    known = known_kinds()
    for kind in known:
        fields = kind_fields(kind, language)
        if as_json:
            _print_json(fields)
            continue
        console.print(f"[bold]{kind.id}[/]  {fields['name']}", highlight=False)
        console.print(f"  {fields['law']}\n  {fields['about']}", highlight=False)
        for question in fields["fields"]:
            values = " | ".join(f"{each['value']}: {each['label']}" for each in question["options"])
            only = "" if question["only_if"] is None else f" (with {question['only_if']['field']})"
            stated = values or ("yes, where that is so" if question["type"] == "check" else "")
            mark = " " if question["is_required"] else "?"
            said = f"{question['label']}{only}{f'  [{stated}]' if stated else ''}"
            console.print(f"  {mark} {question['field']:<14} {said}", markup=False, highlight=False)
        console.print()
    if not as_json:
        console.print(known.disclaimer(language), markup=False)


@notice.command("draft")
@click.option("--kind", "name", required=True, metavar="KIND", help="One of 'notice kinds'.")
@click.option("--sighting", "sightings", type=int, multiple=True, help="The number of a sighting; again for more.")
@click.option("--case", "case_id", type=int, help="The number of a case: all its sightings.")
@_language
@click.option(
    "--answer", "answers", multiple=True, metavar="FIELD=TEXT", help="What 'notice kinds' asks; again for more."
)
@click.option("--to", "target", type=click.Path(path_type=Path), help="A new file, .txt or .pdf; else it is printed.")
@json_option
def draft(
    *,
    name: str,
    sightings: tuple[int, ...],
    case_id: int | None,
    language: Literal["en", "zh"],
    answers: tuple[str, ...],
    target: Path | None,
    as_json: bool,
) -> None:
    """Drafts a notice about sightings or a case. What is missing shows as a gap, and is listed.

    Exit codes: 0 nothing is missing, 1 something is, 2 not done: the message says why.
    """
    from isthisme.new_files import write_new
    from isthisme.notices.review_rule import check_unreviewed
    from isthisme.server import notice_handlers
    from isthisme.server.case_handlers import chosen_sightings
    from isthisme.server.messages import SomeSightings
    from isthisme.wiring import open_home

    if bool(sightings) == (case_id is not None):
        raise click.UsageError("name sightings with --sighting, or a case with --case")
    known = notice_handlers.known_kinds()
    given = _given(known, name, answers)
    if target is not None and target.suffix.lower() not in FORMS:
        raise click.UsageError(f"{target} is neither a .txt nor a .pdf file")
    with open_home() as home:
        check_unreviewed(home.catalog)
        numbers = chosen_sightings(home.catalog, SomeSightings(list(sightings) or None, case_id))
        made = notice_handlers.make_draft(home.catalog, name, language, numbers, given)
        if target is not None:
            form = FORMS[target.suffix.lower()]
            data, replaced = notice_handlers.letter(made.subject, made.text, language, form)
            write_new(target, home.vault.sealed(target, data), may_number=False)
            if replaced:
                complaints.print(f"{replaced:,} characters that no font has are shown by their numbers in {target}.")
        notice_handlers.note_drafted(home.catalog, known.one(name), numbers, "saved" if target else "shown")
    if as_json:
        _print_json(notice_handlers.notice_fields(made, name, language) | {"path": str(target) if target else None})
    elif target is None:
        console.print(f"{made.subject}\n\n{made.text}", markup=False, highlight=False)
    _tell(made, known.disclaimer(language))
    if made.missing:
        raise click.exceptions.Exit(1)


def _tell(made: "Draft", disclaimer: str) -> None:
    """Who may be told, what is missing, and what a draft is: beside the letter, which may go to a file."""
    for each in made.recipients:
        where = " ".join(part for part in (each.page, each.email) if part)
        complaints.print(f"{each.words} {where}{f' ({each.checked})' if each.checked else ''}", markup=False)
    if made.mailto is None:
        complaints.print("It is too long for a mailto: address; paste the text into your mail program or the form.")
    for missing in made.missing:
        clause = f"  ({missing.clause})" if missing.clause else ""
        complaints.print(f"missing: {missing.field}: {missing.words}{clause}", markup=False, highlight=False)
    complaints.print(disclaimer, markup=False)


def _given(kinds: "Kinds", name: str, answers: tuple[str, ...]) -> dict[str, str]:
    fields = {field.id for field in kinds.one(name).fields}
    given: dict[str, str] = {}
    for answer in answers:
        field, is_named, text = answer.partition("=")
        if not is_named or field not in fields:
            raise click.UsageError(f"{answer!r} answers no question of {name}; they are {', '.join(sorted(fields))}")
        given[field] = text
    return given


def _print_json(fields: dict[str, Any]) -> None:
    click.echo(msgspec.json.encode(fields).decode())
