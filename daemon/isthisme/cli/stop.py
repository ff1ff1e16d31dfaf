"""`isthisme stop`: ends the companion until something starts it again."""

import click

from isthisme.cli.output import console


@click.command()
def stop() -> None:
    """Ends the companion for now. Your browser starts it again when it next asks it something.

    What is under way is finished first, and nothing is lost. To keep it off, switch the extension off in your browsers.
    """
    from isthisme.cli.running_daemon import has_stopped, is_running
    from isthisme.config import find_home
    from isthisme.errors import Busy
    from isthisme.installation.autostart import autostart_state

    home = find_home()
    was_running = is_running(home)  # another command that holds its lock is no companion, and is left alone
    if was_running and not has_stopped(home):
        raise Busy("the companion does not stop; close your browsers and try again")
    console.print("The companion has stopped." if was_running else "No companion runs.")
    console.print(
        "A browser with the extension starts it again, as soon as it asks about a picture. To keep it off, switch the "
        "extension off there."
    )
    if autostart_state(home).is_on:
        console.print("It also starts when you log in: 'isthisme autostart off' ends that.", highlight=False)
