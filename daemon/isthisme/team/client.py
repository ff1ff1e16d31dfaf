"""A member's side of the socket: one connection, its token, questions and answers."""

import json
import os
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRWPair
from pathlib import Path
from typing import Any

from isthisme.errors import DaemonUnreachable, IsThisMeError, UsageError
from isthisme.team.meeting import connect
from isthisme.team.messages import PROTOCOL
from isthisme_host.private_files import NotPrivateError, open_private

_SECONDS = 150.0  # longer than the daemon gives itself
_LENGTH = struct.Struct("=I")
_LONGEST_TOKEN = 200


class Refused(IsThisMeError):
    """What the daemon says instead of an answer; its code is the daemon's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.refusal = code


class TeamClient:
    def __init__(self, stream: BufferedRWPair, token: str) -> None:
        self._stream = stream
        self._token = token
        self._asked = 0

    def ask(self, kind: str, /, **fields: Any) -> dict[str, Any]:
        """The answer. Raises Refused, and DaemonUnreachable where none comes."""
        self._asked += 1
        body = json.dumps({"id": self._asked, "type": kind, "token": self._token, **fields}).encode()
        try:
            self._stream.write(_LENGTH.pack(len(body)) + body)
            self._stream.flush()
            (length,) = _LENGTH.unpack(self._stream.read(_LENGTH.size))
            answer: dict[str, Any] = json.loads(self._stream.read(length))
        except (OSError, struct.error, ValueError) as error:
            raise DaemonUnreachable(f"the team's daemon ended the connection: {error}; try again") from error
        if answer.get("type") == "error":
            raise Refused(str(answer.get("code")), str(answer.get("message")))
        return answer

    def ask_for_all(self, kind: str, name: str, /, after: int = 0, **fields: Any) -> Iterator[dict[str, Any]]:
        """The rows of a list without the first `after`, in as many answers as it takes. Raises what `ask` raises."""
        is_more = True
        while is_more:
            answer = self.ask(kind, after=after, **fields)
            yield from answer[name]
            after, is_more = after + len(answer[name]), answer.get("is_more", False)


@contextmanager
def team_client(path: Path, token: str) -> Iterator[TeamClient]:
    """Connected and greeted. Raises Refused, DaemonUnreachable and UsageError."""
    with connect(path) as connection:
        connection.settimeout(_SECONDS)
        with connection.makefile("rwb") as stream:
            client = TeamClient(stream, token)
            client.ask("hello", protocol=PROTOCOL)
            yield client


def read_token(place: str) -> str:
    """From a file of the user's alone, or from standard input ('-'). Raises UsageError."""
    token = (sys.stdin.readline(_LONGEST_TOKEN + 2) if place == "-" else _token_in(Path(place))).strip()
    if not token or len(token) > _LONGEST_TOKEN or not token.isascii() or not token.isprintable():
        raise UsageError(f"there is no token in {'standard input' if place == '-' else place}")
    return token


def _token_in(path: Path) -> str:
    try:
        with os.fdopen(open_private(path, os.O_RDONLY), "r", encoding="ascii") as stream:
            if stat.S_IMODE(os.fstat(stream.fileno()).st_mode) & 0o077:
                raise UsageError(f"others may read the token in {path}: chmod 600 it, and ask for another token")
            return stream.readline(_LONGEST_TOKEN + 2)
    except NotPrivateError as error:
        raise UsageError(f"{path} is no file of yours alone: {error.strerror}") from error
    except (OSError, ValueError) as error:
        raise UsageError(
            f"no token can be read from {path}: {error}; write the one that you were given into it, and chmod 600 it"
        ) from error
