"""Registering with browsers, in a made-up home with made-up browsers."""

import json
import os
import stat
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from isthisme.errors import UsageError
from isthisme.installation.browsers import BrowserState, install, install_into, list_browsers, uninstall
from isthisme.installation.known_browsers import KNOWN_BROWSERS
from isthisme.installation.launcher import launcher_text
from isthisme.installation.surroundings import Ran, Surroundings
from isthisme_host.greeting import read_identity
from tests.made_up_system import made_up

type AddProgram = Callable[[str], Path]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / 'it\'s my "home" $folder'


@pytest.fixture
def linux(tmp_path: Path) -> Surroundings:
    return made_up(tmp_path, "linux")


@pytest.fixture
def mac(tmp_path: Path) -> Surroundings:
    return made_up(tmp_path, "darwin")


@pytest.fixture
def add_program(tmp_path: Path) -> AddProgram:
    """Puts a program on PATH."""

    def add(name: str) -> Path:
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        return program

    return add


def state_of(browser: str, states: list[BrowserState]) -> BrowserState:
    (state,) = (state for state in states if state.browser == browser)
    return state


def test_nothing_is_found_where_nothing_is(home: Path, linux: Surroundings) -> None:
    states = list_browsers(home, linux)
    assert [state.browser for state in states] == [browser.name for browser in KNOWN_BROWSERS]
    assert not any(state.is_found or state.is_registered for state in states)


@pytest.mark.parametrize(
    ("program", "browser", "manifest"),
    [
        ("google-chrome", "Chrome", ".config/google-chrome/NativeMessagingHosts"),
        ("google-chrome-stable", "Chrome", ".config/google-chrome/NativeMessagingHosts"),
        ("google-chrome-beta", "Chrome Beta", ".config/google-chrome-beta/NativeMessagingHosts"),
        ("chromium", "Chromium", ".config/chromium/NativeMessagingHosts"),
        ("chromium-browser", "Chromium", ".config/chromium/NativeMessagingHosts"),
        ("microsoft-edge", "Edge", ".config/microsoft-edge/NativeMessagingHosts"),
        ("brave-browser", "Brave", ".config/BraveSoftware/Brave-Browser/NativeMessagingHosts"),
        ("vivaldi", "Vivaldi", ".config/vivaldi/NativeMessagingHosts"),
        ("opera", "Opera", ".config/opera/NativeMessagingHosts"),
        ("firefox", "Firefox", ".mozilla/native-messaging-hosts"),
        ("firefox-esr", "Firefox", ".mozilla/native-messaging-hosts"),
        ("librewolf", "LibreWolf", ".librewolf/native-messaging-hosts"),
    ],
)
def test_a_browser_is_found_and_registered_on_linux(
    home: Path, linux: Surroundings, add_program: AddProgram, program: str, browser: str, manifest: str
) -> None:
    add_program(program)
    states = install(home, linux)
    state = state_of(browser, states)
    assert state == BrowserState(
        browser, linux.user_home / manifest / "isthisme.host.json", is_found=True, is_registered=True
    )
    assert state.manifest is not None
    assert state.manifest.is_file()
    assert [state.browser for state in states if state.is_found] == [browser]


@pytest.mark.parametrize(
    ("application", "browser", "folder"),
    [
        ("Google Chrome", "Chrome", "Google/Chrome"),
        ("Chromium", "Chromium", "Chromium"),
        ("Microsoft Edge", "Edge", "Microsoft Edge"),
        ("Brave Browser", "Brave", "BraveSoftware/Brave-Browser"),
        ("Vivaldi", "Vivaldi", "Vivaldi"),
        ("Opera", "Opera", "com.operasoftware.Opera"),
        ("Firefox", "Firefox", "Mozilla"),
        ("LibreWolf", "LibreWolf", "LibreWolf"),
    ],
)
@pytest.mark.parametrize("place", ["root", "user"])
def test_a_browser_is_found_and_registered_on_macos(
    home: Path, mac: Surroundings, tmp_path: Path, place: str, application: str, browser: str, folder: str
) -> None:
    (tmp_path / place / "Applications" / f"{application}.app").mkdir(parents=True)
    state = state_of(browser, install(home, mac))
    expected = mac.user_home / "Library/Application Support" / folder / "NativeMessagingHosts/isthisme.host.json"
    assert state == BrowserState(browser, expected, is_found=True, is_registered=True)
    assert expected.is_file()


