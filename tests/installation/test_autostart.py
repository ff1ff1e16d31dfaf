"""Start at login, on made-up computers, and what each system reads beside files that a person can look at."""

import os
import plistlib
import shutil
import subprocess
from pathlib import Path, PurePosixPath, PureWindowsPath
from xml.etree import ElementTree

import pytest

from isthisme.errors import UsageError
from isthisme.installation.autostart import autostart_state, start_command, turn_off, turn_on
from isthisme.installation.desktop_entry import entry_text
from isthisme.installation.launch_agent import agent_text
from isthisme.installation.logon_task import task_text
from isthisme.installation.surroundings import Ran, Surroundings
from isthisme.installation.systemd_unit import unit_text
from tests.golden import check_golden
from tests.made_up_system import MadeUpPrograms, made_up

GOLDEN = Path(__file__).parent / "golden"
PLAIN = start_command(PurePosixPath("/home/ann/.local/share/isthisme"), PurePosixPath("/opt/isthisme/python"), "linux")
ODD = start_command(PurePosixPath('/home/ann/50% "of" $it\\'), PurePosixPath("/opt/is this me/python"), "linux")


def linux(folder: Path, *, desktop: bool = True) -> Surroundings:
    """With systemd, which knows of the desktop or does not."""
    known = Ran(0 if desktop else 3, "active" if desktop else "inactive")
    return made_up(folder, "linux", {"systemctl --user": Ran(0), "systemctl --user is-active": known})


SYSTEMS = {
    "systemd": (linux, ".config/systemd/user/isthisme.service"),
    "desktop": (lambda folder: made_up(folder, "linux"), ".config/autostart/isthisme.desktop"),
    "macOS": (lambda folder: made_up(folder, "darwin"), "Library/LaunchAgents/isthisme.companion.plist"),
    "Windows": (lambda folder: made_up(folder, "win32", {"schtasks": Ran(0)}), "home/logon-task.xml"),
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "user").mkdir()
    return tmp_path / "user/home"


@pytest.mark.parametrize("system", SYSTEMS)
def test_it_is_turned_on_and_off_and_leaves_nothing(tmp_path: Path, home: Path, system: str) -> None:
    make, file = SYSTEMS[system]
    surroundings = make(tmp_path)
    assert not autostart_state(home, surroundings).is_on
    state = turn_on(home, surroundings)
    assert (state.is_on, state.trouble) == (True, None)
    assert state.file == surroundings.user_home / file
    assert state.file.stat().st_mode & 0o777 == 0o600
    assert turn_on(home, surroundings) == state
    assert turn_off(home, surroundings)
    assert not autostart_state(home, surroundings).is_on
    assert not [path for path in surroundings.user_home.rglob("*") if path != home]
    assert not turn_off(home, surroundings)


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_another_installation_turned_on_is_told_and_left_alone(tmp_path: Path, home: Path, system: str) -> None:
    surroundings = SYSTEMS[system][0](tmp_path)
    other = home if system == "Windows" else tmp_path / "user/other"
    turn_on(other, surroundings)
    if system == "Windows":  # there each has a file of its own
        assert autostart_state(home, surroundings).trouble is None
        return
    assert "another installation" in str(autostart_state(home, surroundings).trouble)
    assert not turn_off(home, surroundings)
    assert autostart_state(other, surroundings).is_on
    assert turn_on(home, surroundings).trouble is None


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_program_that_moved_is_told_and_mended(tmp_path: Path, home: Path, system: str) -> None:
    surroundings = SYSTEMS[system][0](tmp_path)
    state = turn_on(home, surroundings)
    assert state.file is not None
    coding = "utf-16" if system == "Windows" else "utf-8"
    text = state.file.read_text(coding)
    state.file.write_text(text.replace("-m", "-old", 1), coding)
    assert "for a program that has moved since" in str(autostart_state(home, surroundings).trouble)
    assert turn_on(home, surroundings).trouble is None


