"""What a team has much of is told in as many answers as it takes, each no larger than a frame."""

import asyncio
import io
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from isthisme.cli.team_desk import newest_sightings
from isthisme.server import parsing
from isthisme.server.frames import LARGEST_TO_BROWSER_BYTES
from isthisme.server.threads import Threads
from isthisme.team.client import TeamClient
from isthisme.team.daemon import parse
from isthisme.team.handlers import TeamHandlers
from isthisme.team.members import Right
from tests.team.offices import SELF, Team, keep_sighting, team

LONG = "x" * 16_000  # characters


class Desk(TeamClient):
    """A member's, at handlers in this process."""

    def __init__(self, made: Team, threads: Threads, token: str) -> None:
        super().__init__(io.BufferedRWPair(io.BytesIO(), io.BytesIO()), token)  # type: ignore[arg-type] of bytes both
        self._handlers = TeamHandlers(made.door, made.looking, made.reviewing, made.administering, threads)
        self._token = token

    def ask(self, kind: str, /, **fields: Any) -> dict[str, Any]:
        request = parse(json.dumps({"id": 1, "type": kind, "token": self._token, **fields}).encode())
        body = parsing.answer(*self._with_id(asyncio.run(self._handlers.handle(1_000, request))))
        assert len(body) <= LARGEST_TO_BROWSER_BYTES
        found: dict[str, Any] = json.loads(body)
        return found

    @staticmethod
    def _with_id(answered: tuple[str, Any]) -> tuple[str, int, Any]:
        return answered[0], 1, answered[1]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Team]:
    with team(tmp_path / "team", "anna") as opened:
        yield opened


@pytest.fixture
def desk(made: Team) -> Iterator[Desk]:
    with closing(Threads(1)) as threads:
        yield Desk(made, threads, made.token("rita", None))


def test_sightings_on_pages_with_long_addresses_are_all_listed(made: Team, desk: Desk) -> None:
    for number in range(100):
        keep_sighting(made.home, "anna", f"https://thief.example/{number}/{LONG}")
    assert [each["sighting_id"] for each in newest_sightings(desk, "anna", 90)] == list(range(101, 11, -1))
    assert len(newest_sightings(desk, "anna", 200)) == 101


def test_every_draft_is_listed(made: Team, desk: Desk) -> None:
    rita = made.caller("rita", ["anna"])
    for _ in range(60):
        draft = made.reviewing.draft(rita, "anna", "request", "en", [1], {"name": "An Agency"})[0]
        made.reviewing.revise(rita, "anna", draft.number, LONG + LONG, "What it says\n")
    assert [each["number"] for each in desk.ask_for_all("drafts", "drafts", owner="anna")] == list(range(1, 61))


def test_every_token_is_listed_and_revoked_in_one_answer(made: Team, desk: Desk) -> None:
    owners = [f"owner-{number:03}-{'x' * 50}" for number in range(200)]
    for owner in owners:
        made.home.catalog.records.put("team-owner", owner, "1")
    for _ in range(100):
        made.administering.invite(SELF, "una", owners, [Right.ASK], 90)
    listed = [each["number"] for each in desk.ask_for_all("members", "members")]
    assert len(listed) == len(set(listed)) == 101
    assert len(desk.ask("revoke", member="una")["numbers"]) == 100


def test_a_log_of_long_entries_is_read_to_its_end(made: Team, desk: Desk) -> None:
    rita = made.caller("rita", ["anna"])
    for number in range(150):
        made.door.audit.note("team_asked", rita, owners=["anna"], picture=f"{number} {LONG}")
    told = [each["detail"]["picture"] for each in desk.ask_for_all("log", "entries") if each["event"] == "team_asked"]
    assert [int(picture.split()[0]) for picture in told] == list(range(150))


def test_every_owner_is_told_of(made: Team, desk: Desk) -> None:
    names = ["anna", *(f"owner-{number}" for number in range(5))]
    for owner in names[1:]:
        made.administering.add_owner(SELF, owner)
    assert [each["owner"] for each in desk.ask_for_all("status", "owners")] == names
    assert [each["owner"] for each in desk.ask_for_all("status", "owners", after=4)] == names[4:]
