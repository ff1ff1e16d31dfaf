"""Where host and daemon meet: the home folder, a place of its own for each, and the lock that makes one daemon.

The daemon imports this file too, so that both sides agree. Only the user's own processes may take part: the folder is
closed to others, and each side asks the system whose process the other is. How, is in `meeting_posix` and
`meeting_windows`.
"""

import contextlib
import os
import sys
from collections.abc import Mapping

from isthisme_host.private_files import lock as hold
from isthisme_host.private_files import open_private
from isthisme_host.refusals import (
    AlreadyRunningError,
    HomeRefusedError,
    MeetingError,
    NothingAnswersError,
    StrangerError,
)

if sys.platform == "win32":
    from isthisme_host.meeting_windows import check_home, connect, leave, listen_in, prepare_home
    from isthisme_host.pipes import PipeConnection as Connection
    from isthisme_host.pipes import PipeListener as Listener
else:
    from socket import socket as Connection  # noqa: N812 what it is here
    from socket import socket as Listener  # noqa: N812

    from isthisme_host.meeting_posix import check_home, connect, leave, listen_in, prepare_home

__all__ = [
    "LOCK_NAME",
    "LOG_NAME",
    "AlreadyRunningError",
    "Connection",
    "DaemonLock",
    "HomeRefusedError",
    "Listener",
    "MeetingError",
    "NothingAnswersError",
    "StrangerError",
    "check_home",
    "connect",
    "daemon_lock",
    "home_folder",
    "listen",
    "prepare_home",
]

LOCK_NAME = "daemon.lock"
LOG_NAME = "daemon.log"


def home_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str:
    """The one folder that everything is kept in, absolute: ISTHISME_HOME, else the system's place for such data."""
    chosen = environment.get("ISTHISME_HOME", "").strip()
    if chosen:
        return os.path.abspath(os.path.expanduser(chosen))
    if platform == "win32":
        local = environment.get("LOCALAPPDATA", "").strip()
        return os.path.join(local or os.path.expanduser(os.path.join("~", "AppData", "Local")), "isthisme")
    user_home = environment.get("HOME") or os.path.expanduser("~")
    if platform == "darwin":
        return os.path.join(user_home, "Library", "Application Support", "isthisme")
    data_home = environment.get("XDG_DATA_HOME", "").strip()
    if not os.path.isabs(data_home):  # the XDG specification: ignore relative ones
        data_home = os.path.join(user_home, ".local", "share")
    return os.path.join(data_home, "isthisme")


class DaemonLock:
    """The right to be the one daemon of a home folder. Ends with `close`, or with the process however it dies.

    A process forked without exec keeps the lock alive with it: daemons start their workers with exec.
    """

    def __init__(self, home: str, descriptor: int) -> None:
        self.home = home
        self._descriptor = descriptor

    def close(self) -> None:
        """Clears the meeting place and gives the right back. May be called again."""
        if self._descriptor >= 0:
            if self.is_in_place:  # else another daemon may meet its clients there by now
                with contextlib.suppress(OSError):  # it may be gone, and the right is given back in any case
                    leave(self.home)
            os.close(self._descriptor)
            self._descriptor = -1

    @property
    def is_in_place(self) -> bool:
        """Whether the next daemon would find this very lock: one on a file that was removed excludes nobody.

        A disk that gives no answer is no sign that it was removed.
        """
        if sys.platform == "win32":  # what is open cannot be removed there
            return self.is_held
        try:
            found = os.stat(os.path.join(self.home, LOCK_NAME))
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True
        return self.is_held and os.path.samestat(os.fstat(self._descriptor), found)

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
        descriptor = open_private(path, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise HomeRefusedError(
            f"the lock {path} cannot be opened: {error.strerror}; remove it and try again"
        ) from error
    try:
        hold(descriptor, wait=False)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, b"%d\n" % os.getpid())
    except BlockingIOError as error:
        os.close(descriptor)
        raise AlreadyRunningError(f"another daemon holds {path}; use that one, or stop it first") from error
    except OSError:
        os.close(descriptor)
        raise
    return DaemonLock(os.path.dirname(path), descriptor)


def listen(lock: DaemonLock) -> Listener:
    """Where clients come in, at the home folder of a held lock. Of a socket check each accepted connection with
    `meeting_posix.check_peer`; a pipe has done so itself."""
    if not lock.is_held:
        raise ValueError("listen needs a held lock")
    return listen_in(lock.home)