def test_systemd_is_told_and_asked_in_this_order(tmp_path: Path, home: Path) -> None:
    surroundings = linux(tmp_path)
    turn_on(home, surroundings)
    assert isinstance(surroundings.run, MadeUpPrograms)
    assert [call.removeprefix("systemctl --user ") for call in surroundings.run.calls] == [
        "show-environment",
        "is-active graphical-session.target",
        "daemon-reload",
        "enable isthisme.service",
    ]


def test_links_that_systemd_made_go_where_nobody_can_be_asked(tmp_path: Path, home: Path) -> None:
    state = turn_on(home, linux(tmp_path))
    assert state.file is not None
    wanted = state.file.parent / "default.target.wants"
    wanted.mkdir()
    (wanted / "isthisme.service").symlink_to(state.file)
    assert turn_off(home, made_up(tmp_path, "linux"))
    assert not (tmp_path / "user/.config").exists()


def test_a_desktop_that_systemd_does_not_know_is_started_at_login_all_the_same(tmp_path: Path, home: Path) -> None:
    state = turn_on(home, linux(tmp_path, desktop=False))
    assert state.file is not None
    assert "WantedBy=default.target" in state.file.read_text()
    assert state.trouble is None


def test_the_system_may_refuse_and_nothing_is_left(tmp_path: Path, home: Path) -> None:
    surroundings = made_up(tmp_path, "win32", {"schtasks /Create": Ran(1, "Access is denied.")})
    with pytest.raises(UsageError, match="Access is denied"):
        turn_on(home, surroundings)
    assert not autostart_state(home, surroundings).is_on


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, home: Path) -> None:
    (tmp_path / "user/.config").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        turn_on(home, made_up(tmp_path, "linux"))


def test_a_system_that_we_do_not_know_is_told(tmp_path: Path, home: Path) -> None:
    with pytest.raises(UsageError, match="sunos5"):
        turn_on(home, made_up(tmp_path, "sunos5"))


@pytest.mark.parametrize(("name", "command"), [("plain", PLAIN), ("odd", ODD)])
def test_the_texts_are_these(name: str, command: list[str]) -> None:
    check_golden(GOLDEN / f"isthisme-{name}.service", unit_text(command, "graphical-session.target"))
    check_golden(GOLDEN / f"isthisme-{name}.desktop", entry_text(command))
    check_golden(GOLDEN / f"isthisme-{name}.plist", agent_text(command))


def test_the_task_is_this() -> None:
    home, python = PureWindowsPath(r"C:\Users\Ann & Bob\isthisme"), PureWindowsPath(r"C:\Tools\Scripts\python.exe")
    text = task_text(start_command(home, python, "win32"), "OFFICE\\Ann & Bob")
    check_golden(GOLDEN / "logon-task.xml", text)
    task = ElementTree.fromstring(text.split("\n", 1)[1])  # noqa: S314 our own
    place = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    arguments = task.findtext(f"{place}Actions/{place}Exec/{place}Arguments")
    assert arguments == '-I -m isthisme daemon --log --home "C:\\Users\\Ann & Bob\\isthisme"'


def test_macos_reads_back_what_was_meant() -> None:
    assert plistlib.loads(agent_text(ODD).encode())["ProgramArguments"] == ODD


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("target", ["default.target", "graphical-session.target"])
def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path, target: str) -> None:
    unit = tmp_path / "isthisme.service"
    text = unit_text(start_command(PurePosixPath('/somewhere/50% "x" $y'), PurePosixPath("/bin/sh"), "linux"), target)
    assert _complaints_about(unit, text) == ""
    assert "NoSuchThing" in _complaints_about(unit, f"{text}[Service]\nNoSuchThing=yes\n"), "it does look"


def _complaints_about(unit: Path, text: str) -> str:
    unit.write_text(text)
    command = ["systemd-analyze", "--user", "verify", str(unit)]
    environment = {"HOME": str(unit.parent), "XDG_RUNTIME_DIR": str(unit.parent), "PATH": os.defpath}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return "".join(line for line in done.stderr.splitlines() if unit.name in line)
