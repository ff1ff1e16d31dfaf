"""`isthisme daemon`: serves the extension until it is told to stop."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import click

from isthisme.errors import IsThisMeError


@click.command()
@click.option("--verbose", is_flag=True, help="Log more.")
@click.option("--home", metavar="FOLDER", help="Keep everything there, rather than where ISTHISME_HOME says.")
@click.option("--log", "into_log", is_flag=True, help="Write to the log in that folder, rather than to the terminal.")
def daemon(*, verbose: bool, home: str | None, into_log: bool) -> None:
    """Runs the companion. The browser starts it by itself; ends at once where one runs already."""
    if home is not None:
        os.environ["ISTHISME_HOME"] = home
    if into_log:
        _speak_into_log()
    from isthisme.config import find_home
    from isthisme_host.connect import AlreadyRunningError, daemon_lock
    from isthisme_host.home_contents import close_to_others

    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    found = find_home()
    _forget_surroundings(found)
    for path in close_to_others(found):
        logging.getLogger(__name__).warning("%s was open to other users, and is closed now", path)
    # The lock first: of daemons that race, the losers end before they load anything large.
    try:
        lock = daemon_lock(found)
    except AlreadyRunningError as error:
        click.echo(f"isthisme: {error}", err=True)
        return
    with lock:
        from isthisme.wiring import run_daemon

        try:
            has_successor = run_daemon(lock)
        except IsThisMeError as error:
            # The native host reads this line, and hands its code to the extension.
            click.echo(f"isthisme [{error.code}]: {error}", err=True)
            raise click.exceptions.Exit(2) from error
    if has_successor:
        _go_on_as_the_new_program([sys.executable, *sys.orig_argv[1:]])


def _go_on_as_the_new_program(command: list[str]) -> None:
    """The same process becomes the new program, called as this one was: whoever started it keeps hold of it."""
    if sys.platform == "win32":  # where no process becomes another: the new one is started, and this one ends
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        subprocess.Popen(command, stdin=subprocess.DEVNULL, creationflags=flags)  # noqa: S603 no shell reads it
        return
    os.execv(command[0], command)  # noqa: S606 no shell reads it


def _forget_surroundings(home: Path) -> None:
    """Whoever started this process: what it loads and starts from now on knows what a daemon needs to know."""
    from isthisme_host.start import clean_environment

    kept = clean_environment(os.environ, str(home))
    for name in os.environ.keys() - kept.keys():
        del os.environ[name]
    os.environ.update(kept)


def _speak_into_log() -> None:
    """Whatever this process and its own say, also where it began without a terminal and without any stream."""
    from isthisme.config import Paths, find_home
    from isthisme_host.private_files import open_private

    log = open_private(Paths(find_home()).log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
