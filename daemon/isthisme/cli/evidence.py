"""`isthisme evidence`: sightings as files that others can use and check."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.table import Table
from rich.text import Text

from isthisme.cli.output import complaints, console, counted, json_option
from isthisme.cli.possession import possession, stamp_with_consent

if TYPE_CHECKING:
    from isthisme.evidence.verify import Verified
    from isthisme.evidence.wording import Language
    from isthisme.server.evidence_saving import Evidence

_COLOURS = {"intact": "green", "note": "default", "altered": "bold red", "missing": "bold red", "added": "yellow"}


@click.group()
def evidence() -> None:
    """Saves evidence of sightings, and checks it."""


evidence.add_command(possession)


@evidence.command()
@click.argument("sightings", type=int, nargs=-1, metavar="SIGHTING...")
@click.option("--case", "case_id", type=int, help="All sightings of this case.")
@click.option("--to", "target", type=click.Path(path_type=Path), help="A folder, or the zip file to write.")
@click.option("--language", type=click.Choice(["en", "zh"]), help="Of the report.  [default: this system's]")
@click.option("--timestamp", "is_stamped", is_flag=True, help="Have an authority sign the time. It is told a hash.")
@click.option("--yes", is_flag=True, help="Ask nothing; you agree to what --timestamp sends.")
@json_option
def save(
    *,
    sightings: tuple[int, ...],
    case_id: int | None,
    target: Path | None,
    language: "Language | None",
    is_stamped: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Saves one file with all that is known of sightings: pictures, pages, comparisons, a report."""
    from isthisme.errors import UsageError
    from isthisme.wiring import evidence_of, open_home

    if bool(sightings) == (case_id is not None):
        raise UsageError("name sightings, or a case with --case; 'isthisme sightings list' names the sightings")
    with open_home() as home, evidence_of(home) as keeper:
        stamp = stamp_with_consent(home.settings, "the evidence", asks=not yes) if is_stamped else None
        made = keeper.save(sightings, case_id, language or _system_language(), target=target, stamp=stamp)
        if as_json:
            fields = keeper.fields_of(keeper.bundle(made.bundle_id)) | {"files": list(made.saved.files)}
            click.echo(msgspec.json.encode(fields).decode())
        else:
            console.print(f"{counted(len(made.saved.files), 'file')} saved in one: ", end="")
            console.print(str(made.saved.path), markup=False, highlight=False)
            console.print(f"Its SHA-256, worth writing down: {made.saved.sha256.hex()}", highlight=False)
        if made.timestamp is not None:
            complaints.print(f"Signed by {made.timestamp.authority} at {made.timestamp.at:%Y-%m-%d %H:%M:%S} UTC.")
        if made.timestamp_problem is not None:
            complaints.print(f"Saved without a timestamp: {made.timestamp_problem}", markup=False)
            raise click.exceptions.Exit(1)


@evidence.command("list")
@click.option("--case", "case_id", type=int, help="Only of this case.")
@json_option
def list_bundles(*, case_id: int | None, as_json: bool) -> None:
    """Lists what was saved, the newest first."""
    from isthisme.evidence.bundle_file import iso_time
    from isthisme.server.evidence_saving import bundle_fields
    from isthisme.wiring import open_home

    with open_home() as home:
        found = home.catalog.bundles.all(case_id=case_id)
    if as_json:
        for each in found:
            click.echo(msgspec.json.encode(bundle_fields(each, home.vault)).decode())
        return
    if not found:
        console.print("No evidence was saved so far. 'isthisme evidence save SIGHTING' does.")
        return
    table = Table("#", "saved", "sightings", "file")
    for each in found:
        fields = bundle_fields(each, home.vault)
        path = Text(fields["path"] if fields["is_present"] else f"{fields['path']} (not there any more)")
        numbers = ", ".join(map(str, each.sighting_ids))
        table.add_row(str(each.bundle_id), iso_time(each.moment)[:19].replace("T", " "), numbers, path)
    console.print(table)


@evidence.command()
@click.argument("bundle", metavar="BUNDLE")
@json_option
def verify(*, bundle: str, as_json: bool) -> None:
    """Says which files of a bundle are unaltered. BUNDLE: a zip file, its unpacked folder, or a number from 'list'.

    Exit codes: 0 all of it is intact, 1 something is altered, missing or added, 2 it is no bundle or cannot be read.
    """
    from isthisme.wiring import evidence_of, open_home

    with open_home() as home, evidence_of(home) as keeper:
        found = _verified(keeper, bundle)
    if as_json:
        fields = {"is_intact": found.is_intact, "sha256": found.sha256 and found.sha256.hex(), "lines": found.lines}
        click.echo(msgspec.json.encode(fields).decode())
    else:
        _print(found)
    if not found.is_intact:
        raise click.exceptions.Exit(1)


def _verified(keeper: "Evidence", bundle: str) -> "Verified":
    if bundle.isdecimal() and not Path(bundle).exists():
        known = keeper.bundle(int(bundle))
        return keeper.verify(known.path, known.bundle_id)
    return keeper.verify(Path(bundle))


def _print(found: "Verified") -> None:
    table = Table("state", "file", "")
    for line in found.lines:
        table.add_row(Text(line.state, style=_COLOURS[line.state]), Text(line.file), Text(line.words))
    console.print(table)
    if found.sha256 is not None:
        console.print(f"SHA-256 of the whole file: {found.sha256.hex()}", highlight=False)
    if found.is_intact:
        console.print("Everything agrees with the lists in the bundle: unaltered since these were made.")
    else:
        console.print("[bold red]Not everything is as it was saved.[/bold red]")
    if not any(line.file.endswith(".tsr") and line.state == "intact" for line in found.lines):
        console.print(
            "It holds no timestamp. Since when it is unaltered also shows by its SHA-256, noted at a known time."
        )


def _system_language() -> "Language":
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, named), "").lower().startswith("zh") else "en"
