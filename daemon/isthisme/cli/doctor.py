"""`isthisme doctor`: what is wrong, and the way out, which it takes where it is asked to."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from isthisme.cli.output import complaints, console, json_option
from isthisme.cli.rebuild import index

if TYPE_CHECKING:
    from isthisme.doctor import Finding
    from isthisme.repair import Repair

_MARKS = {"fine": "[green]✓[/green]", "note": "[yellow]•[/yellow]", "trouble": "[bold red]✗[/bold red]"}


@click.command()
@click.option("--repair", "repairs", is_flag=True, help="Mend what can be mended; asks before each change.")
@click.option("--yes", is_flag=True, help="With --repair: ask nothing.")
@json_option
@click.pass_context
def doctor(context: click.Context, *, repairs: bool, yes: bool, as_json: bool) -> None:
    """Looks for what is wrong, and says the way out. Exit code 1 where there is trouble.

    With --repair it mends a damaged catalog (what can be read is saved into a new one, and the damaged one is kept),
    damaged index files, wrong permissions, and what is left of work that was stopped. Only while the companion does
    not run.
    """
    if repairs:
        if as_json:
            raise click.UsageError("--repair answers in words alone; leave out --json")
        _repair(context, yes=yes)
        return
    from isthisme.doctor import Level

    has_trouble = False
    for finding in _findings():
        has_trouble |= finding.level is Level.TROUBLE
        if as_json:
            click.echo(json.dumps(asdict(finding), ensure_ascii=False))
            continue
        console.print(f"{_MARKS[finding.level]} [bold]{finding.about}[/bold]: ", end="")
        console.print(finding.words, markup=False, highlight=False)
        if finding.way_out is not None:
            console.print(f"    → {finding.way_out}", markup=False, highlight=False)
    if has_trouble:
        raise click.exceptions.Exit(1)


def _findings() -> "Iterator[Finding]":
    from isthisme.cli.running_daemon import tell_daemon
    from isthisme.config import Paths, find_home
    from isthisme.doctor import examine, examine_damaged, examine_locked
    from isthisme.errors import CatalogDamaged, EncryptionMissing, KeyMissing, KeyOutOfReach
    from isthisme.installation.autostart import autostart_state
    from isthisme.installation.browsers import list_browsers
    from isthisme.wiring import open_home

    try:
        with open_home() as home:
            yield from examine(
                home.paths,
                home.settings,
                home.catalog,
                home.index_files,
                home.index.server,
                list_browsers(home.paths.home),
                autostart_state(home.paths.home),
                ask_daemon=lambda: tell_daemon(home.paths.home, "status"),
            )
    except CatalogDamaged as error:
        yield from examine_damaged(Paths(find_home()), error)
    except (EncryptionMissing, KeyMissing, KeyOutOfReach):
        yield from examine_locked(Paths(find_home()))


def _repair(context: click.Context, *, yes: bool) -> None:
    from isthisme.config import Paths
    from isthisme.encryption import open_vault
    from isthisme.repair import alone, catalog_repairs, file_repairs, home_repairs, index_repairs, lacks_descriptions
    from isthisme_host.connect import home_folder

    paths = Paths(Path(home_folder()))
    found, refused = _offer(home_repairs(paths.home), yes=yes)
    with alone(paths.home):
        more = _offer(file_repairs(paths), yes=yes)
        found, refused = found + more[0], refused + more[1]
        vault = open_vault(paths.home)
        for repairs in (catalog_repairs(paths, vault), index_repairs(paths, vault)):
            more = _offer(repairs, yes=yes)
            found, refused = found + more[0], refused + more[1]
    if refused:
        raise click.exceptions.Exit(1)
    if not found:
        console.print("Nothing to mend.")
    lacking = lacks_descriptions(paths, vault)
    if lacking is not None:
        console.print(f"{lacking.capitalize()}. The companion sees to it by itself when it runs.")
        if yes or click.confirm("Bring the index up to date now?"):
            context.invoke(index, as_json=False)


def _offer(repairs: "Iterable[Repair]", *, yes: bool) -> tuple[int, int]:
    """How many there were, and how many were refused."""
    found = refused = 0
    for repair in repairs:
        found += 1
        complaints.print(repair.wrong, markup=False, highlight=False)
        if yes or click.confirm(f"  {repair.change[0].upper()}{repair.change[1:]}?"):
            console.print(f"  {repair.mend()}", markup=False, highlight=False)
        else:
            refused += 1
            console.print("  left as it is", markup=False, highlight=False)
    return found, refused
