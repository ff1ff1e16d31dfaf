"""The meeting place on Windows: a named pipe, whose name stands in the home folder. Never tried on a real machine.

Any user may make a pipe of a name that is free. So each daemon chooses a name that nobody can guess, and makes the pipe
for its own user alone. One of that name that belongs to somebody else, as can be made when the daemon was killed, is
not spoken to. (Python has no Unix sockets on Windows.)
"""

import contextlib
import os
import re
import secrets
import time

from isthisme_host.pipes import PipeConnection, PipeListener
from isthisme_host.private_files import make_folders, make_private, open_private
from isthisme_host.refusals import HomeRefusedError, NothingAnswersError
from isthisme_host.windows_calls import WindowsCalls, windows

NAME_FILE = "daemon.pipe"

_FREE_PIPE_TRIES = 5
_FREE_PIPE_MILLISECONDS = 200
_REPLACE_TRIES = 20
_REPLACE_SECONDS = 0.01
_ALL_TAKEN = 231  # ERROR_PIPE_BUSY: between one client and the next
_NAME = re.compile(rb"isthisme-[0-9a-f]{32}")


def prepare_home(home: str | os.PathLike[str]) -> None:
    """Makes the home folder where there is none: its user's, and open to administrators. Raises HomeRefusedError."""
    path = os.path.abspath(home)
    try:
        make_folders(path)
        check_home(path)
    except OSError as error:
        raise HomeRefusedError(
            f"the folder {path} cannot be made or read: {error.strerror}; "
            "make it yourself, or name another one in ISTHISME_HOME"
        ) from error


def check_home(home: str | os.PathLike[str]) -> None:
    """Raises HomeRefusedError unless it is a folder; OSError when it is not there. Who may read it is for its access
    list to say, which is not looked at."""
    os.stat(home)
    if not os.path.isdir(home):
        raise HomeRefusedError(f"{os.fspath(home)} is not a folder; remove it, or name another in ISTHISME_HOME")


def connect(home: str | os.PathLike[str], calls: WindowsCalls | None = None) -> PipeConnection:
    """A connection to the running daemon. Raises NothingAnswersError or HomeRefusedError."""
    try:
        check_home(home)
        path = _path(_read_name(home))
        calls = calls or windows()
        handle = _opened(path, calls)
    except OSError as error:
        raise NothingAnswersError(
            f"no daemon answers where {os.path.join(home, NAME_FILE)} says ({error.strerror}); "
            "start it with: isthisme daemon"
        ) from error
    try:
        owner, user = calls.owner_of(handle), calls.own_user()
        if owner != user:
            # Who took the name of a daemon that is gone must not keep the next one from starting, with another name.
            raise NothingAnswersError(
                f"the pipe belongs to {owner} and this program runs as {user}; nobody speaks to it"
            )
    except OSError as error:
        calls.winapi.CloseHandle(handle)
        raise NothingAnswersError(f"nobody can tell whose the pipe is ({error.strerror})") from error
    except NothingAnswersError:
        calls.winapi.CloseHandle(handle)
        raise
    return PipeConnection(calls, handle)


def listen_in(home: str | os.PathLike[str], calls: WindowsCalls | None = None) -> PipeListener:
    """Listens on a pipe, and then writes its name into the home folder. Raises HomeRefusedError."""
    calls = calls or windows()
    name = b"isthisme-%s" % secrets.token_hex(16).encode()
    try:
        listener = PipeListener(calls, _path(name), calls.own_user())
    except OSError as error:
        raise HomeRefusedError(f"no pipe can be made: {error.strerror}; start the daemon again") from error
    try:
        _write_name(home, name)
    except OSError as error:
        listener.close()
        raise HomeRefusedError(
            f"{NAME_FILE} cannot be written in {os.fspath(home)}: {error.strerror}; "
            "name another folder in ISTHISME_HOME"
        ) from error
    return listener


def leave(home: str | os.PathLike[str]) -> None:
    """Takes the name out of the home folder. Raises OSError."""
    os.unlink(os.path.join(home, NAME_FILE))


def _opened(path: str, calls: WindowsCalls) -> int:
    for _ in range(_FREE_PIPE_TRIES):
        try:
            return calls.open_pipe(path)
        except OSError as error:
            if getattr(error, "winerror", None) != _ALL_TAKEN:
                raise
        calls.winapi.WaitNamedPipe(path, _FREE_PIPE_MILLISECONDS)
    raise TimeoutError(0, "it has no time")


def _path(name: bytes) -> str:
    return rf"\\.\pipe\{name.decode()}"


def _read_name(home: str | os.PathLike[str]) -> bytes:
    """Raises OSError, also where no name of ours is there: such as one on another computer."""
    with os.fdopen(open_private(os.path.join(home, NAME_FILE), os.O_RDONLY), "rb") as file:
        name = file.read(100)
    if not _NAME.fullmatch(name):
        raise OSError(0, "it names no pipe of ours")
    return name


def _write_name(home: str | os.PathLike[str], name: bytes) -> None:
    path = os.path.join(home, NAME_FILE)
    with os.fdopen(make_private(f"{path}.new"), "wb") as file:
        file.write(name)
    for _ in range(_REPLACE_TRIES):
        with contextlib.suppress(PermissionError):  # a host is reading the last one
            os.replace(f"{path}.new", path)
            return
        time.sleep(_REPLACE_SECONDS)
    os.replace(f"{path}.new", path)
