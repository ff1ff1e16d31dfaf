"""What a browser starts: a file in the home folder that runs the native host with this installation's Python.

Where there is a shell it is a small script. Windows starts a program best: a copy of the one that the installer made
for the host, which runs this Python too, and knows the home folder because it lies there.
"""

import os
import re
import shlex
import sys
from contextlib import suppress
from pathlib import Path

import isthisme_host
from isthisme.errors import UsageError
from isthisme.installation.surroundings import Surroundings
from isthisme.installation.whole_files import read_bytes, replace_file
from isthisme_host.connect import MeetingError, prepare_home

LAUNCHER_NAME = "native-host"
_HOST_PROGRAM = "isthisme-native-host.exe"  # as pyproject.toml names it
# With these in its environment a program loads code that it did not come with. The shell that reads this launcher, and
# the browser before it, have done so by then; the host, the daemon and the workers shall not.
_LOADS_CODE = (
    "LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT LD_PROFILE GCONV_PATH LOCPATH OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES "
    "DYLD_INSERT_LIBRARIES DYLD_LIBRARY_PATH DYLD_FRAMEWORK_PATH DYLD_FALLBACK_LIBRARY_PATH "
    "DYLD_FALLBACK_FRAMEWORK_PATH"
)
_STARTED_BY = re.compile(r"^exec (.+) -I -S -c ", re.MULTILINE)


def launcher_of(home: Path, platform: str = sys.platform) -> Path:
    return home / (f"{LAUNCHER_NAME}.exe" if platform == "win32" else LAUNCHER_NAME)


def launcher_text(home: Path, python: str = sys.executable) -> str:
    """The shell script that a browser starts: the host, with this installation's Python and home folder."""
    root = str(Path(isthisme_host.__file__).parents[1])
    program = f"import sys; sys.path.append({root!r}); from isthisme_host.__main__ import main; main()"
    return (
        "#!/bin/sh\n"
        "# Starts the companion for a browser. Written by: isthisme browsers install\n"
        f"unset {_LOADS_CODE}\n"
        f"export ISTHISME_HOME={shlex.quote(str(home))} ISTHISME_PYTHON={shlex.quote(python)}\n"
        f'exec {shlex.quote(python)} -I -S -c {shlex.quote(program)} "$@"\n'
    )


def write_launcher(home: Path, surroundings: Surroundings) -> None:
    """Raises UsageError where it cannot be."""
    try:
        prepare_home(home)
    except MeetingError as error:
        raise UsageError(str(error)) from error
    launcher = launcher_of(home, surroundings.platform)
    content = _content(home, surroundings)
    if content is None:
        raise UsageError(
            f"{_HOST_PROGRAM} is missing beside this program; install it again with uv or pipx, then run this again"
        )
    if read_bytes(launcher) == content and os.access(launcher, os.X_OK):
        return
    if surroundings.platform == "win32":
        _move_away(launcher)
    replace_file(launcher, content, mode=0o700)


def remove_launcher(home: Path, surroundings: Surroundings) -> None:
    launcher = launcher_of(home, surroundings.platform)
    launcher.unlink(missing_ok=True)
    _remove_moved(launcher)


def is_launcher_right(home: Path, surroundings: Surroundings) -> bool:
    launcher = launcher_of(home, surroundings.platform)
    content = _content(home, surroundings)
    return content is not None and read_bytes(launcher) == content and os.access(launcher, os.X_OK)


def trouble_with(launcher: Path) -> str | None:
    """What is wrong with a launcher that some installation wrote: that it, or the Python that it runs, is gone."""
    content = read_bytes(launcher)
    if content is None:
        return f"{launcher} is not there any more"
    named = _STARTED_BY.search(content.decode("utf-8", "surrogateescape"))
    if named is None:
        return None
    with suppress(ValueError):  # somebody wrote into it
        python = Path(shlex.split(named[1])[0])
        if not python.exists():
            return f"{python} is not there any more: the program was moved, or removed without 'isthisme uninstall'"
    return None


def _content(home: Path, surroundings: Surroundings) -> bytes | None:
    if surroundings.platform != "win32":
        return launcher_text(home).encode(errors="surrogateescape")
    return read_bytes(surroundings.scripts / _HOST_PROGRAM)


def _move_away(launcher: Path) -> None:
    """A program that a browser runs can be renamed on Windows, and not be replaced."""
    _remove_moved(launcher)
    if launcher.exists():
        launcher.rename(launcher.with_name(f"{launcher.name}.{os.getpid()}.old"))


def _remove_moved(launcher: Path) -> None:
    for moved in launcher.parent.glob(f"{launcher.name}.*.old"):
        with suppress(OSError):  # it runs still
            moved.unlink()
