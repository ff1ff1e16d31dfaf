"""`isthisme team serve --shelf` as a process of its own: asked, ended, killed, and started again."""

import json
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.companion import wait_until
from tests.open_connections import open_connections
from tests.pictures import drawn, encoded
from tests.product import PROGRAM, surroundings
from tests.team.test_engine import shelve
from tests.team.test_team_daemon import isthisme, said

pytestmark = pytest.mark.slow  # processes


@dataclass(frozen=True, slots=True)
class Office:
    """A team whose owner's photos lie on a shelf alone."""

    folder: Path
    token: str

    @property
    def socket(self) -> Path:
        return self.folder / "run" / "team.sock"

    @contextmanager
    def serving(self) -> Iterator[subprocess.Popen[bytes]]:
        command = [*PROGRAM, "team", "serve", "--socket", str(self.socket), "--shelf", str(self.folder / "shelf")]
        environment = surroundings(ISTHISME_HOME=str(self.folder / "home"))
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_until(self._is_answered, "the team's daemon answers")
            yield process
        finally:
            process.kill()
            process.wait()

    def verdict(self, seed: int) -> str:
        """What a member hears of a picture that is like the photo of this number."""
        picture = self.folder / "asked.jpg"
        picture.write_bytes(encoded(drawn(seed), quality=70))
        where = ("--socket", str(self.socket), "--token-file", "-", "--json")
        told = isthisme(self.folder / "user", "team", "ask", str(picture), *where, given=f"{self.token}\n")
        answer = json.loads(said(told))
        assert answer["owner"] == "gil"
        return str(answer["verdict"])

    def _is_answered(self) -> bool:
        """A socket that a killed daemon left is there, too."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            return asking.connect_ex(str(self.socket)) == 0


@pytest.fixture
def office(tmp_path: Path) -> Office:
    home, run = tmp_path / "home", tmp_path / "run"
    home.mkdir(mode=0o700)
    run.mkdir()
    run.chmod(0o750)
    said(isthisme(home, "team", "new"))
    (home / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    said(isthisme(home, "team", "owners", "add", "gil"))
    token = said(isthisme(home, "team", "invite", "rita", "--owner", "gil", "--may", "ask")).strip()
    shelve(tmp_path / "shelf", "gil", 21)
    return Office(tmp_path, token)


def test_it_answers_from_the_shelf_without_a_port_and_comes_back_after_it_was_killed(office: Office) -> None:
    with office.serving() as process:
        assert (office.verdict(21), office.verdict(22)) == ("copy", "no_copy")
        assert stat.S_IMODE(office.socket.stat().st_mode) == 0o660
        assert open_connections(psutil.Process(process.pid)) == []
        process.kill()
        assert process.wait(60) == -signal.SIGKILL
        assert office.socket.exists()  # nobody could remove it
    with office.serving() as process:
        assert office.verdict(21) == "copy"
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, (office.folder / "log").read_text()
        assert not office.socket.exists()
    asked = [line for line in said(isthisme(office.folder / "home", "team", "log", "--json")).splitlines() if line]
    assert [json.loads(line)["event"] for line in asked].count("team_asked") == 3
    said(isthisme(office.folder / "home", "team", "log", "--verify"))
