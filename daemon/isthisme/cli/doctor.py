"""`isthisme doctor`: what is wrong, and the way out."""

import json
from dataclasses import asdict

import click

from isthisme.cli.output import console, json_option

_MARKS = {"fine": "[green]✓[/green]", "note": "[yellow]•[/yellow]", "trouble": "[bold red]✗[/bold red]"}


@click.command()
@json_option
def doctor(*, as_json: bool) -> None:
    """Looks for what is wrong, and says the way out. Exit code 1 where there is trouble."""
    from isthisme.browsers import list_browsers
    from isthisme.cli.running_daemon import tell_daemon
    from isthisme.doctor import Level, examine
    from isthisme.wiring import open_home

    has_trouble = False
    with open_home() as home:
        findings = examine(
            home.paths,
            home.settings,
            home.catalog,
            list_browsers(home.paths.home),
            ask_daemon=lambda: tell_daemon(home.paths.home, "status"),
        )
        for finding in findings:
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
