"""`isthisme team new`, `owners`, `invite`, `revoke`, `members`, `serve`: the team's folder, on its server."""

import logging
import os
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.table import Table

from isthisme.cli.output import console, json_option, local_time
from isthisme.cli.team_socket import at_desk_or_folder, desk_of

if TYPE_CHECKING:
    from isthisme.team.audit import Caller

_RIGHTS = ("ask", "see", "review", "export", "administer")


def _here() -> "Caller":
    """Whoever has the folder itself."""
    from isthisme.team.audit import Caller

    return Caller(None, os.geteuid() if hasattr(os, "geteuid") else None)


@click.command()
def new() -> None:
    """Makes the folder that ISTHISME_HOME names a team's. On the team's server, under the daemon's account."""
    from isthisme.team_wiring import make_team

    paths = make_team()
    console.print(f"{paths.home} is the team's. 'isthisme team owners add NAME' adds an owner.", highlight=False)


@click.group()
def owners() -> None:
    """The owners whose photos the team looks after: lists, adds and removes them."""


@owners.command("list")
def list_owners() -> None:
    """Lists their names."""
    from isthisme.team_wiring import open_team

    with open_team() as door:
        for owner in door.home.owners():
            click.echo(owner)


@owners.command("add")
@click.argument("name")
def add_owner(*, name: str) -> None:
    """Makes a home for what the team keeps about an owner, and prints where."""
    from isthisme.team.administering import Administering
    from isthisme.team_wiring import open_team

    with open_team() as door:
        click.echo(Administering(door).add_owner(_here(), name))


@owners.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove_owner(*, name: str, yes: bool) -> None:
    """Erases all that the team keeps about an owner, and every right about them. The log keeps the name."""
    from isthisme.team.administering import Administering
    from isthisme.team_wiring import open_team

    if not yes:
        click.confirm(f"Erase all that is kept here about {name}, sightings and drafts included?", abort=True)
    with open_team() as door:
        Administering(door).remove_owner(_here(), name)
    console.print("Erased. Vectors on an engine's server are deleted by their owner: isthisme team withdraw.")


@click.command()
@click.argument("member")
@click.option("--owner", "named", multiple=True, metavar="NAME", help="Whose photos it is about; again for more.")
@click.option("--every-owner", is_flag=True, help="It is about all owners, also those who come later.")
@click.option(
    "--may", "rights", multiple=True, required=True, type=click.Choice(_RIGHTS), help="A right; again for more."
)
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 366), help="Until it ends.")
@at_desk_or_folder
def invite(
    *,
    member: str,
    named: tuple[str, ...],
    every_owner: bool,
    rights: tuple[str, ...],
    days: int,
    path: Path | None,
    token_file: str | None,
) -> None:
    """Prints a new token for a member, this once: it is kept nowhere. A member is a person, with one name."""
    from isthisme.team.administering import Administering
    from isthisme.team.handlers import grant_fields
    from isthisme.team.members import Right
    from isthisme.team_wiring import open_team

    if bool(named) == every_owner:
        raise click.UsageError("name owners with --owner, or say --every-owner")
    owners = None if every_owner else list(named)
    if path is not None:
        with desk_of(path, token_file) as desk:
            made = desk.ask("invite", member=member, owners=owners, rights=list(rights), days=days)
        token = made["invitation"]
    else:
        with open_team() as door:
            token, grant = Administering(door).invite(_here(), member, owners, [Right(right) for right in rights], days)
        made = grant_fields(grant)
    click.echo(token)
    about = "every owner" if made["owners"] is None else ", ".join(made["owners"])
    click.echo(
        f"Token {made['number']} of {member}: may {', '.join(made['rights'])} about {about} until "
        f"{local_time(made['expires_at'])}. Hand it over unseen; it is shown no second time.",
        err=True,
    )


@click.command()
@click.argument("member")
@click.option("--token", "number", metavar="NUMBER", help="Only the one that 'team members' lists under this number.")
@at_desk_or_folder
def revoke(*, member: str, number: str | None, path: Path | None, token_file: str | None) -> None:
    """Ends a member's tokens, at once."""
    from isthisme.errors import NotFound
    from isthisme.team.administering import Administering
    from isthisme.team_wiring import open_team

    if path is not None:
        with desk_of(path, token_file) as desk:
            ended = desk.ask("revoke", member=member, number=number)["numbers"]
    else:
        with open_team() as door:
            ended = [each.number for each in Administering(door).revoke(_here(), member, number)]
    if not ended:
        raise NotFound(f"{member!r} has no such token that holds; 'isthisme team members' lists them")
    console.print(f"Ended: {', '.join(ended)}.", highlight=False)


@click.command()
@at_desk_or_folder
@json_option
def members(*, path: Path | None, token_file: str | None, as_json: bool) -> None:
    """Lists tokens: whose they are, what they allow, until when."""
    from isthisme.team.administering import Administering
    from isthisme.team.handlers import grant_fields
    from isthisme.team_wiring import open_team

    if path is not None:
        with desk_of(path, token_file) as desk:
            found = list(desk.ask_for_all("members", "members"))
    else:
        with open_team() as door:
            found = [grant_fields(each) for each in Administering(door).members(_here())]
    table = Table("member", "token", "may", "about", "until", "invited by")
    for each in found:
        if as_json:
            click.echo(msgspec.json.encode(each).decode())
        about = "every owner" if each["owners"] is None else ", ".join(each["owners"])
        until = local_time(each["expires_at"])
        if each["revoked_at"] is not None:
            until = "revoked"
        elif each["expires_at"] <= time.time():
            until = "expired"
        table.add_row(each["member"], each["number"], ", ".join(each["rights"]), about, until, each["invited_by"])
    if not as_json:
        console.print(table)


@click.command()
@click.option(
    "--socket",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    help="In a folder (0750) of this account, whose group the members' accounts are in.",
)
@click.option(
    "--shelf", metavar="URL", help="Where 'isthisme ingest' put owners' photos; else they lie in their homes."
)
def serve(*, path: Path, shelf: str | None) -> None:
    """Answers the team's members on a Unix socket until it is told to stop. There is no port."""
    from isthisme.config import find_home
    from isthisme.errors import Busy
    from isthisme.team.meeting import is_found, listen
    from isthisme.team_wiring import open_team, serve_team
    from isthisme_host.connect import AlreadyRunningError, daemon_lock

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with open_team():
        pass  # says in words what is wrong, before anything large is loaded
    try:
        lock = daemon_lock(find_home())
    except AlreadyRunningError as error:
        raise Busy(str(error)) from error
    with lock, closing(listen(path)) as listener:
        click.echo(f"answering on {path}", err=True)
        made = path.stat()
        try:
            serve_team(listener, shelf, lambda: lock.is_in_place and is_found(path, made))
        finally:
            if is_found(path, made):
                path.unlink(missing_ok=True)
