"""Finding the daemon, and starting it where none answers."""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Mapping

from isthisme_host.connect import LOG_NAME, Connection, HomeRefusedError, NothingAnswersError, connect, prepare_home
from isthisme_host.ownership import MODES_TELL
from isthisme_host.private_files import open_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess

_PAUSE_SECONDS = 0.025
_START_AGAIN_SECONDS = 0.5  # the first time, then twice as long each time
_LONGEST_START_AGAIN_SECONDS = 2.0
_LARGEST_LOG_BYTES = 2**20
_MOST_WORDS_BYTES = 600

_KEPT_VARIABLES = frozenset(
    {
        *("HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER"),
        # The screen, for the desktop's own window to choose a folder in.
        *("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY"),
        # Windows, where no program runs without some of them.
        *("APPDATA", "LOCALAPPDATA", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP", "USERNAME", "USERPROFILE", "WINDIR"),
    }
)
_KEPT_PREFIXES = ("ISTHISME_", "LC_", "XDG_")


class DaemonUnreachableError(Exception):
    """No daemon answers and none could be started. `cause` is the code of the daemon's own error, where it said one."""

    def __init__(self, words: str, cause: str | None = None) -> None:
        super().__init__(words)
        self.cause = cause


def find_daemon(
    home: str,
    environment: Mapping[str, str],
    *,
    announce: Callable[[], None],
    wait: Callable[[float], None],
    patience_seconds: float = 20.0,
) -> Connection:
    """A connection to the daemon, started where none answers. Raises DaemonUnreachableError when that fails.

    `announce` is called once before a start; `wait` passes up to the given seconds and may raise to give up. Of hosts
    that race, each starts a daemon; the daemons' lock leaves one, and the others end with 0.
    """
    try:
        return connect(home)
    except NothingAnswersError:
        announce()
    give_up = time.monotonic() + patience_seconds
    said_before = _log_bytes(home)
    process = start_daemon(home, environment)
    started, patience = time.monotonic(), _START_AGAIN_SECONDS
    while time.monotonic() < give_up:
        wait(_PAUSE_SECONDS)
        exit_code = process.poll()
        try:
            return connect(home)
        except NothingAnswersError as error:
            if exit_code is None:
                continue
            if exit_code != 0:
                said, cause = _last_words(home, said_before)
                words = f"the daemon ended at once with exit code {exit_code}{said}; its log: {_log(home)}"
                raise DaemonUnreachableError(words, cause) from error
        # Ours yielded to another one, which does not answer yet or is about to end: then somebody must follow it. But
        # on a busy machine that takes a while, and would take longer with a start every moment.
        if time.monotonic() - started > patience:
            process = start_daemon(home, environment)
            started, patience = time.monotonic(), min(patience * 2, _LONGEST_START_AGAIN_SECONDS)
    raise DaemonUnreachableError(
        f"the daemon did not answer within {patience_seconds:g} seconds; its log may say why: {_log(home)}"
    )


def start_daemon(home: str, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Starts a daemon that has nothing of this process: no file, no session, no variable that could change its code."""
    prepare_home(home)
    command = [environment.get("ISTHISME_PYTHON") or sys.executable, "-I", "-m", "isthisme", "daemon"]
    try:
        log = _open_log(home)
    except OSError as error:
        raise HomeRefusedError(f"the log {_log(home)} cannot be written: {error.strerror}; remove it") from error
    try:
        return _start_apart(command, clean_environment(environment, home), log)
    except OSError as error:
        words = f"{command[0]} cannot be started: {error.strerror}; install the companion program again"
        raise DaemonUnreachableError(words) from error
    finally:
        os.close(log)


def _start_apart(command: list[str], environment: dict[str, str], log: int) -> "subprocess.Popen[bytes]":
    import subprocess  # costs 15 ms, needed by few hosts

    def start(windows_flags: int = 0) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 - the command is ours, and no shell reads it
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=environment,
            start_new_session=True,
            umask=0o077,
            creationflags=windows_flags,
        )

    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        try:
            # Browsers end a host with all that it started (a job), save for what asks to be left out.
            return start(flags | subprocess.CREATE_BREAKAWAY_FROM_JOB)
        except PermissionError:  # which a job may refuse: then the next host starts the daemon anew
            return start(flags)
    return start()


def clean_environment(environment: Mapping[str, str], home: str) -> dict[str, str]:
    """What the daemon needs to know of its surroundings; nothing that makes it load other code or use a proxy."""
    kept = {
        name: value for name, value in environment.items() if name in _KEPT_VARIABLES or name.startswith(_KEPT_PREFIXES)
    }
    if MODES_TELL:
        if "PATH" in kept:
            kept["PATH"] = _closed_folders(kept["PATH"]) or os.defpath
        if "TMPDIR" in kept and not _keeps_files(kept["TMPDIR"]):
            del kept["TMPDIR"]
    return {**kept, "ISTHISME_HOME": home}


def _closed_folders(path: str) -> str:
    """Of the folders that programs are looked for in, those that nobody else can put a program into."""
    from isthisme_host.way_home import is_closed

    return os.pathsep.join(folder for folder in path.split(os.pathsep) if os.path.isabs(folder) and is_closed(folder))


def _keeps_files(folder: str) -> bool:
    """Whether nobody else can take away or replace what is put into the folder: it is closed, or sticky as /tmp is."""
    from isthisme_host.way_home import weaknesses

    try:
        return os.path.isabs(folder) and not any(weaknesses(os.path.join(folder, "anything")))
    except OSError:
        return False


def _log(home: str) -> str:
    return os.path.join(home, LOG_NAME)


def _last_words(home: str, said_before: int) -> tuple[str, str | None]:
    """What the daemon said last, which is why it ended, and often the way out; and the code of that error, if it has
    one. What was in the log before, in bytes, is of an earlier daemon."""
    try:
        with os.fdopen(open_private(_log(home), os.O_RDONLY), "rb") as log:
            size = os.fstat(log.fileno()).st_size
            # A log that shrank is a new one.
            log.seek(max(said_before if said_before <= size else 0, size - _MOST_WORDS_BYTES))
            lines = log.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return "", None
    if not lines:
        return "", None
    last = lines[-1].strip()
    words = last.removeprefix("isthisme [")
    code, closing, _ = words.partition("]: ")
    return f" ({last})", code if closing and words != last and code.isidentifier() else None


def _log_bytes(home: str) -> int:
    try:
        return os.lstat(_log(home)).st_size
    except OSError:
        return 0


def _open_log(home: str) -> int:
    path = _log(home)
    if _log_bytes(home) > _LARGEST_LOG_BYTES:
        with contextlib.suppress(PermissionError):  # Windows renames nothing that somebody has open
            os.replace(path, f"{path}.old")
    return open_private(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
