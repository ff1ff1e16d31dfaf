"""`isthisme scan`: are photos of the user on this gallery's pages, in this folder or archive?"""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from isthisme.cli.check import note_fields
from isthisme.cli.output import complaints, console, counted, json_option, printable
from isthisme.errors import UsageError
from isthisme.scale_extra import IS_INSTALLED, scale_extra

if TYPE_CHECKING:
    from isthisme.cli.scan_run import Outcome
    from isthisme.scanning.found import Unread
    from isthisme.scanning.judging import Judged
    from isthisme.wiring import Home, Scanning

_MOST_NAMED = 20
_bulk_option = partial(click.option, hidden=not IS_INSTALLED)
_IN_BULK = (
    "With --on the targets are web archives, in folders or buckets (s3://…/*.warc.gz), or lists of their paths "
    "(warc.paths.gz): as many as there are, each by itself. Archives that were done are not done again."
)


@click.command(epilog=_IN_BULK if IS_INSTALLED else None)
@click.argument("targets", metavar="ADDRESS|FOLDER|ZIP|WARC...", nargs=-1, required=True)
@click.option("--pages", default=20, show_default=True, type=click.IntRange(1, 10_000), help="Of a gallery, at most.")
@click.option("--deep", is_flag=True, help="Look closer at each picture; takes longer.")
@_bulk_option("--on", metavar="local|tcp://…|tls://…", help="Scan web archives in bulk: here, or on a Dask cluster.")
@_bulk_option("--shelf", metavar="URL", help="With --on: look for the photos on this shelf, not for your own.")
@_bulk_option("--owner", "owners", metavar="NAME", multiple=True, help="With --shelf: this owner's; may be repeated.")
@_bulk_option("--index", metavar="milvus+URL", help="With --shelf: ask this server, and hold no index here.")
@_bulk_option("--findings", metavar="URL", help="With --on: the folder or bucket that findings are kept in.")
@_bulk_option("--trust-network", is_flag=True, help="With --on tcp://…: nobody else is on the network to it.")
@json_option
def scan(
    targets: tuple[str, ...],
    *,
    pages: int,
    deep: bool,
    on: str | None,
    shelf: str | None,
    owners: tuple[str, ...],
    index: str | None,
    findings: str | None,
    trust_network: bool,
    as_json: bool,
) -> None:
    """Looks for your photos on a gallery's pages, in a folder, a zip archive or a recorded site (WARC, WACZ).

    Of a gallery the pages that follow are read, too. What is found is kept as a sighting at once; a scan that was
    stopped goes on where it was. Without a browser nothing is known of your sign-ins: the site shows what it shows to
    strangers.

    Exit codes: 0 every picture was judged, 1 some could not be read or fetched, 2 nothing was looked at.
    """
    if on is not None:
        with scale_extra():
            from isthisme.cli.archives.scan import Wanted, scan_in_bulk
        scan_in_bulk(Wanted(targets, on, shelf, owners, index, findings, trust_network, deep, as_json))
        return
    if shelf or owners or index or findings or trust_network:
        raise UsageError("--shelf, --owner, --index, --findings and --trust-network belong to --on: it scans in bulk")

    from isthisme.acquire.fetch import Fetcher
    from isthisme.cli.scan_run import Outcome, Run
    from isthisme.wiring import open_home, scanning

    with open_home() as home:
        _refuse_own_folders(home, targets)
        outcome = Outcome()

        async def run(tools: "Scanning") -> None:
            async with aclosing(Fetcher(max_bytes=home.settings.max_download_megabytes << 20)) as fetcher:
                with _progress(outcome):
                    await Run(fetcher, tools.page_reader, tools.judge, tools.under_way, pages, outcome).scan(targets)

        if as_json:
            outcome.tell = _tell_in_json
        try:
            with scanning(home, deep=deep) as tools:
                asyncio.run(run(tools))
        finally:  # also of what was found before it was stopped
            _print(outcome, as_json=as_json)
    if outcome.unread:
        raise click.exceptions.Exit(1 if outcome.pictures else 2)


def _refuse_own_folders(home: "Home", targets: tuple[str, ...]) -> None:
    """There all would be found. Raises UsageError."""
    from isthisme.cli.scan_run import is_address

    own = [root.shown for root in home.catalog.folders.roots()]
    for target in targets:
        if is_address(target):
            continue
        path = Path(os.path.realpath(target))
        for folder in own:
            if path == folder or folder in path.parents or path in folder.parents:
                raise UsageError(f"{target!r} holds photos of your own, from {os.fspath(folder)!r}: all would be found")


def _tell_in_json(told: "Judged | Unread") -> None:
    click.echo(json.dumps(_json_line(told), ensure_ascii=False))


def _json_line(told: "Judged | Unread") -> dict[str, Any]:
    """The contract of `scan --json`: what was found, and what could not be looked at. It grows as that of `check`."""
    from isthisme.scanning.found import Unread

    if isinstance(told, Unread):
        fields = {"page_address": None, "picture_address": told.address, "sighting_id": None, "verdict": "undecided"}
        return fields | {"score": 0.0, "matches": [], "reason": told.words, "reason_code": told.code}
    found = told.found
    address = found.picture_address
    return {
        "page_address": found.page_address,
        "picture_address": address[:100] + "…" if address.startswith("data:") else address,
        "sighting_id": told.sighting_id,
        **note_fields(told.note),
    }


def _print(outcome: "Outcome", *, as_json: bool) -> None:
    for unread in outcome.unread[:_MOST_NAMED]:
        complaints.print(Text(f"{printable(unread.address)}: {printable(unread.words)}"))
    if len(outcome.unread) > _MOST_NAMED:
        complaints.print(f"and {len(outcome.unread) - _MOST_NAMED:,} more that could not be looked at")
    for note in outcome.notes:
        complaints.print(Text(printable(note)))
    looked = counted(outcome.pictures, "picture")
    where = f" on {counted(outcome.pages, 'page')}" if outcome.pages else ""
    if as_json:
        complaints.print(f"Looked at {looked}{where}, {counted(len(outcome.found), 'sighting')} kept.")
        return
    if outcome.found:
        table = Table("#", "verdict", "page", "picture", "your photo")
        for judged in outcome.found:
            own = judged.note.matches[0].photo if judged.note.matches else ""
            texts = (judged.found.page_address, judged.found.picture_address, own)
            verdict = judged.note.verdict.replace("_", " ")
            table.add_row(str(judged.sighting_id or ""), verdict, *(Text(printable(each)) for each in texts))
        console.print(table)
    console.print(f"Looked at {looked}{where}: {counted(len(outcome.found), 'sighting')}.")


@contextmanager
def _progress(outcome: "Outcome") -> Iterator[None]:
    """A bar on standard error while that is a terminal. How much is to come nobody knows."""
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[counts]}")
    with Progress(*columns, console=complaints, disable=not sys.stderr.isatty(), transient=True) as bar:
        line = bar.add_task("Looking", total=None, counts="")

        def report() -> None:
            words = f"{counted(outcome.pictures, 'picture')}, {len(outcome.found):,} found"
            bar.update(line, description=escape(printable(outcome.at)[-60:]), counts=words)

        outcome.report = report
        yield