def test_a_system_that_we_do_not_know_is_said_to_be_unsupported(home: Path, linux: Surroundings) -> None:
    for use in (install, uninstall, list_browsers):
        with pytest.raises(UsageError, match="browsers on sunos5 cannot be registered with"):
            use(home, replace(linux, platform="sunos5"))


def test_the_manifest_for_chromium_is_as_chromium_wants_it(
    home: Path, linux: Surroundings, add_program: AddProgram
) -> None:
    add_program("chromium")
    install(home, linux)
    manifest = linux.user_home / ".config/chromium/NativeMessagingHosts/isthisme.host.json"
    content = json.loads(manifest.read_text())
    assert content.pop("description")
    assert content == {
        "name": "isthisme.host",
        "path": str(home / "native-host"),
        "type": "stdio",
        "allowed_origins": [f"chrome-extension://{name}/" for name in read_identity().chromium_extension_ids],
    }
    assert stat.S_IMODE(manifest.stat().st_mode) == 0o600


def test_the_manifest_for_firefox_is_as_firefox_wants_it(
    home: Path, linux: Surroundings, add_program: AddProgram
) -> None:
    add_program("firefox")
    install(home, linux)
    content = json.loads((linux.user_home / ".mozilla/native-messaging-hosts/isthisme.host.json").read_text())
    assert content["allowed_extensions"] == list(read_identity().firefox_addon_ids)
    assert "allowed_origins" not in content


def test_the_newer_home_of_firefox_is_served_where_it_is(
    home: Path, linux: Surroundings, add_program: AddProgram
) -> None:
    add_program("firefox")
    install(home, linux)
    assert not (linux.user_home / ".config/mozilla").exists()
    (linux.user_home / ".config/mozilla").mkdir(parents=True)
    assert not state_of("Firefox", list_browsers(home, linux)).is_registered
    install(home, linux)
    assert (linux.user_home / ".config/mozilla/native-messaging-hosts/isthisme.host.json").is_file()


def test_the_configuration_folder_may_lie_elsewhere(
    home: Path, linux: Surroundings, add_program: AddProgram, tmp_path: Path
) -> None:
    add_program("chromium")
    elsewhere = replace(linux, environment={**linux.environment, "XDG_CONFIG_HOME": str(tmp_path / "elsewhere")})
    install(home, elsewhere)
    assert (tmp_path / "elsewhere/chromium/NativeMessagingHosts/isthisme.host.json").is_file()


@pytest.mark.parametrize(
    ("profile", "browser"),
    [
        (".config/chromium/Local State", "Chromium"),
        (".mozilla/firefox/profiles.ini", "Firefox"),
        (".config/mozilla/firefox/profiles.ini", "Firefox"),
        (".librewolf/profiles.ini", "LibreWolf"),
    ],
)
def test_a_browser_that_is_not_on_path_is_found_by_its_profile(
    home: Path, linux: Surroundings, profile: str, browser: str
) -> None:
    (linux.user_home / profile).parent.mkdir(parents=True)
    (linux.user_home / profile).touch()
    states = install(home, linux)
    assert [(state.browser, state.is_registered) for state in states if state.is_found] == [(browser, True)]


def test_registering_one_browser_does_not_invent_another(
    home: Path, linux: Surroundings, add_program: AddProgram
) -> None:
    add_program("opera")  # reads Chrome's folder, too
    install(home, linux)
    assert [state.browser for state in install(home, linux) if state.is_found] == ["Opera"]


def test_a_snap_is_reported_and_not_registered(
    home: Path, linux: Surroundings, add_program: AddProgram, tmp_path: Path
) -> None:
    snap = tmp_path / "root/snap/bin/firefox"
    snap.parent.mkdir(parents=True)
    snap.touch()
    add_program("firefox").write_text('#!/bin/sh\nexec /snap/bin/firefox "$@"\n')
    states = install(home, linux)
    assert not state_of("Firefox", states).is_found
    state = state_of("Firefox (Snap)", states)
    assert (state.is_found, state.is_registered, state.can_be_registered) == (True, False, False)
    assert state.note is not None
    assert "installed as a Snap" in state.note
    assert not (linux.user_home / ".mozilla").exists()


def test_a_program_that_is_a_link_into_a_snap_is_the_snap(
    home: Path, linux: Surroundings, add_program: AddProgram, tmp_path: Path
) -> None:
    snap = tmp_path / "root/snap/bin/chromium"
    snap.parent.mkdir(parents=True)
    add_program("chromium").rename(snap)
    (tmp_path / "bin/chromium").symlink_to(snap)
    states = list_browsers(home, linux)
    assert [state.browser for state in states if state.is_found] == ["Chromium (Snap)"]


