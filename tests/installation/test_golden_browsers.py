"""Every file and registry entry that every browser is given on every system, beside files that a person can read."""

import sys
from pathlib import Path, PureWindowsPath

import pytest

import isthisme_host
from isthisme.installation.browsers import install, manifest_text
from isthisme.installation.known_browsers import KNOWN_BROWSERS, Kin, KnownBrowser
from isthisme.installation.launcher import launcher_text
from isthisme.installation.surroundings import Surroundings
from isthisme_host.greeting import read_identity
from tests.golden import check_golden
from tests.made_up_system import MadeUpRegistry, made_up

GOLDEN = Path(__file__).parent / "golden"


def put_there(browser: KnownBrowser, system: Surroundings, folder: Path) -> Path:
    programs = {
        "linux": f"bin/{browser.linux_programs[0]}",
        "darwin": f"root/Applications/{browser.mac_application}.app/Contents/Info.plist",
        "win32": f"Program Files/{browser.windows_program}",
    }
    program = folder / programs[system.platform]
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


def written_for(browser: KnownBrowser, platform: str, folder: Path) -> str:
    system = made_up(folder, platform)
    program = put_there(browser, system, folder)
    system.scripts.mkdir()
    (system.scripts / "isthisme-native-host.exe").write_bytes(b"MZ")
    home = folder / "user" / "home"
    install(home, system)
    assert isinstance(system.registry, MadeUpRegistry)
    found = program.parents[1] if platform == "darwin" else program
    lines = [f"## {browser.name}", f"found by {found}", *(f"{key} = {it}" for key, it in system.registry.keys.items())]
    for path in sorted((folder / "user").rglob("*")):
        if path.is_file() and not path.stem.startswith("native-host"):
            lines += [f"{path} ({path.stat().st_mode & 0o777:o})", path.read_text().rstrip()]
    return "\n".join(lines).replace(str(folder), "").replace("/user/", "~/") + "\n"


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_every_browser_is_given_what_it_reads(tmp_path: Path, platform: str) -> None:
    parts = []
    for number, browser in enumerate(KNOWN_BROWSERS):
        folder = tmp_path / str(number)
        folder.mkdir()
        parts.append(written_for(browser, platform, folder))
    check_golden(GOLDEN / f"browsers-{platform}.txt", "\n".join(parts))


@pytest.mark.parametrize("kin", Kin)
def test_a_manifest_on_windows_names_the_program_as_windows_does(kin: Kin) -> None:
    launcher = PureWindowsPath(r"C:\Users\Ann Müller\AppData\Local\isthisme\native-host.exe")
    check_golden(GOLDEN / f"manifest-win32-{kin}.json", manifest_text(launcher, read_identity(), kin))


def test_the_launcher_is_a_script_that_a_person_can_read(tmp_path: Path) -> None:
    root = str(Path(isthisme_host.__file__).parents[1])
    text = launcher_text(Path("/home/ann/it's here"), python="/opt/python's/bin/python")
    check_golden(GOLDEN / "native-host.sh", text.replace(root, "/the/program"))
    assert sys.executable in launcher_text(tmp_path)
