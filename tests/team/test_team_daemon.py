"""The team's daemon as members meet it: a real process, a real socket, the command line."""

import json
import os
import shutil
import signal
import socket
import stat
import struct
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from click.testing import CliRunner, Result

from isthisme.catalog import Catalog
from isthisme.cli import program
from isthisme.indexing.indexer import Indexer
from isthisme.team.client import Refused, TeamClient, team_client
from isthisme.team.meeting import connect
from tests.companion import wait_until
from tests.open_connections import open_connections
from tests.pictures import drawn, encoded, write_photos
from tests.product import PROGRAM, surroundings
from tests.team.offices import InThisProcess

pytestmark = pytest.mark.slow  # processes


@dataclass(slots=True)
class Served:
    home: Path
    socket: Path
    process: subprocess.Popen[bytes]
    tokens: dict[str, str]
    user: Path  # the home of a member

    def run(self, member: str, *words: str) -> Result:
        """A command of a member's, whose token comes by standard input."""
        where = ("--socket", str(self.socket), "--token-file", "-")
        return isthisme(self.user, "team", *words, *where, given=self.tokens[member] + "\n")


def isthisme(home: Path, *words: str, given: str | None = None) -> Result:
    """A command to its end, in this process: starting one for each would take most of the time."""
    return CliRunner().invoke(program, words, input=given, env={"ISTHISME_HOME": str(home), "COLUMNS": "200"})


