"""`isthisme encryption`, as people use it: on, at work, handed on, lost and found again, off."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from isthisme.cli import program
from isthisme.errors import IsThisMeError
from tests.companion import client, isthisme, running_daemon
from tests.encryption.homes import KeptHome, at, contents, leaks, make_home
from tests.product import PROGRAM, surroundings

pytestmark = pytest.mark.slow  # many processes


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> KeptHome:
    made = make_home(tmp_path_factory.mktemp("made"))
    made.paths.settings.write_text('model = "none"\nworkers = 1\n')
    return made


@pytest.fixture
def home(made: KeptHome, tmp_path: Path) -> KeptHome:
    return at(Path(shutil.copytree(made.paths.home, tmp_path / "home")), made.secrets)


@dataclass(frozen=True)
class Done:
    exit_code: int
    said: str  # on both streams, in one line


def run(home: KeptHome, *words: str, given: str | None = None) -> Done:
    """The command line in this process: a process for each would take a second."""
    runner = CliRunner(env={"ISTHISME_HOME": str(home.paths.home)})
    done = runner.invoke(program, words, input=given)
    failed = isinstance(done.exception, IsThisMeError)
    assert failed or done.exception is None or isinstance(done.exception, SystemExit), done.exception
    said = f"{done.output} {done.exception if failed else ''}"
    return Done(2 if failed else done.exit_code, " ".join(said.split()))


def say(home: KeptHome, *words: str, given: str | None = None) -> str:
    done = run(home, *words, given=given)
    assert done.exit_code == 0, done.said
    return done.said


def refused(home: KeptHome, *words: str, given: str | None = None) -> str:
    done = run(home, *words, given=given)
    assert done.exit_code == 2, done.said
    return done.said


def turn_on(home: KeptHome) -> str:
    """The recovery key."""
    said = say(home, "encryption", "on", "--key-file", str(home.stick), "--yes")
    (key,) = re.findall(r"(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}", said)
    return str(key)


def test_everything_works_as_before_and_nothing_plain_appears(made: KeptHome, home: KeptHome, tmp_path: Path) -> None:
    assert "off" in say(home, "encryption", "status")
    turn_on(home)
    assert "on; the key lies in the file" in say(home, "encryption", "status")
    saved = json.loads(say(home, "evidence", "save", "1", "--json"))
    assert "it is, byte for byte, the file that was saved here" in say(home, "evidence", "verify", "2", "--json")
    assert (saved["is_present"], saved["is_encrypted"]) == (True, True)
    say(home, "evidence", "possession")
    photo = made.paths.home.parent / "photos" / "me at the lake.jpg"
    say(home, "evidence", "possession", "prove", str(photo), "--to", str(tmp_path / "proof.zip"))
    with zipfile.ZipFile(tmp_path / "proof.zip") as proof:
        assert b"form 1" in proof.read("possession.txt")
    with running_daemon(home.paths.home), client(home.paths.home) as asker:
        assert asker.ask("sightings")["sightings"][0]["page_address"].startswith("https://shop.example")
        letter = {"kind": "request", "language": "en", "subject": "s", "text": "shop.example", "format": "txt"}
        asker.number += 1
        request = {"id": asker.number, "type": "save_notice", "sighting_ids": [1], **letter}
        asker.send_raw(json.dumps(request).encode())
        answer = asker.answers(asker.number)[-1]
        assert (answer["type"], answer.get("is_encrypted")) == ("saved", True), answer
    assert leaks(home) == []

    target = tmp_path / "to hand on"
    said = say(home, "encryption", "export", saved["path"], str(home.paths.notices), "--to", str(target))
    assert (target / "notices" / Path(answer["path"]).name).read_bytes().endswith(b"shop.example\n")
    bundle = target / Path(saved["path"]).name
    assert bundle.name in said.replace(" ", "")
    with zipfile.ZipFile(bundle) as archive:
        assert archive.testzip() is None
    say(home, "evidence", "verify", str(bundle))
    assert "outside it" in refused(home, "encryption", "export", saved["path"], "--to", str(home.paths.evidence))

    before = contents(home)
    say(home, "encryption", "off")
    assert contents(home) == before
    assert not home.stick.exists()


def test_a_companion_at_work_is_stopped_for_it_and_not_cut_short(home: KeptHome) -> None:
    with running_daemon(home.paths.home) as daemon:
        turn_on(home)
        assert daemon.wait(60) == 0
    assert leaks(home) == []


def test_a_lost_key_is_said_to_be_lost_and_the_recovery_key_brings_it_back(home: KeptHome, tmp_path: Path) -> None:
    recovery = turn_on(home)
    home.stick.unlink()
    assert "plug its disk in" in refused(home, "sightings", "list")
    done = isthisme(home.paths.home, "daemon")
    assert "isthisme [key_out_of_reach]:" in done.stderr  # what the host hands to the extension
    done = run(home, "doctor", "--json")
    assert done.exit_code == 1
    assert '"level": "trouble", "about": "encryption"' in done.said

    new = ("--key-file", str(tmp_path / "new stick"))
    assert "look again" in refused(home, "encryption", "unlock", *new, given="ABCD\n")
    wrong = recovery[:-1] + ("0" if recovery[-1] != "0" else "1")
    assert "look again" in refused(home, "encryption", "unlock", *new, given=f"{wrong}\n")
    say(home, "encryption", "unlock", *new, given=f"{recovery.lower()}\n")
    newer = say(home, "encryption", "recovery-key", "--yes")
    assert recovery not in newer
    assert "not the recovery key of this home" in refused(
        home, "encryption", "unlock", "--key-file", str(tmp_path / "third"), given=f"{recovery}\n"
    )
    say(home, "sightings", "list")


def test_a_damaged_catalog_is_repaired_and_stays_encrypted(home: KeptHome) -> None:
    turn_on(home)
    data = bytearray(home.paths.catalog.read_bytes())
    data[5 * 4096 + 100] ^= 1
    home.paths.catalog.write_bytes(data)
    assert run(home, "doctor").exit_code == 1
    say(home, "doctor", "--repair", "--yes")
    assert leaks(home) == []
    assert "me at the lake.jpg" in say(home, "sightings", "list", "--json")


def test_deleting_the_data_erases_the_key_too(home: KeptHome, tmp_path: Path) -> None:
    turn_on(home)
    done = subprocess.run(
        [*PROGRAM, "uninstall", "--delete-data"],
        env=surroundings(ISTHISME_HOME=str(home.paths.home), HOME=str(tmp_path / "user"), PATH="/nowhere"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert "The key to them is erased" in done.stdout, done.stderr
    assert not home.stick.exists()
    assert not home.paths.home.exists()


def test_without_a_keyring_and_without_a_file_nothing_is_begun(home: KeptHome) -> None:
    if sys.platform != "linux":
        pytest.skip("this system's keyring cannot be kept out of reach")
    environment = surroundings(ISTHISME_HOME=str(home.paths.home), DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere")
    command = [*PROGRAM, "encryption", "on", "--yes"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 2, done.stdout
    assert "--key-file FILE" in done.stderr
    assert contents(at(home.paths.home)) == contents(home)
    assert not (home.paths.home / "encryption.json").exists()


def test_the_recovery_key_must_be_written_down_first(home: KeptHome) -> None:
    done = run(home, "encryption", "on", "--key-file", str(home.stick), given="1111\n")
    assert done.exit_code != 0
    assert "That is another one" in done.said
    assert not home.stick.exists()
    assert not (home.paths.home / "encryption.json").exists()
