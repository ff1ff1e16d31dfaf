"""`isthisme browsers`: which browsers can start the companion."""

import json
from typing import TYPE_CHECKING

import click

from isthisme.answer_note import shown_path
from isthisme.cli.output import console, json_option

if TYPE_CHECKING:
    from isthisme.installation.browsers import BrowserState


@click.group()
def browsers() -> None:
    """Lets your browsers start the companion, or not."""


@browsers.command("install")
def install() -> None:
    """Registers the companion with every browser found. May be run again at any time."""
    from isthisme.config import find_home
    from isthisme.installation.browsers import install as register

    states = [state for state in register(find_home()) if state.is_found]
    _show(states)
    if not any(state.is_registered for state in states):
        raise click.ClickException("no browser could be registered; install Chromium or Firefox, then run this again")


@browsers.command("uninstall")
def uninstall() -> None:
    """Takes the registration back from every browser."""
    from isthisme.config import find_home
    from isthisme.installation.browsers import uninstall as unregister

    _show([state for state in unregister(find_home()) if state.is_found])


@browsers.command("list")
@json_option
def list_all(*, as_json: bool) -> None:
    """Lists the browsers that we know, and which of them can start the companion."""
    from isthisme.config import find_home
    from isthisme.installation.browsers import list_browsers

    states = list_browsers(find_home())
    if not as_json:
        _show(states)
        return
    for state in states:
        row = {
            "browser": state.browser,
            "manifest": None if state.manifest is None else shown_path(state.manifest),
            "is_found": state.is_found,
            "is_registered": state.is_registered,
            "note": state.note,
        }
        click.echo(json.dumps(row, ensure_ascii=False))


def _show(states: "list[BrowserState]") -> None:
    for state in states:
        if not state.is_found:
            mark, words = "[dim]-[/dim]", "not found"
        elif state.is_registered:
            mark, words = "[green]✓[/green]", "can start the companion"
        else:
            mark, words = "[yellow]•[/yellow]", "does not know the companion"
        console.print(f"{mark} {state.browser}: {words}", highlight=False)
        if state.note is not None and state.is_found:
            console.print(f"    {state.note}", markup=False, highlight=False)
