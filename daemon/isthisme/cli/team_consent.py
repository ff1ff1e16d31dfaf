"""`isthisme team consent`, `consents` and `withdraw`: whether an owner's vectors may leave this computer."""

import sys
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import click
import msgspec
from rich.table import Table
from rich.text import Text

from isthisme.cli.output import console, json_option, local_time
from isthisme.errors import EnvironmentFault, TransientError, UsageError

if TYPE_CHECKING:
    from isthisme.config import Paths, Settings
    from isthisme.team.consent import Consent

server_option = click.option("--server", required=True, metavar="ADDRESS", help="Of the Milvus that is meant.")
owner_option = click.option("--owner", required=True, metavar="NAME", help="Whose photos these are.")


@click.command()
@server_option
@owner_option
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Of the words.")
def consent(*, server: str, owner: str, language: Literal["en", "zh"]) -> None:
    """Says what vectors can reveal, and asks whether yours may go to a server. Only typing the answer agrees."""
    from isthisme.config import find_home
    from isthisme.names import checked_name
    from isthisme.team.consent import grant, server_name
    from isthisme.team.consent_words import AGREEING, QUESTION, consent_words

    words = consent_words(language, server_name(server), checked_name(owner))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("consent is given by a person who reads the words on a terminal; run this command in one")
    click.echo(words)
    answer: str = click.prompt(QUESTION[language], default="", show_default=False)
    if answer.strip().lower() not in AGREEING.values():
        console.print("Nothing was agreed to, and nothing is sent.")
        raise click.exceptions.Exit(1)
    grant(find_home(), server, owner, language)
    console.print("Agreed. 'isthisme team withdraw' takes it back at any time.")


@click.command()
@json_option
def consents(*, as_json: bool) -> None:
    """Lists what was agreed to and taken back, the oldest first."""
    from isthisme.config import find_home
    from isthisme.team.consent import consents as read_consents

    found = read_consents(find_home())
    if as_json:
        for each in found:
            click.echo(msgspec.json.encode(each).decode())
        return
    if not found:
        console.print("Nothing was ever agreed to: no vectors leave this computer.")
        return
    table = Table("server", "owner", "agreed", "now")
    for each in found:
        table.add_row(Text(each.server), each.owner, local_time(each.at), _state(each))
    console.print(table)


@click.command()
@click.option("--server", metavar="ADDRESS", help="Of the Milvus that is meant; else the one in settings.toml.")
@click.option("--owner", metavar="NAME", help="Else the one in settings.toml.")
def withdraw(*, server: str | None, owner: str | None) -> None:
    """Takes a consent back: stops the sending at once, then deletes your vectors from the server.

    A batch that is on its way is waited for, so that it is deleted, too. Where the server cannot be reached the consent
    stays withdrawn, and the same command tries the deletion again.
    """
    from isthisme.config import EMBEDDED, Paths, find_home, read_settings
    from isthisme.team.consent import server_name
    from isthisme.team.consent import withdraw as take_back

    paths = Paths(find_home())
    settings = read_settings(paths.settings)
    server, owner = server or settings.index, owner or settings.index_owner
    if server == EMBEDDED or not owner:
        raise click.UsageError("name the server and the owner with --server and --owner; 'team consents' lists both")
    chosen = replace(settings, index=f"milvus+{server_name(server)}", index_owner=owner)
    try:
        take_back(paths.home, server, owner, lambda: _delete_vectors(paths, chosen))
    except (TransientError, EnvironmentFault) as error:
        raise type(error)(
            f"withdrawn: nothing more is sent. But {server_name(server)} may still have vectors of {owner!r}, since "
            f"{error}. The same command once more has them deleted"
        ) from error
    console.print("Withdrawn: nothing more is sent, and the server says that it has no vectors of yours any more.")
    console.print("Copies that somebody made before, backups included, are out of reach.")


def _delete_vectors(paths: "Paths", settings: "Settings") -> None:
    from isthisme.index_choice import HomeIndex
    from isthisme.scale_extra import scale_extra
    from isthisme.wiring import open_home

    with (
        scale_extra(),
        open_home() as home,
        closing(HomeIndex(paths, settings, home.catalog, home.index_files)) as index,
    ):
        from isthisme.team.withdrawing import delete_vectors

        if index.server is not None:
            delete_vectors(paths.home, index.server.photos, home.catalog, index.server.owner)


def _state(given: "Consent") -> str:
    if given.holds:
        return "holds"
    if given.withdrawn_at is None:
        return "the words have changed since: nothing is sent"
    return "withdrawn; the server may still have vectors" if given.is_being_withdrawn else "withdrawn"
