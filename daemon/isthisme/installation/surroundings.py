"""The computer as an installation meets it: folders, variables, programs, the registry. Tests make up their own."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from isthisme.installation.registry import Registry, registry_of_this_user

_SECONDS = 15.0
_NOT_THERE = 127


@dataclass(frozen=True, slots=True)
class Ran:
    """How another program ended."""

    code: int  # 127 where there is no such program, or where it gave no answer in time
    said: str = ""

    @property
    def went_well(self) -> bool:
        return self.code == 0


type Run = Callable[[Sequence[str]], Ran]


def run_program(command: Sequence[str]) -> Ran:
    """Runs one of the system's own programs to its end."""
    program = shutil.which(command[0])
    if program is None:
        return Ran(_NOT_THERE, f"{command[0]} is not installed")
    try:
        done = subprocess.run(  # noqa: S603 the commands are ours, and no shell reads them
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Ran(_NOT_THERE, str(error))
    return Ran(done.returncode, done.stdout.strip())


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where things are looked for and written."""

    user_home: Path = field(default_factory=Path.home)
    platform: str = sys.platform
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    system_root: Path = Path("/")
    scripts: Path = field(default_factory=lambda: Path(sysconfig.get_path("scripts")))  # programs of this installation
    run: Run = run_program
    registry: Registry = field(default_factory=registry_of_this_user)

    @property
    def linux_config(self) -> Path:
        return self._xdg("XDG_CONFIG_HOME", ".config")

    @property
    def linux_data(self) -> Path:
        return self._xdg("XDG_DATA_HOME", ".local/share")

    @property
    def mac_library(self) -> Path:
        return self.user_home / "Library"

    @property
    def windows_program_folders(self) -> list[Path]:
        names = ("ProgramFiles", "ProgramW6432", "ProgramFiles(x86)", "LOCALAPPDATA")
        folders = [Path(self.environment[name]) for name in names if self.environment.get(name)]
        return list(dict.fromkeys([*folders, *(folder / "Programs" for folder in folders[-1:])]))

    def _xdg(self, variable: str, default: str) -> Path:
        chosen = Path(self.environment.get(variable, ""))
        return chosen if chosen.is_absolute() else self.user_home / default
