"""`isthisme decisions`: what the user decided about what was found, and taking it back."""

import click
import msgspec
from rich.table import Table
from rich.text import Text

from isthisme.cli.output import console, json_option, local_time
from isthisme.errors import NotFound

_WORDS = {"mine": "that is me", "fine": "fine here", "own_place": "my own place", "not_me": "not me"}


@click.group()
def decisions() -> None:
    """Shows what you decided about what was found, and takes it back."""


@decisions.command("list")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000), help="At most so many.")
@json_option
def list_decisions(*, limit: int, as_json: bool) -> None:
    """Lists decisions, the newest first."""
    from isthisme.server.decision_handlers import decision_fields
    from isthisme.wiring import open_home

    with open_home() as home:
        found = [decision_fields(home.catalog, each) for each in home.catalog.decisions.latest(limit)]
    if as_json:
        for row in found:
            click.echo(msgspec.json.encode(row).decode())
        return
    if not found:
        console.print("Nothing was decided so far.")
        return
    table = Table("#", "when", "decision", "about", "your photo")
    for row in found:
        when = local_time(row["decided_at"])
        about = Text(row["pattern"] or row["page_address"] or "")  # as text: brackets are no commands to us
        table.add_row(str(row["decision_id"]), when, _WORDS[row["kind"]], about, Text(row["photo"] or ""))
    console.print(table)


@decisions.command("undo")
@click.argument("number", type=int)
def undo(*, number: int) -> None:
    """Takes the decision of this number back."""
    from isthisme.wiring import open_home

    with open_home() as home:
        if not home.catalog.decisions.undo(number):
            raise NotFound(f"there is no decision {number}; 'isthisme decisions list' names them")
    console.print("Taken back.")
