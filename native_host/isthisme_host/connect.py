"""Where host and daemon meet: the home folder, the daemon's socket in it, and the lock that makes it the only one.

The daemon imports this file too, so that both sides agree. Only the user's own processes may take part: the folder is
the user's and closed to others (0700), the socket as well (0600), and each side checks the other's user id.
"""

import contextlib
import fcntl
import os
import socket
import stat
import struct
import sys
from collections.abc import Iterator, Mapping

SOCKET_NAME = "daemon.sock"
LOCK_NAME = "daemon.lock"
LOG_NAME = "daemon.log"

_MAX_ADDRESS_BYTES = 103  # sun_path holds 104 bytes on macOS and 108 on Linux, its last one zero
_WAITING_CONNECTIONS = 128


class MeetingError(Exception):
    """Base of what this file raises."""


class NothingAnswersError(MeetingError):
    """No daemon is there; start one."""


class HomeRefusedError(MeetingError):
    """The home folder is not one to keep private things in."""


class StrangerError(MeetingError):
    """The other end of the socket belongs to another user."""


class AlreadyRunningError(MeetingError):
    """Another daemon holds the lock."""


def home_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str:
    """The one folder that everything is kept in, absolute: ISTHISME_HOME, else the system's place for such data."""
    chosen = environment.get("ISTHISME_HOME", "").strip()
    if chosen:
        return os.path.abspath(os.path.expanduser(chosen))
    user_home = environment.get("HOME") or os.path.expanduser("~")
    if platform == "darwin":
        return os.path.join(user_home, "Library", "Application Support", "isthisme")
    data_home = environment.get("XDG_DATA_HOME", "").strip()
    if not os.path.isabs(data_home):  # the XDG specification: ignore relative ones
        data_home = os.path.join(user_home, ".local", "share")
    return os.path.join(data_home, "isthisme")


def prepare_home(home: str | os.PathLike[str]) -> None:
    """Makes the home folder where there is none. Raises HomeRefusedError where it cannot be, or is open to others."""
    try:
        os.makedirs(os.path.dirname(os.path.abspath(home)), exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkdir(home, 0o700)
        check_home(home)
    except OSError as error:
        raise HomeRefusedError(
            f"the folder {os.fspath(home)} cannot be made or read: {error.strerror}; "
            "make it yourself, or name another one in ISTHISME_HOME"
        ) from error


def check_home(home: str | os.PathLike[str]) -> None:
    """Raises HomeRefusedError unless the folder is this user's and closed to others, OSError when it is not there."""
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
            f"close it with: chmod 700 '{path}'"
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


def peer_uid(connection: socket.socket) -> int:
    """The user id of the process at the other end, as the kernel recorded it when the two connected."""
    if sys.platform == "linux":
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        _pid, uid, _gid = struct.unpack("3i", credentials)
    else:  # macOS and the BSDs: LOCAL_PEERCRED (1) at level SOL_LOCAL (0) gives a struct xucred: version, uid, groups
        credentials = connection.getsockopt(0, 1, 76)
        _version, uid = struct.unpack_from("2I", credentials)
    return int(uid)


class DaemonLock:
    """The right to be the one daemon of a home folder. Ends with `close`, or with the process however it dies.

    A process forked without exec keeps the lock alive with it: daemons start their workers with exec.
    """

    def __init__(self, home: str, descriptor: int) -> None:
        self.home = home
        self._descriptor = descriptor

    def close(self) -> None:
        """Removes the socket and gives the right back. May be called again."""
        if self._descriptor >= 0:
            with contextlib.suppress(OSError):  # it may be gone, and the right is given back in any case
                os.unlink(os.path.join(self.home, SOCKET_NAME))
            os.close(self._descriptor)
            self._descriptor = -1

    @property
    def is_held(self) -> bool:
        return self._descriptor >= 0

    def __enter__(self) -> "DaemonLock":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def daemon_lock(home: str | os.PathLike[str]) -> DaemonLock:
    """Takes the lock of the home folder, made where there is none. Raises AlreadyRunningError or HomeRefusedError.

    The file holds the daemon's process id for people to read. It is never removed: a lock on a removed file excludes
    nobody.
    """
    prepare_home(home)
    path = os.path.abspath(os.path.join(home, LOCK_NAME))
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise HomeRefusedError(
            f"the lock {path} cannot be opened: {error.strerror}; remove it and try again"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, b"%d\n" % os.getpid())
    except BlockingIOError as error:
        os.close(descriptor)
        raise AlreadyRunningError(f"another daemon holds {path}; use that one, or stop it first") from error
    except OSError:
        os.close(descriptor)
        raise
    return DaemonLock(os.path.dirname(path), descriptor)


def listen(lock: DaemonLock) -> socket.socket:
    """A listening socket in the home folder of a held lock. Check each accepted connection with `check_peer`.

    The socket gets its name once it is closed to others and listening, by a rename. So whatever stood there before (the
    socket of a daemon that was killed, a link somebody planted) is replaced and never followed, and who finds the
    socket can connect to it.
    """
    if not lock.is_held:
        raise ValueError("listen needs a held lock")
    check_home(lock.home)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(lock.home, f"{SOCKET_NAME}.new"))
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(lock.home, f"{SOCKET_NAME}.new") as address:
            listener.bind(address)
            os.chmod(address, 0o600)
            listener.listen(_WAITING_CONNECTIONS)
            os.replace(address, os.path.join(os.path.dirname(address), SOCKET_NAME))
    except OSError as error:
        listener.close()
        raise HomeRefusedError(
            f"no socket can be made in {lock.home}: {error.strerror}; name another folder in ISTHISME_HOME"
        ) from error
    return listener


@contextlib.contextmanager
def _address(home: str | os.PathLike[str], name: str) -> Iterator[str]:
    """The address of a socket in the home folder, which is entered for a moment where the address would be too long."""
    path = os.path.join(home, name)
    if len(os.fsencode(path)) <= _MAX_ADDRESS_BYTES:
        yield path
    else:
        with contextlib.chdir(home):
            yield name
