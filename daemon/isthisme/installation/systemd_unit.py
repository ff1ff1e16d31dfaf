"""Start at login through systemd's manager of the user.

What needs a namespace of files (ProtectSystem, PrivateTmp) is left out: many systems grant none to a user, who then has
no companion at all; evidence is saved where the user says; and the desktop's own window is met in /tmp.
"""

from collections.abc import Sequence
from pathlib import Path

from isthisme.installation.surroundings import Surroundings
from isthisme.installation.whole_files import read_text, remove_file, replace_file

UNIT_NAME = "isthisme.service"
_DESKTOP = "graphical-session.target"
_LOGIN = "default.target"


class SystemdUnit:
    name = "systemd user unit"

    def __init__(self, command: Sequence[str], surroundings: Surroundings) -> None:
        self._command = command
        self._surroundings = surroundings
        self.file = surroundings.linux_config / "systemd" / "user" / UNIT_NAME

    def is_possible(self) -> bool:
        return self._surroundings.run(["systemctl", "--user", "show-environment"]).went_well

    def texts(self) -> tuple[str, ...]:
        """Those that are right; the first one is for where the desktop tells systemd when it is up."""
        return unit_text(self._command, _DESKTOP), unit_text(self._command, _LOGIN)

    def read(self) -> str | None:
        return read_text(self.file)

    def names(self, home: Path, text: str) -> bool:
        return f'"--home" {_quoted(str(home))}\n' in text

    def turn_on(self) -> str | None:
        """What went wrong, in the system's words."""
        with_desktop, without = self.texts()
        has_desktop = self._systemctl("is-active", _DESKTOP) is None
        self._remove_links()
        replace_file(self.file, (with_desktop if has_desktop else without).encode(), mode=0o600)
        return self._systemctl("daemon-reload") or self._systemctl("enable", UNIT_NAME)

    def turn_off(self) -> None:
        self._remove_links()
        remove_file(self.file, below=self._surroundings.user_home)
        self._systemctl("daemon-reload")

    def _remove_links(self) -> None:
        """As systemctl would, and also where there is no session to ask it in."""
        for link in self.file.parent.glob(f"*.wants/{UNIT_NAME}"):
            remove_file(link, below=self._surroundings.user_home)

    def _systemctl(self, *words: str) -> str | None:
        ran = self._surroundings.run(["systemctl", "--user", *words])
        return None if ran.went_well else ran.said


def unit_text(command: Sequence[str], target: str) -> str:
    session = f"PartOf={target}\nAfter={target}\n" if target == _DESKTOP else ""
    return f"""\
# Starts the companion at login. Written by: isthisme autostart on
[Unit]
Description=Is This Me? companion
{session}StartLimitIntervalSec=10min
StartLimitBurst=4

[Service]
Type=exec
ExecStart={" ".join(_quoted(word) for word in command)}
Restart=on-failure
RestartSec=20s
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native

[Install]
WantedBy={target}
"""


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'
