"""Start at login through the desktop's own list of programs, where no systemd manages the user's session."""

from collections.abc import Sequence
from pathlib import Path

from isthisme.installation.surroundings import Surroundings
from isthisme.installation.whole_files import read_text, remove_file, replace_file


class DesktopEntry:
    name = "entry in the desktop's autostart folder"

    def __init__(self, command: Sequence[str], surroundings: Surroundings) -> None:
        self._command = command
        self._surroundings = surroundings
        self.file = surroundings.linux_config / "autostart" / "isthisme.desktop"

    def is_possible(self) -> bool:
        return True

    def texts(self) -> tuple[str, ...]:
        return (entry_text(self._command),)

    def read(self) -> str | None:
        return read_text(self.file)

    def names(self, home: Path, text: str) -> bool:
        return f'"--home" {_quoted(str(home))}\n' in text

    def turn_on(self) -> str | None:
        replace_file(self.file, self.texts()[0].encode(), mode=0o600)
        return None

    def turn_off(self) -> None:
        remove_file(self.file, below=self._surroundings.user_home)


def entry_text(command: Sequence[str]) -> str:
    return f"""\
[Desktop Entry]
Type=Application
Name=Is This Me? companion
Comment=Written by: isthisme autostart on
Exec={" ".join(_quoted(word) for word in command)}
Terminal=false
NoDisplay=true
"""


def _quoted(word: str) -> str:
    """Escaped twice: within the quotes, then as any text of such a file."""
    within = "".join(f"\\{letter}" if letter in '"`$\\' else letter for letter in word)
    return '"' + within.replace("\\", "\\\\").replace("%", "%%") + '"'
