"""`isthisme team status`, `ask`, `sightings`, `open` and the way of a notice: a member's side of the socket."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import msgspec
from rich.table import Table
from rich.text import Text

from isthisme.cli.check import WORDS
from isthisme.cli.output import complaints, console, json_option, local_time
from isthisme.cli.team_socket import at_desk, desk_of
from isthisme.domain import Verdict
from isthisme.errors import UsageError

if TYPE_CHECKING:
    from isthisme.team.client import TeamClient

_owner = click.option("--owner", required=True, metavar="NAME", help="Whose photos it is about.")
_number = click.argument("number", type=int)


@click.command()
@at_desk
@json_option
def status(*, path: Path, token_file: str | None, as_json: bool) -> None:
    """Shows what your token allows, and about whom."""
    with desk_of(path, token_file) as desk:
        found = desk.ask("status")
        if found.pop("is_more", False):
            found["owners"] += desk.ask_for_all("status", "owners", after=len(found["owners"]))
    if as_json:
        _print_json(found)
        return
    console.print(f"You are {found['member']}; your token ends on {local_time(found['expires_at'])}.", highlight=False)
    table = Table("owner", "you may", "photos", "sightings")
    for each in found["owners"]:
        counts = ["" if each[name] is None else f"{each[name]:,}" for name in ("photos", "sightings")]
        table.add_row(each["owner"], ", ".join(each["rights"]), *counts)
    console.print(table)


@click.command()
@click.argument("picture", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@at_desk
@click.option("--owner", "named", multiple=True, metavar="NAME", help="Else all whom you may ask about.")
@click.option("--page", "page", metavar="ADDRESS", help="Where it was found: then a match is kept as a sighting.")
@click.option("--title", metavar="TEXT", help="Of that page.")
@click.option("--deep", is_flag=True, help="Look closer; takes longer.")
@json_option
def ask(
    *,
    picture: Path,
    path: Path,
    token_file: str | None,
    named: tuple[str, ...],
    page: str | None,
    title: str | None,
    deep: bool,
    as_json: bool,
) -> None:
    """Asks whether a picture is a copy of a photo of the owners."""
    from isthisme.team.messages import LARGEST_PICTURE

    if picture.stat().st_size > LARGEST_PICTURE:
        raise UsageError(f"{picture} has over {LARGEST_PICTURE >> 20} MiB; make it smaller")
    data = base64.b64encode(picture.read_bytes()).decode()
    with desk_of(path, token_file) as desk:
        found = desk.ask("ask", bytes=data, owners=list(named), page_address=page, page_title=title, deep=deep)
    for each in found["answers"]:
        if as_json:
            _print_json(each)
            continue
        console.print(f"{WORDS[Verdict(each['verdict'])][0]}  {each['owner']}", end="", highlight=False)
        console.print("" if each["sighting_id"] is None else f"  kept as sighting {each['sighting_id']}")
        words = [match["explanation"] for match in each["matches"]]
        for line in words if each["reason"] is None else [each["reason"]["words"]]:
            console.print(f"    {line}", markup=False, highlight=False)


@click.command()
@at_desk
@_owner
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 200), help="At most so many.")
@json_option
def sightings(*, path: Path, token_file: str | None, owner: str, limit: int, as_json: bool) -> None:
    """Lists where an owner's photos were seen, the newest first."""
    with desk_of(path, token_file) as desk:
        found = newest_sightings(desk, owner, limit)
    table = Table("#", "last seen", "verdict", "page")
    for each in found:
        if as_json:
            _print_json(each)
        verdict = each["verdict"].replace("_", " ")
        table.add_row(str(each["sighting_id"]), local_time(each["last_seen"]), verdict, Text(each["page_address"]))
    if not as_json:
        console.print(table if found else "Nothing was seen so far.")


@click.command("open")
@at_desk
@_owner
@_number
@click.option("--to", "target", type=click.Path(path_type=Path), help="A new .jpg for the page's picture, made small.")
def open_one(*, path: Path, token_file: str | None, owner: str, number: int, target: Path | None) -> None:
    """Shows one sighting. The log has that you opened it."""
    from isthisme.new_files import write_new

    with desk_of(path, token_file) as desk:
        found = desk.ask("open", owner=owner, sighting_id=number)
    picture = base64.b64decode(found.pop("picture"))
    _print_json(found)
    if target is not None:
        write_new(target, picture, may_number=False)


@click.command()
@at_desk
@_owner
def drafts(*, path: Path, token_file: str | None, owner: str) -> None:
    """Lists notices about an owner's photos, and who has approved them."""
    with desk_of(path, token_file) as desk:
        found = list(desk.ask_for_all("drafts", "drafts", owner=owner))
    table = Table("#", "by", "subject", "approved by", "exported")
    for each in found:
        approvers = ", ".join(approval["member"] for approval in each["approvals"])
        table.add_row(str(each["number"]), each["author"], Text(each["subject"]), approvers, f"{len(each['exports'])}×")
    console.print(table if found else "There are no drafts.")