def said(ended: Result) -> str:
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def why(ended: Result) -> str:
    """The error that a command ended with."""
    assert ended.exception is not None, ended.output
    return str(ended.exception)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("team")
    home, run = folder / "home", folder / "run"
    run.mkdir()
    run.chmod(0o750)
    home.mkdir(mode=0o700)
    said(isthisme(home, "team", "new"))
    (home / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    for owner, seeds in (("anna", range(1, 3)), ("zoe", range(3, 4))):
        theirs = Path(said(isthisme(home, "team", "owners", "add", owner)).strip())
        write_photos(folder / owner, seeds)
        with closing(Catalog(theirs / "catalog.db")) as catalog:
            catalog.folders.add(folder / owner)
            Indexer(catalog, InThisProcess(), model=None, under_way=2).refresh()
    rights = [word for right in ("ask", "see", "review", "export") for word in ("--may", right)]
    tokens = {
        member: said(isthisme(home, "team", "invite", member, "--owner", owner, *rights)).strip()
        for member, owner in (("rita", "anna"), ("saul", "anna"), ("bob", "zoe"))
    }
    with serving(home, run / "team.sock", folder / "log") as process:
        yield Served(home, run / "team.sock", process, tokens, folder / "user")
        process.send_signal(signal.SIGTERM)
    assert not (run / "team.sock").exists()


@contextmanager
def serving(home: Path, place: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A team's daemon that answers, and that ends by itself."""
    with log.open("wb") as written:
        command = [*PROGRAM, "team", "serve", "--socket", str(place)]
        process = subprocess.Popen(command, env=surroundings(ISTHISME_HOME=str(home)), stdout=written, stderr=written)
    try:
        wait_until(place.exists, "the team's daemon answers")
        yield process
        assert process.wait(60) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def rita(served: Served) -> Iterator[TeamClient]:
    with team_client(served.socket, served.tokens["rita"]) as client:
        yield client


def test_from_a_picture_to_an_exported_notice_with_two_people(served: Served, tmp_path: Path) -> None:
    picture, letter = tmp_path / "found.jpg", tmp_path / "letter.txt"
    picture.write_bytes(encoded(np.ascontiguousarray(drawn(1)[:, ::-1]), quality=80))
    page = ("--page", "https://shop.example/stolen", "--title", "A shop")
    asked = json.loads(said(served.run("rita", "ask", str(picture), *page, "--json")))
    assert (asked["owner"], asked["verdict"], asked["sighting_id"]) == ("anna", "copy", 1)
    assert "no copy  zoe" in said(served.run("bob", "ask", str(picture)))
    about = ("--owner", "anna")
    assert "https://shop.example/stolen" in said(served.run("saul", "sightings", *about))
    assert json.loads(said(served.run("saul", "open", "1", *about)))["page_title"] == "A shop"
    said(served.run("rita", "draft", *about, "--kind", "request", "--sighting", "1", "--answer", "name=An Agency"))
    digest = served.run("rita", "read", "1", *about).stderr.split("digest ")[1].strip()
    for member in ("rita", "saul"):
        early = served.run("rita", "export", "1", *about, "--to", str(letter))
        assert "of 2 people" in why(early)
        said(served.run(member, "approve", "1", *about, "--digest", digest))
    receipt = said(served.run("saul", "export", "1", *about, "--to", str(letter))).split("Receipt: ")[1].strip()
    assert "https://shop.example/stolen" in letter.read_text()
    assert letter.stat().st_mode & 0o777 == 0o600
    said(isthisme(served.home, "team", "log", "--verify", "--receipt", receipt))
    # By no other way does a notice leave an owner's home.
    around = isthisme(served.home / "owners" / "anna", "notice", "draft", "--kind", "request", "--sighting", "1")
    assert "approved by two people" in why(around)


def test_there_is_no_port_and_the_socket_is_for_a_group(served: Served) -> None:
    assert open_connections(psutil.Process(served.process.pid)) == []
    assert stat.S_IMODE(served.socket.stat().st_mode) == 0o660


def test_a_token_of_one_owner_hears_the_same_of_another_and_of_nobody(rita: TeamClient) -> None:
    said = set()
    for owner in ("zoe", "nobody"):
        for kind, more in (
            ("sightings", {}),
            ("open", {"sighting_id": 1}),
            ("drafts", {}),
            ("read_draft", {"number": 1}),
            ("export", {"number": 1}),
        ):
            with pytest.raises(Refused) as refused:
                rita.ask(kind, owner=owner, **more)
            said.add((refused.value.refusal, str(refused.value)))
    for kind, more in (("members", {}), ("log", {}), ("revoke", {"member": "bob"})):
        with pytest.raises(Refused) as refused:
            rita.ask(kind, **more)
        said.add((refused.value.refusal, str(refused.value)))
    assert said == {("not_allowed", "this token does not allow that, or there is no such owner")}
    assert [each["owner"] for each in rita.ask("status")["owners"]] == ["anna"]


def test_a_token_that_was_revoked_ends_on_a_connection_that_is_open(served: Served) -> None:
    words = ("team", "invite", "tom", "--owner", "anna", "--may", "see")
    token = said(isthisme(served.home, *words)).strip()
    with team_client(served.socket, token) as tom:
        tom.ask("sightings", owner="anna")
        said(isthisme(served.home, "team", "revoke", "tom"))
        with pytest.raises(Refused) as refused:
            tom.ask("sightings", owner="anna")
        assert refused.value.refusal == "token_refused"
    last = json.loads(said(isthisme(served.home, "team", "log", "--json")).splitlines()[-1])
    assert (last["event"], last["detail"]["why"], last["detail"]["of"]) == ("team_refused", "revoked", "tom")
    assert last["detail"]["account"] == os.geteuid()


def raw(place: Path, *bodies: bytes) -> list[dict[str, Any]]:
    """The answers to frames that are written as they are."""
    answers = []
    with connect(place) as connection, connection.makefile("rb") as stream:
        connection.settimeout(60)
        with suppress(ConnectionError):  # it hangs up on who says too much, maybe in the middle of that
            connection.sendall(b"".join(struct.pack("=I", len(body)) + body for body in bodies))
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while head := stream.read(4):
                answers.append(json.loads(stream.read(struct.unpack("=I", head)[0])))
    return answers


def test_who_shows_no_token_that_holds_gets_nothing_and_no_room(served: Served) -> None:
    greeting = {"id": 1, "type": "hello", "protocol": 1}
    status = {"id": 2, "type": "status", "token": served.tokens["rita"]}
    for bodies, codes in (
        ([greeting], ["invalid_message"]),
        ([status], ["hello_first"]),
        ([greeting | {"token": "x"}, status], ["token_refused", "hello_first"]),
        ([b"not json", [1]], ["invalid_message", "invalid_message"]),
        ([{"id": 1, "type": "ask", "token": "x", "bytes": "A" * (1 << 17)}], ["frame_too_large"]),
    ):
        sent = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]
        assert [answer["code"] for answer in raw(served.socket, *sent)] == codes


def test_an_administrator_works_over_the_socket_within_their_scope(served: Served) -> None:
    words = ("team", "invite", "admin", "--owner", "anna", "--may", "administer", "--may", "ask")
    served.tokens["admin"] = said(isthisme(served.home, *words)).strip()
    invited = served.run("admin", "invite", "una", "--owner", "anna", "--may", "ask")
    served.tokens["una"] = said(invited).strip()
    assert "until" in invited.stderr
    assert json.loads(said(served.run("una", "status", "--json")))["owners"][0]["rights"] == ["ask"]
    assert "does not allow" in why(served.run("admin", "invite", "una", "--owner", "zoe", "--may", "ask"))
    listed = [json.loads(line) for line in said(served.run("admin", "members", "--json")).splitlines()]
    assert {"admin", "una", "rita"} <= {each["member"] for each in listed}
    assert {owner for each in listed for owner in each["owners"]} == {"anna"}
    said(served.run("admin", "revoke", "una"))
    assert "does not hold" in why(served.run("una", "status"))
    rows = [json.loads(line) for line in said(served.run("admin", "log")).splitlines()]
    assert rows[-1]["event"] == "team_revoked"
    assert "zoe" not in str(rows)
    words = ("team", "invite", "chief", "--every-owner", "--may", "administer")
    served.tokens["chief"] = said(isthisme(served.home, *words)).strip()
    for _ in range(2):  # reading is in the log, and reading that ends
        assert "team_read_log" in said(served.run("chief", "log"))


def test_a_second_daemon_of_one_team_does_not_start(served: Served) -> None:
    ended = isthisme(served.home, "team", "serve", "--socket", str(served.socket.with_name("other.sock")))
    assert "another daemon" in why(ended)


def test_a_home_of_ones_own_is_no_teams_and_is_not_made_one(served: Served, tmp_path: Path) -> None:
    assert "is no team's folder" in why(isthisme(tmp_path / "own", "team", "owners", "list"))
    theirs = served.home / "owners" / "anna"
    assert "photos or sightings of one person" in why(isthisme(theirs, "team", "new"))


@pytest.mark.parametrize("deleted", ["home", "run"])
def test_a_daemon_whose_folder_was_deleted_ends_by_itself(tmp_path: Path, deleted: str) -> None:
    home, run = tmp_path / "home", tmp_path / "run"
    home.mkdir(mode=0o700)
    run.mkdir()
    run.chmod(0o750)
    said(isthisme(home, "team", "new"))
    (home / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    with serving(home, run / "team.sock", tmp_path / "log"):
        shutil.rmtree((tmp_path / deleted).rename(tmp_path / "trash"), ignore_errors=True)  # at once: it may be writing
    assert not (tmp_path / deleted).exists(), "and it makes nothing anew there"
    assert not (run / "team.sock").exists()