@pytest.mark.parametrize("place", ["root/var/lib/flatpak/app", "user/.local/share/flatpak/app"])
def test_a_flatpak_is_reported_beside_the_browser_itself(
    home: Path, linux: Surroundings, add_program: AddProgram, tmp_path: Path, place: str
) -> None:
    add_program("firefox")
    (tmp_path / place / "org.mozilla.firefox").mkdir(parents=True)
    states = install(home, linux)
    assert state_of("Firefox", states).is_registered
    note = state_of("Firefox (Flatpak)", states).note
    assert note is not None
    assert "whose sandbox lets it start no program outside" in note
    assert "install xdg-native-messaging-proxy" in note


@pytest.fixture
def snap(tmp_path: Path) -> None:
    """A Firefox that is a Snap."""
    program = tmp_path / "root/snap/bin/firefox"
    program.parent.mkdir(parents=True)
    program.touch()


@pytest.mark.parametrize("program", ["busctl --user", "gdbus call --session"])
def test_a_snap_is_registered_where_the_portal_starts_programs_for_it(
    home: Path, tmp_path: Path, snap: None, program: str
) -> None:
    with_portal = made_up(tmp_path, "linux", {program: Ran(0, "u 1")})
    states = install(home, with_portal)
    state = state_of("Firefox (Snap)", states)
    manifest = with_portal.user_home / ".mozilla/native-messaging-hosts/isthisme.host.json"
    assert (state.manifest, state.is_registered, state.can_be_registered) == (manifest, True, True)
    assert state.note is not None
    assert "your desktop asks once whether the extension may start the companion: allow it" in state.note
    assert manifest.is_file()
    assert not state_of("Firefox", states).is_found
    uninstall(home, with_portal)
    assert not (with_portal.user_home / ".mozilla").exists()


@pytest.mark.parametrize("place", ["root/usr/share", "user/.local/share"])
def test_a_flatpak_is_registered_where_a_proxy_starts_programs_for_it(
    home: Path, linux: Surroundings, tmp_path: Path, place: str
) -> None:
    (tmp_path / "root/var/lib/flatpak/app/org.mozilla.firefox").mkdir(parents=True)
    service = tmp_path / place / "dbus-1/services/org.freedesktop.NativeMessagingProxy.service"
    service.parent.mkdir(parents=True)
    service.touch()
    state = state_of("Firefox (Flatpak)", install(home, linux))
    assert state.is_registered
    assert state.note is not None
    assert "version 157 or later" in state.note


def test_a_portal_is_of_no_use_to_a_browser_that_does_not_ask_it(home: Path, tmp_path: Path) -> None:
    (tmp_path / "root/var/lib/flatpak/app/org.chromium.Chromium").mkdir(parents=True)
    with_portal = made_up(tmp_path, "linux", {"busctl": Ran(0, "u 1")})
    assert not state_of("Chromium (Flatpak)", install(home, with_portal)).can_be_registered
    assert with_portal.run.calls == []  # type: ignore[attr-defined]


def test_installing_twice_changes_nothing(home: Path, linux: Surroundings, add_program: AddProgram) -> None:
    add_program("chromium")
    add_program("firefox")
    assert install(home, linux) == install(home, linux)
    assert sorted(path.name for path in home.iterdir()) == ["native-host"]


def test_another_installation_is_named_and_replaced(
    home: Path, linux: Surroundings, add_program: AddProgram, tmp_path: Path
) -> None:
    add_program("chromium")
    install(tmp_path / "other", linux)
    state = state_of("Chromium", list_browsers(home, linux))
    assert not state.is_registered
    assert state.note == f"it starts another installation of the companion, {tmp_path}/other/native-host"
    assert state_of("Chromium", install(home, linux)).is_registered
    assert not state_of("Chromium", list_browsers(tmp_path / "other", linux)).is_registered


@pytest.mark.parametrize("content", ["", "not json", "[]", "{}", '{"path": 3}'])
def test_a_broken_manifest_is_replaced(home: Path, linux: Surroundings, add_program: AddProgram, content: str) -> None:
    add_program("chromium")
    manifest = linux.user_home / ".config/chromium/NativeMessagingHosts/isthisme.host.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(content)
    assert not state_of("Chromium", list_browsers(home, linux)).is_registered
    assert state_of("Chromium", install(home, linux)).is_registered


