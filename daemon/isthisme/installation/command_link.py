"""The command `isthisme` of a clone, where a terminal finds it. Installers such as uv and pipx do that themselves."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from isthisme.installation.provenance import checkout
from isthisme.installation.surroundings import Surroundings
from isthisme.installation.whole_files import remove_file

COMMAND = "isthisme"


@dataclass(frozen=True, slots=True)
class CommandState:
    program: Path
    is_found: bool  # by its name alone, in a terminal of today


def link_command(surroundings: Surroundings, clone: Path | None = None) -> CommandState | None:
    """Links to it from the folder of the user's own programs, unless the name is taken. None where this is no clone."""
    program = surroundings.scripts / COMMAND
    if not _is_clones(program, surroundings, clone):
        return None
    link = _link(surroundings)
    if shutil.which(COMMAND, path=surroundings.environment.get("PATH", "")) is None:
        if _leads(link) not in (None, program) and not link.exists():  # to a clone that was moved
            link.unlink()
        if not os.path.lexists(link):
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(program)
    found = shutil.which(COMMAND, path=surroundings.environment.get("PATH", ""))
    return CommandState(program, found is not None and Path(found).resolve() == program.resolve())


def unlink_command(surroundings: Surroundings, clone: Path | None = None) -> None:
    """Takes back what `link_command` made, and nothing else."""
    program = surroundings.scripts / COMMAND
    if _is_clones(program, surroundings, clone) and _leads(_link(surroundings)) == program:
        remove_file(_link(surroundings), below=surroundings.user_home)


def _is_clones(program: Path, surroundings: Surroundings, clone: Path | None) -> bool:
    return surroundings.platform != "win32" and (clone or checkout()) is not None and program.is_file()


def _link(surroundings: Surroundings) -> Path:
    return surroundings.user_home / ".local" / "bin" / COMMAND


def _leads(link: Path) -> Path | None:
    """Where a link leads; None where it is none."""
    return link.readlink() if link.is_symlink() else None
