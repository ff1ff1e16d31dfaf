"""The soak finds what it looks for: answers that cannot be true, and what is missing or back again."""

import random
import time
from pathlib import Path
from typing import Any

import pytest

from tests.soak.album import Album
from tests.soak.faults import DAEMON_FAULTS, HARSH_FAULTS, MILD_FAULTS, Chaos, Fault, plan_faults
from tests.soak.findings import Findings, Promise
from tests.soak.judging import Judge
from tests.soak.ledger import Ledger, Thing


@pytest.fixture
def album(tmp_path: Path) -> Album:
    return Album(tmp_path / "photos", 6)


def answer(verdict: str, photo: Path | None = None) -> dict[str, Any]:
    matches = [] if photo is None else [{"photo": str(photo)}]
    return {"verdict": verdict, "reason": None, "matches": matches}


@pytest.mark.parametrize(
    ("path", "verdict", "named", "broken"),
    [
        ("/copy/1/shrunk.jpg", "copy", "photo_1.jpg", None),
        ("/copy/1/shrunk.jpg", "copy", "photo_2.jpg", Promise.RIGHT_PHOTO),
        ("/moved/copy/1/shrunk.jpg", "copy", "photo_2.jpg", Promise.RIGHT_PHOTO),
        ("/copy/1/shrunk.jpg", "no_copy", None, Promise.FOUND),
        ("/copy/1/cropped.jpg", "no_copy", None, None),
        ("/copy/1/shrunk.jpg", "undecided", None, None),
        ("/stranger/1.jpg", "no_copy", None, None),
        ("/stranger/1.jpg", "copy", "photo_1.jpg", Promise.NO_STRANGER),
        ("/alias/1/7.jpg", "copy", "photo_1.jpg", Promise.NO_STRANGER),
        ("/poison/4.jpg", "copy", "photo_1.jpg", Promise.NO_STRANGER),
    ],
)
def test_an_answer_is_held_against_what_the_address_says(
    album: Album, path: str, verdict: str, named: str | None, broken: Promise | None
) -> None:
    findings = Findings()
    photo = None if named is None else album.steady / named
    Judge(album, findings).look_at(path, answer(verdict, photo), time.monotonic())
    assert list(findings.broken) == ([] if broken is None else [broken])


def test_a_photo_that_was_forgotten_may_be_found_only_by_who_asked_before(album: Album) -> None:
    findings, photo = Findings(), album.steady / "photo_1.jpg"
    judge = Judge(album, findings)
    before = time.monotonic()
    album.are_forgotten([1])
    judge.look_at("/copy/1/shrunk.jpg", answer("copy", photo), before)
    assert findings.are_good
    judge.look_at("/copy/1/shrunk.jpg", answer("copy", photo), time.monotonic() + 1)
    assert list(findings.broken) == [Promise.GONE]


def test_what_is_owed_is_missed_and_what_was_deleted_is_noticed() -> None:
    ledger, findings = Ledger(), Findings()
    for number in (1, 2, 3, 4):
        ledger.kept(Thing.SIGHTING, number)
    ledger.deleted(Thing.SIGHTING, 2)
    ledger.in_doubt(Thing.SIGHTING, 3)  # a request to delete it, which nobody answered
    ledger.kept(Thing.SIGHTING, 2)  # a verdict that was on its way when it was deleted
    ledger.compare(Thing.SIGHTING, ledger.owed(Thing.SIGHTING), {2, 4}, findings, when="then")
    assert findings.examples == {
        Promise.KEPT: ["then: sighting 1 is not there "],
        Promise.GONE: ["then: sighting 2 is there again"],
    }


def test_what_changes_while_it_is_asked_for_is_not_judged() -> None:
    ledger, findings = Ledger(), Findings()
    ledger.kept(Thing.NOTE, "a note")
    before = ledger.owed(Thing.NOTE)
    ledger.deleted(Thing.NOTE, "a note")
    ledger.compare(Thing.NOTE, before, set(), findings, when="then")
    assert findings.are_good


def test_a_plan_has_every_kind_of_fault_and_is_the_same_for_the_same_seed() -> None:
    planned = plan_faults(5, 48, "all", 0.4)
    assert planned == plan_faults(5, 48, "all", 0.4) != plan_faults(6, 48, "all", 0.4)
    assert {fault.name for fault in planned} == {*HARSH_FAULTS, *MILD_FAULTS}
    assert max(fault.at for fault in planned if fault.name in DAEMON_FAULTS) < 0.4
    assert {fault.name for fault in plan_faults(5, 48, "some", 0.4)} == set(MILD_FAULTS)
    assert plan_faults(5, 48, "none", 0.4) == []


class OnPaper(Chaos):
    """Carries out nothing, and a quarter of the run goes by with each fault."""

    def __init__(self) -> None:
        self.findings = Findings()
        self.came: list[str] = []

    async def kill_host(self, _chance: random.Random) -> None:
        self.came.append("kill_host")

    async def sleep(self, _chance: random.Random) -> None:
        self.came.append("sleep")

    def progress(self) -> float:
        return 0.25 * len(self.came) + 0.1


async def test_on_a_slow_machine_each_kind_comes_and_what_is_overdue_does_not_pile_up() -> None:
    chaos, names = OnPaper(), ("kill_host", "kill_host", "kill_host", "sleep", "sleep")
    await chaos.run([Fault(0.1, name, 1) for name in names], chaos.progress)
    assert chaos.came == ["kill_host", "sleep"]
    assert chaos.findings.counts["faults left out, being overdue"] == 3
