"""Whether the companion starts at login. It starts with the browser in any case; at login it also keeps the index in
step and looks again at what was reported, while no browser runs.

Whichever starts second finds the first one's lock and ends well, so that nothing starts it again.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from isthisme.errors import UsageError
from isthisme.installation.desktop_entry import DesktopEntry
from isthisme.installation.launch_agent import LaunchAgent
from isthisme.installation.logon_task import LogonTask
from isthisme.installation.surroundings import Surroundings
from isthisme.installation.systemd_unit import SystemdUnit


class Starter(Protocol):
    """One way of a system to start a program at login."""

    @property
    def name(self) -> str: ...

    @property
    def file(self) -> Path:
        """It is there as long as it is turned on."""

    def is_possible(self) -> bool:
        """Whether this computer has it."""

    def texts(self) -> tuple[str, ...]:
        """What the file may say."""

    def read(self) -> str | None:
        """What the file says; None where there is none."""

    def names(self, home: Path, text: str) -> bool:
        """Whether such a text starts the companion of that home folder."""

    def turn_on(self) -> str | None:
        """What went wrong, if anything. Raises OSError."""

    def turn_off(self) -> None:
        """Nothing where it is off. Raises OSError."""


@dataclass(frozen=True, slots=True)
class AutostartState:
    way: str | None  # how it is started at login; None where it is not
    file: Path | None = None
    trouble: str | None = None  # in plain words

    @property
    def is_on(self) -> bool:
        return self.way is not None


def autostart_state(home: Path, surroundings: Surroundings | None = None) -> AutostartState:
    surroundings = surroundings or Surroundings()
    for starter in _starters(home, surroundings):
        text = starter.read()
        if text is not None:
            return AutostartState(starter.name, starter.file, _trouble(starter, text, home))
    return AutostartState(None)


def turn_on(home: Path, surroundings: Surroundings | None = None) -> AutostartState:
    """From the next login on. Repeating it brings it up to date. Raises UsageError where it cannot be."""
    surroundings = surroundings or Surroundings()
    starters = _starters(home, surroundings)
    chosen = next((starter for starter in starters if starter.is_possible()), None)
    if chosen is None:
        raise UsageError(f"starting at login is not known to us on {surroundings.platform}")
    try:
        for other in starters:
            if other is not chosen and other.file.exists():
                other.turn_off()
        trouble = chosen.turn_on()
    except OSError as error:
        raise UsageError(f"{error.filename or chosen.file} cannot be written: {error.strerror or error}") from error
    if trouble is not None:
        chosen.turn_off()
        raise UsageError(f"the {chosen.name} was refused: {trouble}")
    return autostart_state(home, surroundings)


def turn_off(home: Path, surroundings: Surroundings | None = None) -> bool:
    """Whether anything was turned off. What another installation turned on stays."""
    surroundings = surroundings or Surroundings()
    was_on = False
    for starter in _starters(home, surroundings):
        text = starter.read()
        if text is not None and starter.names(home, text):
            starter.turn_off()
            was_on = True
    return was_on


def start_command(home: PurePath, python: PurePath, platform: str) -> list[str]:
    """It writes to its log, since nobody looks at what it says."""
    if platform == "win32":
        python = python.with_name("pythonw.exe")  # the one that opens no window
    return [str(python), "-I", "-m", "isthisme", "daemon", "--log", "--home", str(home)]


def _starters(home: Path, surroundings: Surroundings) -> Sequence[Starter]:
    """The better one first."""
    command = start_command(home, Path(sys.executable), surroundings.platform)
    match surroundings.platform:
        case "linux":
            return (SystemdUnit(command, surroundings), DesktopEntry(command, surroundings))
        case "darwin":
            return (LaunchAgent(command, surroundings),)
        case "win32":
            return (LogonTask(command, home, surroundings),)
    return ()


def _trouble(starter: Starter, text: str, home: Path) -> str | None:
    if text in starter.texts():
        return None
    if not starter.names(home, text):
        return f"{starter.file} starts another installation of the companion"
    return f"{starter.file} was written by another version, or for a program that has moved since"
