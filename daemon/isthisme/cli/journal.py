"""`isthisme journal`: the log of what was opened, exported and deleted."""

from typing import TYPE_CHECKING

import click
import msgspec
from rich.table import Table

from isthisme.cli.output import console, json_option, local_time

if TYPE_CHECKING:
    from isthisme.catalog.journal import Entry

_PORTION = 500


@click.command()
@json_option
def journal(*, as_json: bool) -> None:
    """Shows what was opened, exported, saved and deleted, the oldest first. It can be added to, and not changed.

    It names numbers and hashes alone, so that what you delete is not told of here.
    """
    from isthisme.wiring import open_home

    table = Table("#", "when", "what", "of what")
    with open_home() as home:
        broken, after, count = home.catalog.journal.broken_at(), 0, 0
        while entries := home.catalog.journal.entries(after=after, limit=_PORTION):
            for entry in entries:
                when = local_time(entry.moment.at, entry.moment.utc_offset)
                detail = msgspec.json.encode(entry.detail).decode()
                table.add_row(str(entry.entry_id), when, entry.event.replace("_", " "), detail)
                if as_json:
                    click.echo(msgspec.json.encode(_fields(entry)).decode())
            after, count = entries[-1].entry_id, count + len(entries)
    if not as_json:
        console.print(table if count else "Nothing was opened, exported or deleted so far.")
    if broken is not None:
        click.echo(f"isthisme: entry {broken} is not as it was written, or one before it is missing", err=True)
        raise click.exceptions.Exit(1)


def _fields(entry: "Entry") -> dict[str, object]:
    return {
        "entry_id": entry.entry_id,
        "at": entry.moment.at,
        "utc_offset": entry.moment.utc_offset,
        "event": entry.event,
        "detail": entry.detail,
        "hash": entry.hash.hex(),
    }
