"""`isthisme autostart`: whether the companion starts at login."""

import json

import click

from isthisme.cli.output import complaints, console, json_option


@click.group()
def autostart() -> None:
    """Starts the companion at login, or not. It starts with your browser in any case."""


@autostart.command("on")
def on() -> None:
    """Starts it at login from now on: new photos are taken in while no browser runs."""
    from isthisme.config import find_home
    from isthisme.installation.autostart import turn_on

    state = turn_on(find_home())
    console.print(f"The companion starts at login from now on ({state.way}).", highlight=False)


@autostart.command("off")
def off() -> None:
    """Leaves it to your browser again. A companion that runs goes on until you log out."""
    from isthisme.config import find_home
    from isthisme.installation.autostart import turn_off

    if turn_off(find_home()):
        console.print("The companion no longer starts at login; your browser starts it.")
    else:
        console.print("The companion does not start at login; your browser starts it.")


@autostart.command("status")
@json_option
def status(*, as_json: bool) -> None:
    """Says whether it starts at login, and through what."""
    from isthisme.answer_note import shown_path
    from isthisme.config import find_home
    from isthisme.installation.autostart import autostart_state

    state = autostart_state(find_home())
    if as_json:
        file = None if state.file is None else shown_path(state.file)
        told = {"is_on": state.is_on, "way": state.way, "file": file, "trouble": state.trouble}
        click.echo(json.dumps(told, ensure_ascii=False))
    elif not state.is_on:
        console.print("off: your browser starts the companion")
    else:
        console.print(f"on: {state.way}, {state.file}", markup=False, highlight=False)
        if state.trouble is not None:
            complaints.print(f"{state.trouble}; mend it with: isthisme autostart on", markup=False, highlight=False)
