"""Start at login on Windows: a task of the Task Scheduler, with the user's own rights and no more."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from isthisme.installation.surroundings import Surroundings
from isthisme.installation.whole_files import read_bytes, replace_file

TASK_NAME = "IsThisMe"


class LogonTask:
    name = "task of the Task Scheduler"

    def __init__(self, command: Sequence[str], home: Path, surroundings: Surroundings) -> None:
        self._command = command
        self._surroundings = surroundings
        self.file = home / "logon-task.xml"

    def is_possible(self) -> bool:
        return True

    def texts(self) -> tuple[str, ...]:
        variables = self._surroundings.environment
        user = "\\".join(variables[name] for name in ("USERDOMAIN", "USERNAME") if variables.get(name))
        return (task_text(self._command, user),)

    def read(self) -> str | None:
        content = read_bytes(self.file)
        return None if content is None else content.decode("utf-16", "replace")

    def names(self, home: Path, text: str) -> bool:
        return f"{_arguments(['--home', str(home)])}</Arguments>" in text

    def turn_on(self) -> str | None:
        """What went wrong, in the system's words. The file is what the scheduler read."""
        replace_file(self.file, self.texts()[0].encode("utf-16"), mode=0o600)
        ran = self._surroundings.run(["schtasks", "/Create", "/TN", TASK_NAME, "/XML", str(self.file), "/F"])
        return None if ran.went_well else ran.said

    def turn_off(self) -> None:
        self._surroundings.run(["schtasks", "/Delete", "/TN", TASK_NAME, "/F"])
        self.file.unlink(missing_ok=True)


def task_text(command: Sequence[str], user: str) -> str:
    """`user` with its domain."""
    program, *words = command
    return f"""\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Starts the companion of Is This Me? at login. Written by: isthisme autostart on</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <UserId>{escape(user)}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{escape(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>3</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{escape(program)}</Command>
      <Arguments>{_arguments(words)}</Arguments>
    </Exec>
  </Actions>
</Task>
"""


def _arguments(words: Sequence[str]) -> str:
    return escape(subprocess.list2cmdline(words))
