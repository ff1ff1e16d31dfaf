"""Registering with browsers on Windows: registry, manifests and the copied program, on a made-up computer."""

import subprocess
import sys
from pathlib import Path

import pytest

from isthisme.errors import UsageError
from isthisme.installation.browsers import BrowserState, install, list_browsers, uninstall
from isthisme.installation.known_browsers import KNOWN_BROWSERS
from isthisme.installation.launcher import LAUNCHER_NAME
from isthisme.installation.surroundings import Surroundings
from isthisme_host import in_its_home
from tests.made_up_system import MadeUpRegistry, made_up

CHROME = r"Software\Google\Chrome\NativeMessagingHosts\isthisme.host"
MOZILLA = r"Software\Mozilla\NativeMessagingHosts\isthisme.host"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The folder that the installer put programs into."""
    folder = tmp_path / "Scripts"
    folder.mkdir()
    (folder / "isthisme-native-host.exe").write_bytes(b"MZ first version")
    return folder


@pytest.fixture
def windows(tmp_path: Path, programs: Path) -> Surroundings:
    return made_up(tmp_path, "win32")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "user/AppData/Local/isthisme"


def add(tmp_path: Path, program: str) -> None:
    (tmp_path / program).parent.mkdir(parents=True)
    (tmp_path / program).touch()


def found(states: list[BrowserState]) -> dict[str, bool]:
    return {state.browser: state.is_registered for state in states if state.is_found}


@pytest.mark.parametrize("browser", [browser.name for browser in KNOWN_BROWSERS])
@pytest.mark.parametrize("place", ["Program Files", "user/AppData/Local"])
def test_a_browser_is_found_and_registered(
    tmp_path: Path, home: Path, windows: Surroundings, browser: str, place: str
) -> None:
    (known,) = (known for known in KNOWN_BROWSERS if known.name == browser)
    add(tmp_path, f"{place}/{known.windows_program}")
    assert found(install(home, windows)) == {browser: True}
    manifest = windows.registry.read(rf"{known.windows_key}\NativeMessagingHosts\isthisme.host")
    assert manifest == str(home / f"isthisme.host.{known.kin}.json")
    assert Path(manifest).is_file()


def test_the_host_is_a_program_in_the_home_folder(tmp_path: Path, home: Path, windows: Surroundings) -> None:
    add(tmp_path, "Program Files/Mozilla Firefox/firefox.exe")
    install(home, windows)
    assert (home / "native-host.exe").read_bytes() == b"MZ first version"
    assert str(home / "native-host.exe") in (home / "isthisme.host.firefox.json").read_text()


def test_a_newer_program_takes_the_place_of_one_that_a_browser_may_be_running(
    tmp_path: Path, home: Path, windows: Surroundings, programs: Path
) -> None:
    add(tmp_path, "Program Files/Google/Chrome/Application/chrome.exe")
    install(home, windows)
    (programs / "isthisme-native-host.exe").write_bytes(b"MZ second version")
    assert found(list_browsers(home, windows)) == {"Chrome": False}
    assert found(install(home, windows)) == {"Chrome": True}
    assert (home / "native-host.exe").read_bytes() == b"MZ second version"
    assert [path.read_bytes() for path in home.glob("native-host.exe.*.old")] == [b"MZ first version"]
    uninstall(home, windows)
    assert not list(home.glob("native-host*"))


def test_an_installation_without_that_program_is_told_what_to_do(
    home: Path, windows: Surroundings, programs: Path
) -> None:
    (programs / "isthisme-native-host.exe").unlink()
    with pytest.raises(UsageError, match="install it again with uv or pipx"):
        install(home, windows)


def test_uninstalling_leaves_the_registry_as_it_was(tmp_path: Path, home: Path, windows: Surroundings) -> None:
    assert isinstance(windows.registry, MadeUpRegistry)
    for browser in KNOWN_BROWSERS:
        add(tmp_path, f"Program Files/{browser.windows_program}")
    windows.registry.keys["Software\\Google\\Chrome\\NativeMessagingHosts\\somebody.else"] = "theirs.json"
    before = dict(windows.registry.keys)
    install(home, windows)
    assert windows.registry.keys != before
    assert not any(found(uninstall(home, windows)).values())
    assert windows.registry.keys == before
    assert not list(home.iterdir())


def test_another_installation_is_named_and_left_alone_by_uninstalling(
    tmp_path: Path, home: Path, windows: Surroundings
) -> None:
    add(tmp_path, "Program Files/Google/Chrome/Application/chrome.exe")
    install(tmp_path / "other", windows)
    (state,) = (state for state in list_browsers(home, windows) if state.is_found)
    assert not state.is_registered
    assert state.note == f"it starts another installation of the companion, {tmp_path}/other/native-host.exe"
    uninstall(home, windows)
    assert windows.registry.read(CHROME) == str(tmp_path / "other/isthisme.host.chromium.json")


def test_a_registry_entry_without_its_manifest_is_no_registration(
    tmp_path: Path, home: Path, windows: Surroundings
) -> None:
    add(tmp_path, "Program Files/Mozilla Firefox/firefox.exe")
    install(home, windows)
    (home / "isthisme.host.firefox.json").unlink()
    assert found(list_browsers(home, windows)) == {"Firefox": False}
    install(home, windows)
    windows.registry.remove(MOZILLA)
    assert found(list_browsers(home, windows)) == {"Firefox": False}


def test_the_launcher_is_called_as_the_host_expects_it() -> None:
    assert in_its_home.LAUNCHER_NAME == LAUNCHER_NAME


@pytest.mark.parametrize("name", ["native-host.exe", "native-host"])
def test_the_host_knows_its_home_by_where_it_lies(tmp_path: Path, name: str) -> None:
    """Run as Windows would run the copied program: its path comes first, then what the browser says."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    program = (
        f"import sys; sys.path.append({str(Path(in_its_home.__file__).parents[1])!r}); "
        f"sys.argv = [{str(home / name)!r}, 'chrome-extension://somebody/']; "
        "import isthisme_host.__main__ as host, os; host.main = lambda: print(os.environ['ISTHISME_HOME']); "
        "from isthisme_host.in_its_home import main; main()"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(home)
