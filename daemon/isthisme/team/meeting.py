"""Where a team's daemon and its members meet: a Unix socket in a folder of the administrator's choice. Never a port.

The folder is the daemon's own and closed to all but one group (0750), the socket open to that group (0660). Being in
the group lets nobody in: that takes a token.
"""

import contextlib
import os
import socket
import stat
import sys
from pathlib import Path

from isthisme.errors import Busy, DaemonUnreachable, UsageError

if sys.platform != "win32":  # where `_check_name` refuses
    from isthisme_host.meeting_posix import peer_uid
    from isthisme_host.way_home import weaknesses

_LONGEST_PATH = 103  # bytes: what the address of a Unix socket holds everywhere
_WAITING_CONNECTIONS = 128


def listen(path: Path) -> socket.socket:
    """Raises UsageError for a folder that is open to others, and Busy where a daemon answers there already."""
    folder = path.absolute().parent
    _check_name(path)
    try:
        found = folder.stat()
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o027:
            raise UsageError(
                f"the folder {folder} has to be this account's own, and closed to all but one group: "
                f"chown it to user id {os.geteuid()}, and chmod 0750 it"
            )
        _check_way(folder)
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as there:
            there.connect(os.fspath(path))
            raise Busy(f"another daemon answers on {path}; stop it first")
        return _listen(path, found.st_gid)
    except OSError as error:
        raise UsageError(
            f"no socket can be made at {path}: {error.strerror or error}; the account of the daemon has to be in the "
            "group of that folder"
        ) from error


def is_found(path: Path, made: os.stat_result) -> bool:
    """Whether members still find there the socket that was made. A disk that gives no answer is no sign that not."""
    try:
        return os.path.samestat(path.stat(), made)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def connect(path: Path) -> socket.socket:
    """Raises UsageError where somebody else might stand in the daemon's place, and DaemonUnreachable."""
    folder = path.absolute().parent
    _check_name(path)
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        found = folder.stat()
        if stat.S_IMODE(found.st_mode) & 0o022:
            raise UsageError(f"others may put a socket of their own into {folder}; your token is not sent there")
        client.connect(os.fspath(path))
        if found.st_uid not in {0, os.geteuid(), peer_uid(client)}:
            raise UsageError(f"{folder} belongs to somebody who is not the daemon; your token is not sent there")
        _check_way(folder)
    except OSError as error:
        client.close()
        raise DaemonUnreachable(
            f"no team's daemon answers on {path}: {error.strerror or error}; it is started with 'isthisme team serve'"
        ) from error
    except UsageError:
        client.close()
        raise
    return client


def _listen(path: Path, group: int) -> socket.socket:
    """The socket gets its name by a rename, once it is as it has to be."""
    new = path.with_name(f".{os.getpid()}.sock")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        new.unlink(missing_ok=True)
        listener.bind(os.fspath(new))
        new.chmod(0o600)
        os.chown(new, -1, group)
        new.chmod(0o660)
        listener.listen(_WAITING_CONNECTIONS)
        new.replace(path)
    except OSError:
        listener.close()
        new.unlink(missing_ok=True)
        raise
    return listener


def _check_name(path: Path) -> None:
    if not hasattr(socket, "AF_UNIX"):
        raise UsageError("a team's daemon runs on Linux and macOS, and is reached from there")
    if len(os.fsencode(path.absolute())) > _LONGEST_PATH:
        raise UsageError(f"{path} is too long for a socket: at most {_LONGEST_PATH} bytes")


def _check_way(folder: Path) -> None:
    """Raises UsageError where somebody could put another folder in its place."""
    for weakness in weaknesses(folder):
        raise UsageError(f"somebody could put another folder in the place of {folder}: {weakness}")