@click.command()
@at_desk
@_owner
@click.option("--kind", required=True, help="One of 'isthisme notice kinds'.")
@click.option("--sighting", "numbers", type=int, multiple=True, required=True, help="Its number; again for more.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Of the letter.")
@click.option("--answer", "answers", multiple=True, metavar="FIELD=TEXT", help="What 'notice kinds' asks.")
def draft(
    *,
    path: Path,
    token_file: str | None,
    owner: str,
    kind: str,
    numbers: tuple[int, ...],
    language: Literal["en", "zh"],
    answers: tuple[str, ...],
) -> None:
    """Drafts a notice about sightings of an owner. It leaves only once two people have approved it."""
    given = {}
    for answer in answers:
        field, is_named, text = answer.partition("=")
        if not is_named:
            raise click.UsageError(f"{answer!r} has no FIELD= before its text")
        given[field] = text
    with desk_of(path, token_file) as desk:
        made = desk.ask("draft", owner=owner, kind=kind, language=language, sighting_ids=list(numbers), answers=given)
    _show(made)
    for missing in made["missing"]:
        complaints.print(f"missing: {missing['field']}: {missing['words']}", markup=False, highlight=False)


@click.command()
@at_desk
@_owner
@_number
def read(*, path: Path, token_file: str | None, owner: str, number: int) -> None:
    """Shows a draft, and the digest that approving it takes."""
    with desk_of(path, token_file) as desk:
        _show(desk.ask("read_draft", owner=owner, number=number))


@click.command()
@at_desk
@_owner
@_number
@click.argument("text_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def revise(*, path: Path, token_file: str | None, owner: str, number: int, text_file: Path) -> None:
    """Replaces a draft: the file's first line is its subject, the rest its text. Approvals are taken back."""
    subject, _, text = text_file.read_text(encoding="utf-8").partition("\n")
    with desk_of(path, token_file) as desk:
        _show(desk.ask("revise", owner=owner, number=number, subject=subject.strip(), text=text.strip() + "\n"))


@click.command()
@at_desk
@_owner
@_number
@click.option("--digest", help="Of what you have read: approves that without asking.")
def approve(*, path: Path, token_file: str | None, owner: str, number: int, digest: str | None) -> None:
    """Shows a draft and asks whether you approve it, as it is. It takes two people."""
    with desk_of(path, token_file) as desk:
        if digest is None:
            shown = desk.ask("read_draft", owner=owner, number=number)
            _show(shown)
            click.confirm("Do you approve this notice, word for word?", abort=True)
            digest = shown["digest"]
        made = desk.ask("approve", owner=owner, number=number, digest=digest)
    names = ", ".join(each["member"] for each in made["approvals"])
    console.print(f"Approved by {names}. Receipt: {made['receipt']}", highlight=False)


@click.command()
@at_desk
@_owner
@_number
@click.option("--to", "target", type=click.Path(path_type=Path), required=True, help="A new file, .txt or .pdf.")
def export(*, path: Path, token_file: str | None, owner: str, number: int, target: Path) -> None:
    """Writes a notice that two people have approved to a file. Nothing is sent."""
    from isthisme.cli.notices import FORMS
    from isthisme.new_files import write_new
    from isthisme.server.notice_handlers import letter

    form = FORMS.get(target.suffix.lower())
    if form is None:
        raise click.UsageError(f"{target} is neither a .txt nor a .pdf file")
    with desk_of(path, token_file) as desk:
        made = desk.ask("export", owner=owner, number=number)
    data, replaced = letter(made["subject"], made["text"], made["language"], form)
    write_new(target, data, may_number=False)
    if replaced:
        complaints.print(f"{replaced:,} characters that no font has are shown by their numbers in {target}.")
    console.print(f"Exported. Receipt: {made['receipt']}", highlight=False)


def newest_sightings(desk: "TeamClient", owner: str, limit: int) -> list[dict[str, Any]]:
    """So many of an owner's sightings, which may be more than one answer has room for."""
    found: list[dict[str, Any]] = []
    answer: dict[str, Any] = {"is_more": True}
    while answer.get("is_more"):
        before = found[-1]["sighting_id"] if found else None
        answer = desk.ask("sightings", owner=owner, limit=limit - len(found), before=before)
        found += answer["sightings"]
    return found


def _show(draft: dict[str, Any]) -> None:
    console.print(f"{draft['subject']}\n\n{draft['text']}", markup=False, highlight=False)
    names = ", ".join(each["member"] for each in draft["approvals"]) or "nobody yet"
    complaints.print(f"draft {draft['number']} by {draft['author']}, approved by {names}", highlight=False)
    complaints.print(f"digest {draft['digest']}", highlight=False)


def _print_json(fields: dict[str, Any]) -> None:
    click.echo(
        msgspec.json.encode({name: each for name, each in fields.items() if name not in ("id", "type")}).decode()
    )
