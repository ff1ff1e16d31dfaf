"""`isthisme sightings`: where the user's photos were seen."""

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
    from isthisme.server.row_handlers import sighting_fields
    from isthisme.wiring import open_home

    with open_home() as home:
        found = [sighting_fields(each) for each in home.catalog.sightings.latest(limit)]
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
