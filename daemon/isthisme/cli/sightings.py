"""`isthisme sightings`: where the user's photos were seen, and what the user says of it."""

import time

import click
import msgspec
from rich.table import Table
from rich.text import Text

from isthisme.cli.output import console, json_option


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
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(row["last_seen"]))
        verdict = row["verdict"].replace("_", " ")
        # As text: in an address, which its site chose, brackets are no commands to us.
        page, own = Text(row["page_address"]), Text(photo)
        table.add_row(str(row["sighting_id"]), when, str(row["times_seen"]), verdict, page, own)
    console.print(table)


@sightings.command("keep")
@click.argument("number", type=int)
def keep(*, number: int) -> None:
    """Says: that is me, keep it. The sighting of this number is not alerted of again."""
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
