"""`isthisme team log`: who asked about whom, and whether the log of it is as it was written."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.table import Table
from rich.text import Text

from isthisme.cli.output import console, json_option, local_time
from isthisme.cli.team_socket import at_desk_or_folder, desk_of

if TYPE_CHECKING:
    from isthisme.catalog.journal import Entry


@click.command()
@click.option("--verify", is_flag=True, help="Only say whether it is as it was written.")
@click.option(
    "--receipt", "receipts", multiple=True, metavar="HASH", help="One that 'approve' or 'export' gave; again for more."
)
@at_desk_or_folder
@json_option
def log(*, verify: bool, receipts: tuple[str, ...], path: Path | None, token_file: str | None, as_json: bool) -> None:
    """Shows who asked about whom, and what was opened, approved, exported and refused; looks whether it is whole.

    An end that was cut off, and a log that was written anew, show by receipts alone: keep some of them elsewhere.
    Over a socket it is shown of your owners alone, one object a line.
    """
    if path is None:
        _show_own(receipts, as_json=as_json, is_shown=not verify)
        return
    if verify or receipts:
        raise click.UsageError("whether the log is whole is looked at in the team's folder, without --socket")
    with desk_of(path, token_file) as desk:
        # Asking is written into the log itself, and so it has no end that could be waited for.
        for row in desk.ask_for_all("log", "entries"):
            click.echo(msgspec.json.encode(row).decode())


def _show_own(receipts: tuple[str, ...], *, as_json: bool, is_shown: bool) -> None:
    """Of the team's own folder, and whether it is whole."""
    from isthisme.team_wiring import open_team

    table, count = Table("#", "when", "what", "of what"), 0
    with open_team() as door:
        broken = door.audit.broken_at()
        missing = door.audit.missing(frozenset(receipts))
        for entry in door.audit.entries():
            count += 1
            if is_shown and as_json:
                click.echo(msgspec.json.encode(_fields(entry)).decode())
            elif is_shown:
                table.add_row(*_cells(entry))
    if is_shown and not as_json:
        console.print(table)
    if broken is not None:
        click.echo(f"isthisme: entry {broken} is not as it was written, or one before it is missing", err=True)
    for receipt in sorted(missing):
        click.echo(f"isthisme: the entry of receipt {receipt} is not there: the log was cut off or made anew", err=True)
    if broken is not None or missing:
        raise click.exceptions.Exit(1)
    if not is_shown:
        console.print(f"{count:,} entries, each as it was written{' and each receipt there' if receipts else ''}.")


def _fields(entry: "Entry") -> dict[str, object]:
    row = {"entry_id": entry.entry_id, "at": entry.moment.at, "event": entry.event, "detail": entry.detail}
    return row | {"hash": entry.hash.hex()}


def _cells(entry: "Entry") -> tuple[str, str, str, Text]:
    when = local_time(entry.moment.at, entry.moment.utc_offset)
    what = entry.event.removeprefix("team_").replace("_", " ")
    return str(entry.entry_id), when, what, Text(msgspec.json.encode(entry.detail).decode())
