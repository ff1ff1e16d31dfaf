"""The meeting place on Linux, macOS and the BSDs: a Unix socket in the home folder.

The folder is closed to others (0700), the socket as well (0600), and the system tells each side whose process the other
is.
"""

import contextlib
import errno
import os
import socket
import stat
import struct
import sys
from collections.abc import Iterator

from isthisme_host.private_files import make_folders
from isthisme_host.refusals import HomeRefusedError, MeetingError, NothingAnswersError, StrangerError
from isthisme_host.way_home import weaknesses

if sys.platform == "win32":
    raise ImportError("not for Windows: meeting_windows is")

SOCKET_NAME = "daemon.sock"

_MAX_ADDRESS_BYTES = 103  # sun_path holds 104 bytes on macOS and 108 on Linux, its last one zero
_WAITING_CONNECTIONS = 128
_XUCRED_BYTES = 76  # macOS and the BSDs: version, user id, and up to 16 groups


def prepare_home(home: str | os.PathLike[str]) -> None:
    """Makes the home folder where there is none. Raises HomeRefusedError where it cannot be, or is open to others."""
    path = os.path.abspath(home)
    is_new = False
    try:
        make_folders(os.path.dirname(path))
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
            is_new = True
        if is_new and os.lstat(path).st_mode & 0o077:
            os.rmdir(path)
            raise HomeRefusedError(
                f"the disk that {path} would lie on keeps no permissions, so that others could read everything in it; "
                "name a folder on this computer's own disk in ISTHISME_HOME"
            )
        check_home(path)
    except OSError as error:
        raise HomeRefusedError(
            f"the folder {path} cannot be made or read: {error.strerror}; "
            "make it yourself, or name another one in ISTHISME_HOME"
        ) from error


def check_home(home: str | os.PathLike[str]) -> None:
    """Raises HomeRefusedError unless the folder is this user's, closed to others, and nobody else could put another in
    its place; OSError when it is not there."""
    found = os.stat(home)
    path = os.fspath(home)
    if not stat.S_ISDIR(found.st_mode):
        raise HomeRefusedError(f"{path} is not a folder; remove it, or name another folder in ISTHISME_HOME")
    if found.st_uid != os.geteuid():
        raise HomeRefusedError(
            f"the folder {path} belongs to user id {found.st_uid} and this program runs as {os.geteuid()}; "
            "run it as the folder's owner, or name another folder in ISTHISME_HOME"
        )
    if found.st_mode & 0o077:
        raise HomeRefusedError(
            f"the folder {path} is open to other users (mode {stat.S_IMODE(found.st_mode):04o}, must be 0700); "
            f"close it with: chmod 700 '{path}'; where that changes nothing, its disk keeps no permissions: move the "
            "folder to one that does, and name it in ISTHISME_HOME"
        )
    for weakness in weaknesses(path):
        way_out = f"close it with: chmod go-w '{weakness.path}', or name" if weakness.may_be_closed else "name"
        raise HomeRefusedError(
            f"another user could put something else in the place of {path}: {weakness}; {way_out} another folder in "
            "ISTHISME_HOME"
        )


def connect(home: str | os.PathLike[str]) -> socket.socket:
    """A blocking socket to the running daemon. Raises NothingAnswersError, HomeRefusedError or StrangerError."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        check_home(home)
        client.settimeout(0)  # a daemon that accepts nobody must not hold us for ever
        with _address(home, SOCKET_NAME) as address:
            client.connect(address)
        check_peer(client)
        client.settimeout(None)
    except OSError as error:
        client.close()
        raise NothingAnswersError(
            f"no daemon answers on {os.path.join(home, SOCKET_NAME)} ({error.strerror}); start it with: isthisme daemon"
        ) from error
    except MeetingError:
        client.close()
        raise
    return client


def check_peer(connection: socket.socket) -> None:
    """Raises StrangerError unless the process at the other end runs as the same user as this one."""
    uid = peer_uid(connection)
    if uid != os.geteuid():
        raise StrangerError(
            f"the other end of the socket runs as user id {uid} and this program as {os.geteuid()}; "
            "run browser and daemon as one user"
        )


def peer_uid(connection: socket.socket, platform: str = sys.platform) -> int:
    """The user id of the process at the other end, as the kernel recorded it when the two connected. Raises OSError."""
    if platform == "linux":
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        _pid, uid, _gid = struct.unpack("3i", credentials)
    else:  # macOS and FreeBSD: LOCAL_PEERCRED (1) at level SOL_LOCAL (0) gives a struct xucred
        credentials = connection.getsockopt(0, 1, _XUCRED_BYTES)
        version, uid = struct.unpack_from("=2I", credentials)
        if version != 0:
            raise OSError(errno.ENOTSUP, "the system tells of the other end in a way that is not known here")
    return int(uid)


def listen_in(home: str | os.PathLike[str]) -> socket.socket:
    """A listening socket in the home folder. Raises HomeRefusedError.

    The socket gets its name once it is closed to others and listening, by a rename. So whatever stood there before (the
    socket of a daemon that was killed, a link somebody planted) is replaced and never followed, and who finds the
    socket can connect to it.
    """
    check_home(home)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(home, f"{SOCKET_NAME}.new") as address:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(address)
            listener.bind(address)
            os.chmod(address, 0o600)
            listener.listen(_WAITING_CONNECTIONS)
            os.replace(address, os.path.join(os.path.dirname(address), SOCKET_NAME))
    except OSError as error:
        listener.close()
        raise HomeRefusedError(
            f"no socket can be made in {os.fspath(home)}: {error.strerror}; name another folder in ISTHISME_HOME"
        ) from error
    return listener


def leave(home: str | os.PathLike[str]) -> None:
    """Takes the socket out of the home folder. Raises OSError."""
    os.unlink(os.path.join(home, SOCKET_NAME))


@contextlib.contextmanager
def _address(home: str | os.PathLike[str], name: str) -> Iterator[str]:
    """The address of a socket in the home folder, which is entered for a moment where the address would be too long."""
    path = os.path.join(home, name)
    if len(os.fsencode(path)) <= _MAX_ADDRESS_BYTES:
        yield path
    else:
        with contextlib.chdir(home):
            yield name
