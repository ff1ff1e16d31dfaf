"""A computer that a test makes up for the installation: its own folders, programs that answer as told, a registry."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from isthisme.installation.surroundings import Ran, Surroundings


@dataclass
class MadeUpRegistry:
    """Fits `isthisme.installation.registry.Registry`. Windows' own takes keys in any case of letters; so does this."""

    keys: dict[str, str] = field(default_factory=dict)

    def read(self, key: str) -> str | None:
        return next((value for name, value in self.keys.items() if name.lower() == key.lower()), None)

    def write(self, key: str, value: str) -> None:
        self.remove(key)
        self.keys[key] = value

    def remove(self, key: str) -> None:
        for name in [name for name in self.keys if name.lower() == key.lower()]:
            del self.keys[name]


@dataclass
class MadeUpPrograms:
    """The system's programs. Each call is kept; what begins as one of the answers' keys is answered so."""

    answers: dict[str, Ran] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def __call__(self, command: Sequence[str]) -> Ran:
        call = " ".join(command)
        self.calls.append(call)
        found = [start for start in self.answers if call.startswith(start)]
        return self.answers[max(found, key=len)] if found else Ran(127, f"{command[0]} is not installed")


def made_up(folder: Path, platform: str, answers: dict[str, Ran] | None = None) -> Surroundings:
    """Nothing is installed on it, and nobody else has a part in it."""
    environment = {"PATH": str(folder / "bin")}
    if platform == "win32":
        user = folder / "user"
        environment |= {"LOCALAPPDATA": str(user / "AppData" / "Local"), "ProgramFiles": str(folder / "Program Files")}
    return Surroundings(
        folder / "user",
        platform,
        environment,
        folder / "root",
        folder / "Scripts",
        MadeUpPrograms(answers or {}),
        MadeUpRegistry(),
    )
