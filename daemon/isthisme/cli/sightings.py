"""`isthisme sightings`: where the user's photos were seen, and what the user says of it."""

import io
from pathlib import Path

import click
import msgspec
from rich.table import Table
from rich.text import Text

from isthisme.cli.output import complaints, console, counted, json_option, local_time

_ALL = 1 << 30


@click.group()
def sightings() -> None:
    """Shows where your photos were seen."""


@sightings.command("list")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000), help="At most so many.")
@json_option
def list_sightings(*, limit: int, as_json: bool) -> None:
    """Lists sightings, the newest first."""
    from isthisme.server.row_handlers import standing_sightings
    from isthisme.wiring import open_home

    with open_home() as home:
        found = standing_sightings(home.catalog, limit)
    if as_json:
        for row in found:
            click.echo(msgspec.json.encode(row).decode())
        return
    if not found:
        console.print("Nothing was seen so far.")
        return
    table = Table("#", "last seen", "times", "verdict", "page", "your photo")
    for row in found:
        photo = row["matches"][0].photo if row["matches"] else ""
        when = local_time(row["last_seen"])
        verdict = row["verdict"].replace("_", " ")
        # As text: in an address, which its site chose, brackets are no commands to us.
        page, own = Text(row["page_address"]), Text(photo)
        table.add_row(str(row["sighting_id"]), when, str(row["times_seen"]), verdict, page, own)
    console.print(table)


@sightings.command("keep")
@click.argument("number", type=int)
def keep(*, number: int) -> None:
    """Says: that is me, keep it on my list. The sighting of this number is not alerted of again."""
    from isthisme.server.decision_handlers import keep_sighting
    from isthisme.server.messages import KeepSighting
    from isthisme.wiring import open_home

    with open_home() as home:
        keep_sighting(home.catalog, KeepSighting(1, number))
    console.print("Kept. 'isthisme decisions undo' takes it back.")


@sightings.command("not-me")
@click.argument("number", type=int)
@click.option("--photo", "photo_id", type=int, help="Its photo_id, where it is not the one that 'list' names.")
def not_me(*, number: int, photo_id: int | None) -> None:
    """Says: that is not me. This photo is never again found in this picture, nor in near copies of it."""
    from isthisme.answer_note import AnswerNote
    from isthisme.errors import NotFound
    from isthisme.server import decision_handlers, messages
    from isthisme.wiring import open_home

    with open_home() as home:
        sighting = home.catalog.sightings.one(number)
        if sighting is None:
            raise NotFound(f"there is no sighting {number}; 'isthisme sightings list' names them")
        matches = msgspec.json.decode(sighting.answer, type=AnswerNote).matches
        chosen = matches[0].photo_id if photo_id is None and matches else photo_id or 0
        decision_handlers.not_me(home.catalog, messages.NotMe(1, number, chosen))
    console.print("Noted. 'isthisme decisions undo' takes it back.")


@sightings.command("export")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--format", "kind", type=click.Choice(["json", "csv"]), help="Left out: what the file's name says.")
def export(*, target: Path, kind: str | None) -> None:
    """Writes all sightings to a file, as JSON or CSV, with their cases. '-' is the standard output."""
    from isthisme.errors import UsageError
    from isthisme.installation.whole_files import replace_file
    from isthisme.server.row_handlers import standing_sightings
    from isthisme.sighting_tables import write_csv, write_json
    from isthisme.wiring import open_home

    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}; make it, or name another file")
    kind = kind or ("csv" if target.suffix.lower() == ".csv" else "json")
    with open_home() as home:
        rows = standing_sightings(home.catalog, _ALL)
        names = {case.case_id: case.name for case in home.catalog.cases.all()}
        # First: what a full disk kept from the file may have left all the same.
        home.catalog.journal.note("exported", {"format": kind, "sightings": len(rows)})
    table = io.StringIO(newline="")
    (write_csv if kind == "csv" else write_json)(rows, names, table)
    content = table.getvalue().encode()
    if str(target) == "-":
        click.echo(content, nl=False)
    else:
        try:
            if target.exists() and not target.is_file():  # a pipe or a device, which a file must not take the place of
                target.write_bytes(content)
            else:
                replace_file(target.resolve(), content, mode=0o600)
        except OSError as error:
            raise UsageError(f"{target} cannot be written: {error.strerror}; name another file") from error
    complaints.print(f"{counted(len(rows), 'sighting')} exported.")


@sightings.command("delete")
@click.argument("numbers", type=int, nargs=-1, required=True, metavar="NUMBER...")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(*, numbers: tuple[int, ...], yes: bool) -> None:
    """Erases sightings for good, with what was kept of their pictures and pages. Saved evidence stays where it is."""
    from isthisme.errors import NotFound
    from isthisme.wiring import open_home

    if not yes:
        click.confirm(f"Erase {counted(len(numbers), 'sighting')} for good?", abort=True)
    with open_home() as home, home.catalog.transaction():
        deleted = home.catalog.sightings.delete(numbers)
        home.catalog.journal.note("deleted", {"sightings": deleted})
    missing = set(numbers) - set(deleted)
    if missing:
        raise NotFound(f"there is no sighting {min(missing)}; 'isthisme sightings list' names them; the rest is erased")
    console.print("Erased.")
