"""Start at login on macOS: an agent of launchd.

It is started again where it failed and not where it ended well, which is how one ends that another one runs before. It
is no Background process for launchd, since the browser waits for its answers; it lowers its own priority.
"""

import plistlib
from collections.abc import Sequence
from pathlib import Path
from xml.parsers.expat import ExpatError

from isthisme.installation.surroundings import Surroundings
from isthisme.installation.whole_files import read_text, remove_file, replace_file

LABEL = "isthisme.companion"


class LaunchAgent:
    name = "launchd agent"

    def __init__(self, command: Sequence[str], surroundings: Surroundings) -> None:
        self._command = command
        self._surroundings = surroundings
        self.file = surroundings.mac_library / "LaunchAgents" / f"{LABEL}.plist"

    def is_possible(self) -> bool:
        return True

    def texts(self) -> tuple[str, ...]:
        return (agent_text(self._command),)

    def read(self) -> str | None:
        return read_text(self.file)

    def names(self, home: Path, text: str) -> bool:
        try:
            return bool(plistlib.loads(text.encode())["ProgramArguments"][-1] == str(home))
        except (ValueError, LookupError, TypeError, ExpatError):
            return False

    def turn_on(self) -> str | None:
        """launchd reads the folder at the next login."""
        replace_file(self.file, self.texts()[0].encode(), mode=0o600)
        return None

    def turn_off(self) -> None:
        remove_file(self.file, below=self._surroundings.user_home)


def agent_text(command: Sequence[str]) -> str:
    return plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ThrottleInterval": 30,
            "Umask": 0o077,
        },
        sort_keys=False,
    ).decode()
