"""Run by `test_without_posix.py`: our modules where the system lacks what Windows lacks. Silent where all goes well.

First everything is imported as it is, so that other packages and Python's own modules are there; they know Windows
themselves. Then the system is made poorer, and ours are imported anew. What a real Windows does otherwise (paths with
backslashes, files that cannot be removed while they are open, pipes) is not shown by this.
"""

import asyncio
import importlib
import os
import pkgutil
import select
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

LACKING_MODULES = ("fcntl", "grp", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty")
LACKING: tuple[tuple[Any, str], ...] = (
    (os, "O_CLOEXEC O_DIRECTORY O_NOCTTY O_NOFOLLOW O_NONBLOCK chown fchmod fchown fork getegid geteuid getgid"),
    (os, "getgroups getpgid getsid getuid initgroups killpg lchown mkfifo nice pipe2 sched_getaffinity setgid setsid"),
    (os, "setuid statvfs sysconf uname waitid"),
    (signal, "SIGALRM SIGCHLD SIGHUP SIGKILL SIGPIPE SIGSTOP SIGSYS SIGUSR1 SIGXCPU pthread_sigmask"),
    (socket, "AF_UNIX SO_PEERCRED"),
    (select, "epoll poll"),
    (time, "clock_gettime"),
    (asyncio, "open_unix_connection start_unix_server"),
)
FLAGS = {
    "CREATE_BREAKAWAY_FROM_JOB": 0x1000000,
    "CREATE_NEW_PROCESS_GROUP": 0x200,
    "CREATE_NO_WINDOW": 0x8000000,
    "BELOW_NORMAL_PRIORITY_CLASS": 0x4000,
}
# What stands in for another module there. Nothing else may refuse to be imported.
NOT_FOR_WINDOWS = {
    "isthisme.server.socket_door",
    "isthisme.workers.polled_pipes",
    "isthisme_host.meeting_posix",
    "isthisme_host.pump",
    "isthisme_host.way_home",
}
OF_OTHER_PYTHONS = "isthisme.evaluation.foreign."  # for interpreters with packages that this one need not have


def names() -> list[str]:
    found = []
    for package in ("isthisme", "isthisme_host"):
        path = importlib.import_module(package).__path__
        found += [package, *(each.name for each in pkgutil.walk_packages(path, f"{package}."))]
    return [name for name in found if not name.startswith(OF_OTHER_PYTHONS)]


def make_poorer(calls: list[tuple[Any, ...]]) -> None:
    for name in LACKING_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    for owner, words in LACKING:
        for word in words.split():
            if hasattr(owner, word):
                delattr(owner, word)
    msvcrt = ModuleType("msvcrt")
    msvcrt.LK_LOCK, msvcrt.LK_NBLCK = 1, 2  # type: ignore[attr-defined]
    msvcrt.locking = lambda *what: calls.append(what)  # type: ignore[attr-defined]
    sys.modules |= {"msvcrt": msvcrt, "winreg": ModuleType("winreg")}
    for name, value in FLAGS.items():
        setattr(subprocess, name, value)
    signal.SIGBREAK = signal.SIGUSR2  # type: ignore[attr-defined]
    sys.platform = "win32"


def use_a_home(home: Path, calls: list[tuple[Any, ...]]) -> None:
    from isthisme import doctor, repair
    from isthisme.cli.running_daemon import is_running, tell_daemon
    from isthisme.config import Paths, find_home
    from isthisme.workers import limits
    from isthisme_host.connect import daemon_lock, home_folder
    from isthisme_host.home_contents import close_to_others

    assert home_folder({"LOCALAPPDATA": "/x"}) == "/x/isthisme"
    os.environ["ISTHISME_HOME"] = str(home)
    assert find_home() == home
    (home / "settings.toml").write_text("workers = 1\n")
    home.chmod(0o755)  # a mode tells nothing there
    assert close_to_others(home) == []
    assert list(repair.home_repairs(home)) == []
    with daemon_lock(home):
        assert [what[1:] for what in calls] == [(2, 1)]  # without waiting, one byte
        assert list(repair.file_repairs(Paths(home))) == []
    assert not is_running(home)
    assert tell_daemon(home, "status") is None
    assert [finding.about for finding in doctor._system(sys.platform)] == ["Windows"]
    assert limits.in_force() == ()
    assert limits.windows_flags(5) == FLAGS["CREATE_NO_WINDOW"] | FLAGS["BELOW_NORMAL_PRIORITY_CLASS"]
    assert stat.S_IMODE((home / "settings.toml").stat().st_mode) & 0o044  # as it was


def start_a_daemon(home: Path) -> None:
    """A job that lets nothing out: the daemon is started inside it."""
    from isthisme_host.start import start_daemon

    flags = []

    class Popen:
        def __init__(self, _command: list[str], *, creationflags: int, env: dict[str, str], **_: Any) -> None:
            flags.append(creationflags)
            assert env["SYSTEMROOT"] == "C:\\Windows"
            assert "PYTHONPATH" not in env
            if creationflags & FLAGS["CREATE_BREAKAWAY_FROM_JOB"]:
                raise PermissionError(13, "Access is denied")

    subprocess.Popen = Popen  # type: ignore[assignment,misc]
    start_daemon(str(home), {"SYSTEMROOT": "C:\\Windows", "PYTHONPATH": "C:\\planted", "PATH": "C:\\Windows"})
    inside = FLAGS["CREATE_NO_WINDOW"] | FLAGS["CREATE_NEW_PROCESS_GROUP"]
    assert flags == [inside | FLAGS["CREATE_BREAKAWAY_FROM_JOB"], inside]


def hand_over_to_a_new_program() -> None:
    """No process becomes another there: the new one is started."""
    from isthisme.cli.daemon import _go_on_as_the_new_program

    started = []
    subprocess.Popen = lambda command, **_: started.append(command)  # type: ignore[assignment,misc]
    _go_on_as_the_new_program(["C:\\A folder\\python.exe", "-m", "isthisme", "daemon"])
    assert started == [["C:\\A folder\\python.exe", "-m", "isthisme", "daemon"]]


async def stop_at_a_word() -> None:
    """Ctrl-C and Ctrl-Break."""
    from isthisme.server.stopping import when_told_to_stop

    for number in (signal.SIGINT, signal.SIGBREAK):
        stopped = asyncio.Event()
        when_told_to_stop(stopped.set)
        signal.raise_signal(number)
        await asyncio.wait_for(stopped.wait(), 60)


def main() -> None:
    home = Path(sys.argv[1])
    ours = names()
    for name in ours:
        importlib.import_module(name)
    for name in [name for name in sys.modules if name.partition(".")[0] in ("isthisme", "isthisme_host")]:
        del sys.modules[name]
    loop = asyncio.new_event_loop()
    calls: list[tuple[Any, ...]] = []
    make_poorer(calls)
    refused = set()
    for name in ours:
        try:
            importlib.import_module(name)
        except ImportError as error:
            if "not for Windows" not in str(error):
                raise
            refused.add(name)
    assert refused == NOT_FOR_WINDOWS, refused ^ NOT_FOR_WINDOWS
    assert "_winapi" not in sys.modules
    use_a_home(home, calls)
    start_a_daemon(home)
    hand_over_to_a_new_program()
    loop.run_until_complete(stop_at_a_word())
    loop.close()


if __name__ == "__main__":
    main()