@pytest.mark.parametrize("damage", ["removed", "changed"])
def test_without_its_launcher_no_browser_is_registered(
    home: Path, linux: Surroundings, add_program: AddProgram, damage: str
) -> None:
    add_program("chromium")
    install(home, linux)
    launcher = home / "native-host"
    launcher.unlink() if damage == "removed" else launcher.write_text("#!/bin/sh\nexec /gone/python\n")
    assert not state_of("Chromium", list_browsers(home, linux)).is_registered
    assert state_of("Chromium", install(home, linux)).is_registered


def test_a_launcher_whose_python_is_gone_is_told_from_others(
    home: Path, linux: Surroundings, add_program: AddProgram, tmp_path: Path
) -> None:
    add_program("chromium")
    install(home, linux)
    (home / "native-host").write_text(launcher_text(home, python=str(tmp_path / "an old place/bin/python")))
    note = state_of("Chromium", list_browsers(home, linux)).note
    assert note is not None
    assert f"{tmp_path}/an old place/bin/python is not there any more" in note
    other = state_of("Chromium", list_browsers(tmp_path / "other", linux)).note
    assert other is not None
    assert "another installation" in other
    assert "is not there any more" in other


def test_a_manifest_is_replaced_and_never_written_through_a_link(
    home: Path, linux: Surroundings, add_program: AddProgram, tmp_path: Path
) -> None:
    add_program("chromium")
    victim = tmp_path / "victim"
    victim.write_text("mine")
    manifest = linux.user_home / ".config/chromium/NativeMessagingHosts/isthisme.host.json"
    manifest.parent.mkdir(parents=True)
    manifest.symlink_to(victim)
    assert state_of("Chromium", install(home, linux)).is_registered
    assert victim.read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_noted_and_the_others_are_registered(
    home: Path, linux: Surroundings, add_program: AddProgram
) -> None:
    add_program("chromium")
    add_program("firefox")
    (linux.user_home / ".config").mkdir(parents=True)
    (linux.user_home / ".config/chromium").touch()
    states = install(home, linux)
    note = state_of("Chromium", states).note
    assert note is not None
    assert "cannot be written" in note
    assert not state_of("Chromium", states).is_registered
    assert state_of("Firefox", states).is_registered


def test_uninstalling_removes_what_installing_wrote(home: Path, linux: Surroundings, add_program: AddProgram) -> None:
    add_program("chromium")
    add_program("firefox")
    install(home, linux)
    assert not any(state.is_registered for state in uninstall(home, linux))
    assert not list(linux.user_home.rglob("*.json"))
    assert not (home / "native-host").exists()
    assert not list(linux.user_home.iterdir()), "the folders that were made are gone, too"
    uninstall(home, linux)


def test_uninstalling_leaves_another_installation_alone(
    home: Path, linux: Surroundings, add_program: AddProgram, tmp_path: Path
) -> None:
    add_program("chromium")
    install(tmp_path / "other", linux)
    uninstall(home, linux)
    assert state_of("Chromium", list_browsers(tmp_path / "other", linux)).is_registered


def test_a_profile_folder_of_ones_own_is_served(home: Path, tmp_path: Path) -> None:
    install_into(tmp_path / "profile", home)
    manifest = json.loads((tmp_path / "profile/NativeMessagingHosts/isthisme.host.json").read_text())
    assert manifest["path"] == str(home / "native-host")
    assert os.access(home / "native-host", os.X_OK)


def test_a_home_folder_open_to_others_is_refused(home: Path, linux: Surroundings) -> None:
    home.mkdir(mode=0o755)
    with pytest.raises(UsageError, match="chmod 700"):
        install(home, linux)


def test_the_launcher_starts_the_host_whatever_the_folders_are_called(home: Path, linux: Surroundings) -> None:
    install(home, linux)
    launcher = home / "native-host"
    assert stat.S_IMODE(launcher.stat().st_mode) == 0o700
    done = subprocess.run(
        [launcher, 'chrome-extension://a stranger\'s "id"/'], capture_output=True, check=False, env={}, input=b""
    )
    assert done.returncode in (0, 1)  # the input may be seen to end before the refusal is said
    assert done.stderr == b""
    assert "export ISTHISME_HOME='" in launcher_text(home)


def test_the_launcher_passes_the_caller_on(home: Path, linux: Surroundings) -> None:
    install(home, linux)
    caller = 'chrome-extension://some  "other" $HOME/'
    command = [str(home / "native-host"), caller]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}) as host:
        assert host.stdout
        answer = json.loads(host.stdout.read()[4:])
    assert answer["code"] == "caller_refused"
    assert caller in answer["message"]
