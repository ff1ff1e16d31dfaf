"""`isthisme setup`: everything between the installation and the first alert."""

import os
import sys
import time
from pathlib import Path

import click
import platformdirs

from isthisme.answer_note import shown_path
from isthisme.cli.output import complaints, console

_START_SECONDS = 20.0


@click.command()
@click.argument("folders", metavar="[FOLDER]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--extension",
    type=click.Path(path_type=Path),
    help="The folder of the browser extension, to say how it is added.",
)
@click.option(
    "--autostart/--no-autostart",
    "at_login",
    default=None,
    help="Start it at login, too. Asked once.",
)
@click.pass_context
def setup(context: click.Context, folders: tuple[Path, ...], extension: Path | None, *, at_login: bool | None) -> None:
    """Registers with your browsers, indexes your photo folders, starts the companion.

    May be run again at any time; after an update it brings everything up to date.
    """
    from isthisme.cli.browsers import install
    from isthisme.cli.rebuild import index
    from isthisme.config import find_home
    from isthisme.installation.launcher import launcher_of
    from isthisme.wiring import open_home

    is_first = not launcher_of(find_home()).exists()
    try:
        context.invoke(install)
    except click.ClickException as error:  # the rest is of use without a browser, too
        complaints.print(error.message)
    unread = False
    with open_home() as home:
        for folder in folders or _asked_for(has_folders=home.catalog.folders.count() > 0):
            home.catalog.folders.add(folder)
        has_folders = home.catalog.folders.count() > 0
    if has_folders:
        try:
            context.invoke(index, as_json=False)
        except click.exceptions.Exit:
            unread = True
    else:
        console.print("No photo folder yet. Add one at any time: [bold]isthisme folders add FOLDER[/bold]")
    _see_to_login(find_home(), at_login, is_first=is_first)
    _start(find_home())
    _see_to_command()
    _say_how_to_add(extension)
    if unread:
        raise click.exceptions.Exit(1)


def _asked_for(*, has_folders: bool) -> list[Path]:
    if has_folders or not sys.stdin.isatty():
        return []
    pictures = Path(platformdirs.user_pictures_dir())
    answer = click.prompt(
        "Which folder holds your photos?", default=str(pictures) if pictures.is_dir() else "", show_default=True
    )
    return [Path(answer)] if answer else []


def _see_to_login(home: Path, at_login: bool | None, *, is_first: bool) -> None:  # noqa: FBT001 an answer, or none yet
    """What is on stays on, brought up to date. Nothing that starts at login is added unasked."""
    from isthisme.errors import UsageError
    from isthisme.installation.autostart import autostart_state, turn_off, turn_on

    if at_login is None:
        at_login = autostart_state(home).is_on
        if is_first and not at_login and sys.stdin.isatty():
            question = "Start the companion at login, too? It then takes in new photos while no browser runs."
            at_login = click.confirm(question, default=False)
    try:
        if at_login:
            console.print(f"The companion starts at login ({turn_on(home).way}).", highlight=False)
        elif turn_off(home):
            console.print("The companion no longer starts at login.")
    except UsageError as error:  # the browser starts it all the same
        complaints.print(str(error), markup=False, highlight=False)


def _start(home: Path) -> None:
    from isthisme.cli.running_daemon import has_stopped, is_running
    from isthisme_host.start import start_daemon

    if is_running(home) and not has_stopped(home):
        complaints.print("The companion that runs did not stop; what was updated counts from its next start.")
        return
    start_daemon(str(home), {**os.environ, "ISTHISME_HOME": str(home), "ISTHISME_PYTHON": sys.executable})
    give_up = time.monotonic() + _START_SECONDS
    while not is_running(home):
        if time.monotonic() > give_up:
            complaints.print(f"The companion did not start; its log says why: {shown_path(home / 'daemon.log')}")
            return
        time.sleep(0.1)
    console.print("The companion runs. It starts with your browser from now on.")


def _see_to_command() -> None:
    """Every way out that we name begins with the command: in a clone no terminal would find it."""
    from isthisme.installation.command_link import link_command
    from isthisme.installation.surroundings import Surroundings

    try:
        state = link_command(Surroundings())
    except OSError as error:  # it can be called by its whole path
        complaints.print(f"The command isthisme could not be linked: {error}", markup=False, highlight=False)
        return
    if state is None:
        return
    if state.is_found:
        console.print("In a terminal its commands are called isthisme.")
    else:
        console.print("In a terminal its commands are called isthisme, once ~/.local/bin is on your PATH:")
        console.print(
            f"on many systems from the next login on. Until then: {state.program}", markup=False, highlight=False
        )


def _say_how_to_add(extension: Path | None) -> None:
    from isthisme.config import find_home
    from isthisme.installation.extension_files import ExtensionFolders, extension_folders

    folders = extension_folders(find_home()) if extension is None else ExtensionFolders(extension, extension)
    if folders is None:
        complaints.print("This installation came without the browser extension; install the companion from its wheel.")
        return
    console.print("\nNow add the extension, once for each browser (after an update: press its reload button):")
    console.print(
        "  Chrome, Chromium, Edge, Brave, Vivaldi, Opera: open [bold]chrome://extensions[/bold],", highlight=False
    )
    console.print("    switch on Developer mode, press Load unpacked and choose the folder", highlight=False)
    console.print(f"    {folders.chromium}", markup=False, highlight=False)
    console.print(
        "  Firefox, LibreWolf: open [bold]about:debugging#/runtime/this-firefox[/bold], press Load Temporary",
        highlight=False,
    )
    console.print("    Add-on and choose the file (once more after each start of the browser)", highlight=False)
    console.print(f"    {folders.firefox / 'manifest.json'}", markup=False, highlight=False)
    console.print("\nThen browse as always. A page that shows one of your photos raises an alert;")
    console.print("right-click any picture and choose [bold]Is this me?[/bold] to ask about it.")
