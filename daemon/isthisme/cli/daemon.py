"""`isthisme daemon`: serves the extension until it is told to stop."""

import logging

import click

from isthisme.errors import IsThisMeError


@click.command()
@click.option("--verbose", is_flag=True, help="Log more.")
def daemon(*, verbose: bool) -> None:
    """Runs the companion. The browser starts it by itself; ends at once where one runs already."""
    from isthisme.config import find_home
    from isthisme_host.connect import AlreadyRunningError, daemon_lock

    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # The lock first: of daemons that race, the losers end before they load anything large.
    try:
        lock = daemon_lock(find_home())
    except AlreadyRunningError as error:
        click.echo(f"isthisme: {error}", err=True)
        return
    with lock:
        from isthisme.wiring import run_daemon

        try:
            run_daemon(lock)
        except IsThisMeError as error:
            # The native host reads this line, and hands its code to the extension.
            click.echo(f"isthisme [{error.code}]: {error}", err=True)
            raise click.exceptions.Exit(2) from error
