"""`isthisme setup`: everything between the installation and the first alert."""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import click
import platformdirs

from isthisme.answer_note import shown_path
from isthisme.cli.output import complaints, console
from isthisme.packaged_extension import extension_folder

_START_SECONDS = 20.0
_STOP_SECONDS = 45.0  # it finishes the pictures that it is at


@click.command()
@click.argument("folders", metavar="[FOLDER]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--extension",
    type=click.Path(path_type=Path),
    help="The folder of the browser extension, to say how it is added.",
)
@click.pass_context
def setup(context: click.Context, folders: tuple[Path, ...], extension: Path | None) -> None:
    """Registers with your browsers, indexes your photo folders, starts the companion. May be run again at any time."""
    from isthisme.cli.browsers import install
    from isthisme.cli.rebuild import index
    from isthisme.config import find_home
    from isthisme.wiring import open_home

    try:
        context.invoke(install)
    except click.ClickException as error:  # the rest is of use without a browser, too
        complaints.print(error.message)
    unread = False
    with open_home() as home:
        for folder in folders or _asked_for(has_folders=bool(home.catalog.folders.all())):
            home.catalog.folders.add(folder)
        has_folders = bool(home.catalog.folders.all())
    if has_folders:
        try:
            context.invoke(index, as_json=False)
        except click.exceptions.Exit:
            unread = True
    else:
        console.print("No photo folder yet. Add one at any time: [bold]isthisme folders add FOLDER[/bold]")
    _start(find_home())
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


def _start(home: Path) -> None:
    from isthisme.cli.running_daemon import is_running
    from isthisme_host.start import start_daemon

    if is_running(home) and not _has_stopped(home):
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


def _has_stopped(home: Path) -> bool:
    """Ends the running companion, which may be of an older version: its workers would load code newer than its own."""
    from isthisme_host.connect import LOCK_NAME, AlreadyRunningError, daemon_lock

    with suppress(OSError, ValueError):
        os.kill(int((home / LOCK_NAME).read_text()), signal.SIGTERM)
    give_up = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < give_up:
        with suppress(AlreadyRunningError):
            daemon_lock(home).close()
            return True
        time.sleep(0.1)
    return False


def _say_how_to_add(extension: Path | None) -> None:
    for_chromium, for_firefox = (
        f"[bold]{extension or extension_folder(browser) or 'the folder extension'}[/bold]"
        for browser in ("chromium", "firefox")
    )
    console.print("\nNow add the extension, once for each browser:")
    console.print(
        "  Chrome, Chromium, Edge, Brave: open [bold]chrome://extensions[/bold], switch on Developer mode,",
        highlight=False,
    )
    console.print(f"    press Load unpacked and choose {for_chromium}", highlight=False)
    console.print(
        "  Firefox: open [bold]about:debugging#/runtime/this-firefox[/bold], press Load Temporary Add-on",
        highlight=False,
    )
    console.print(f"    and choose manifest.json in {for_firefox}", highlight=False)
    console.print("\nThen browse as always. A page that shows one of your photos raises an alert;")
    console.print("right-click any picture and choose [bold]Is this me?[/bold] to ask about it.")
