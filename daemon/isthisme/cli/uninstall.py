"""`isthisme uninstall`: the way out, as short as the way in."""

import sys
from pathlib import Path

import click

from isthisme.cli.output import complaints, console, counted


@click.command()
@click.option("--keep-data/--delete-data", "keeps_data", default=None, help="Asked where neither is given.")
def uninstall(*, keeps_data: bool | None) -> None:
    """Takes the companion from your browsers and from login, stops it, and deletes its data if you say so.

    Your photos are never touched. Without a terminal to ask in, the data are kept.

    Exit codes: 0 done, 1 something could not be removed, 2 nothing was deleted.
    """
    from isthisme.cli.running_daemon import has_stopped
    from isthisme.installation.autostart import turn_off
    from isthisme.installation.browsers import uninstall as unregister
    from isthisme.installation.command_link import unlink_command
    from isthisme.installation.leaving import has_data, remove_installed
    from isthisme.installation.provenance import way_to_remove
    from isthisme.installation.surroundings import Surroundings
    from isthisme_host.connect import MeetingError, home_folder

    home = Path(home_folder())
    deletes = has_data(home) and _deletes(home, keeps_data)
    if turn_off(home):
        console.print("The companion no longer starts at login.")
    known = [state.browser for state in unregister(home) if state.is_found]
    console.print("Your browsers no longer start the companion.")
    unlink_command(Surroundings())
    try:
        stopped = not home.is_dir() or has_stopped(home)
    except MeetingError as error:
        raise click.ClickException(str(error)) from error
    if not stopped:
        raise click.ClickException("the companion does not stop; close your browsers and run this again")
    left = _delete_all(home) if deletes else remove_installed(home)
    if deletes:
        console.print("Its data are deleted. Your photos are where they were.")
    elif has_data(home):
        console.print(f"Your data are kept in {home}", markup=False, highlight=False)
    if left:
        complaints.print("These stay; they are not ours, or in use:")
        for path in left:
            complaints.print(f"  {path}", markup=False, highlight=False)
    console.print("\nWhat is left to do:")
    for browser in known:
        console.print(f"  {browser}: remove the extension Is This Me? on its page of extensions", highlight=False)
    console.print(f"  the program itself: {way_to_remove()}", markup=False, highlight=False)
    if left:
        raise click.exceptions.Exit(1)


def _delete_all(home: Path) -> list[Path]:
    """What stays."""
    from isthisme.installation.leaving import remove_all

    _erase_key(home)
    return remove_all(home)


def _erase_key(home: Path) -> None:
    """Of an encrypted home, from where it lies: nothing is left of the data, then, for whoever finds the disk."""
    from isthisme.encryption import RECORD_NAME
    from isthisme.errors import IsThisMeError

    if not (home / RECORD_NAME).exists():
        return
    from isthisme.encryption.encrypted import place_of
    from isthisme.encryption.record import read_record

    try:
        where = place_of(read_record(home / RECORD_NAME))
        where.erase()
        console.print(f"The key to them is erased from {where}.", markup=False, highlight=False)
    except IsThisMeError as error:
        complaints.print(f"The key to them could not be erased: {error}", markup=False, highlight=False)


def _deletes(home: Path, keeps_data: bool | None) -> bool:  # noqa: FBT001 an answer, or none yet
    """Says what would be lost, and asks where nobody decided yet."""
    from isthisme.installation.leaving import saved_files

    if keeps_data is None and not sys.stdin.isatty():
        return False
    if keeps_data:
        return False
    console.print(f"The data in {home} are the index of your photos, where they were seen,", highlight=False)
    console.print("and what you decided and noted. Photos are not among them.")
    for saved in saved_files(home):
        words = f"Also {counted(saved.files, 'file')} of {saved.what} in {saved.folder}"
        console.print(f"{words}, which cannot be made again.", markup=False, highlight=False)
    return keeps_data is False or click.confirm("Delete the data for good?", default=False)
