"""Where the team's daemon is, and who asks it: what the commands of members share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from isthisme.team.client import TeamClient

_TOKEN_NAME = "team-token"  # noqa: S105 of a file


def at_desk[F: Callable[..., Any]](command: F) -> F:
    """Options for a command of a member's. The token itself is never on the command line, where others may read it."""
    return _socket(_token_file(command), is_required=True)


def at_desk_or_folder[F: Callable[..., Any]](command: F) -> F:
    """The same for a command that without a socket works in the team's own folder."""
    return _socket(_token_file(command), is_required=False)


@contextmanager
def desk_of(path: Path, token_file: str | None) -> Iterator["TeamClient"]:
    """Raises what reading the token and connecting raise."""
    from isthisme.config import find_home
    from isthisme.team.client import read_token, team_client

    with team_client(path, read_token(token_file or str(find_home() / _TOKEN_NAME))) as client:
        yield client


def _socket[F: Callable[..., Any]](command: F, *, is_required: bool) -> F:
    words = "Of the team's daemon; also ISTHISME_TEAM_SOCKET."
    return click.option(
        "--socket",
        "path",
        required=is_required,
        envvar="ISTHISME_TEAM_SOCKET" if is_required else None,
        type=click.Path(path_type=Path),
        help=words if is_required else "Of the team's daemon, for an administrator who has not got its folder.",
    )(command)


def _token_file[F: Callable[..., Any]](command: F) -> F:
    return click.option(
        "--token-file",
        "token_file",
        metavar="FILE",
        help=f"Holds your token, for you alone (0600); '-' is standard input. Else {_TOKEN_NAME} in your home folder.",
    )(command)
