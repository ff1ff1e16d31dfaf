"""A notice is exported after two people approved it as it is, and in no other case."""

from pathlib import Path

import pytest

from isthisme.errors import InvalidMessage, NotFound
from isthisme.team.audit import Caller
from isthisme.team.members import Right
from isthisme.team.refusals import NotAllowed, NotApproved
from isthisme.team.review import TeamDraft
from tests.team.offices import SELF, Team, team


def drafted(made: Team, by: Caller, owner: str = "anna") -> TeamDraft:
    return made.reviewing.draft(by, owner, "request", "en", [1], {"name": "An Agency"})[0]


def test_two_people_approve_and_it_is_exported(tmp_path: Path) -> None:
    with team(tmp_path / "team", "anna") as made:
        rita, saul = made.caller("rita", ["anna"]), made.caller("saul", ["anna"])
        draft = drafted(made, rita)
        assert "https://anna.example/stolen" in draft.text
        for number, reviewer in enumerate((rita, saul)):  # the author may be one of the two
            with pytest.raises(NotApproved, match=f"{number} of 2"):
                made.reviewing.export(rita, "anna", 1)
            made.reviewing.approve(reviewer, "anna", 1, draft.digest)
        exported, receipt = made.reviewing.export(rita, "anna", 1)
        assert (exported.subject, exported.text) == (draft.subject, draft.text)
        assert [each.member for each in exported.exports] == ["rita"]
        assert made.door.audit.missing(frozenset({receipt})) == frozenset()
        assert [event for event, _ in made.log()][-6:] == [
            *("drafted", "refused", "approved", "refused", "approved", "exported"),
        ]
        with made.home.opened("anna") as home:
            assert home.catalog.journal.entries()[-1].detail["how"] == "exported"


def test_two_approvals_of_one_person_are_one_whichever_token_they_come_with(tmp_path: Path) -> None:
    with team(tmp_path / "team", "anna") as made:
        rita, again = made.caller("rita", ["anna"]), made.caller("rita", ["anna"])
        draft = drafted(made, rita)
        made.reviewing.approve(rita, "anna", 1, draft.digest)
        for each in (rita, again):
            with pytest.raises(NotApproved, match="somebody else"):
                made.reviewing.approve(each, "anna", 1, draft.digest)
        with pytest.raises(NotApproved, match="1 of 2"):
            made.reviewing.export(rita, "anna", 1)
        assert [event for event, _ in made.log()].count("refused") == 3


@pytest.mark.parametrize(("subject", "text"), [("S", None), (None, "T\n"), (None, None)])
def test_changing_a_draft_takes_its_approvals_back(tmp_path: Path, subject: str | None, text: str | None) -> None:
    with team(tmp_path / "team", "anna") as made:
        rita, saul = made.caller("rita", ["anna"]), made.caller("saul", ["anna"])
        draft = drafted(made, rita)
        for reviewer in (rita, saul):
            made.reviewing.approve(reviewer, "anna", 1, draft.digest)
        changed = made.reviewing.revise(saul, "anna", 1, subject or draft.subject, text or draft.text)
        assert changed.approvals == ()
        with pytest.raises(NotApproved, match="0 of 2"):
            made.reviewing.export(saul, "anna", 1)


def test_what_was_changed_since_it_was_read_cannot_be_approved(tmp_path: Path) -> None:
    with team(tmp_path / "team", "anna") as made:
        rita, saul = made.caller("rita", ["anna"]), made.caller("saul", ["anna"])
        read = drafted(made, rita)
        made.reviewing.revise(rita, "anna", 1, "Another subject", read.text)
        with pytest.raises(NotApproved, match="read it again"):
            made.reviewing.approve(saul, "anna", 1, read.digest)


def test_an_approval_counts_as_long_as_its_giver_may_review(tmp_path: Path) -> None:
    with team(tmp_path / "team", "anna") as made:
        rita, saul = made.caller("rita", ["anna"]), made.caller("saul", ["anna"])
        draft = drafted(made, rita)
        for reviewer in (rita, saul):
            made.reviewing.approve(reviewer, "anna", 1, draft.digest)
        made.administering.revoke(SELF, "saul", None)
        with pytest.raises(NotApproved, match="1 of 2"):
            made.reviewing.export(rita, "anna", 1)


def test_the_digest_is_of_all_that_a_notice_says() -> None:
    draft = TeamDraft("anna", 1, "request", "en", (1, 2), "S", "T", "rita", 0.0)
    others = [
        TeamDraft("zoe", 1, "request", "en", (1, 2), "S", "T", "rita", 0.0),
        TeamDraft("anna", 2, "request", "en", (1, 2), "S", "T", "rita", 0.0),
        TeamDraft("anna", 1, "dmca", "en", (1, 2), "S", "T", "rita", 0.0),
        TeamDraft("anna", 1, "request", "zh", (1, 2), "S", "T", "rita", 0.0),
        TeamDraft("anna", 1, "request", "en", (1,), "S", "T", "rita", 0.0),
        TeamDraft("anna", 1, "request", "en", (1, 2), "ST", "", "rita", 0.0),
        TeamDraft("anna", 1, "request", "en", (1, 2), "S", "T ", "rita", 0.0),
    ]
    assert len({each.digest for each in (draft, *others)}) == 8


def test_each_step_takes_its_right(tmp_path: Path) -> None:
    with team(tmp_path / "team", "anna") as made:
        rita = made.caller("rita", ["anna"], Right.REVIEW)
        exporter = made.caller("eve", ["anna"], Right.EXPORT)
        draft = drafted(made, rita)
        for tried in (
            lambda: drafted(made, exporter),
            lambda: made.reviewing.read(exporter, "anna", 1),
            lambda: made.reviewing.drafts(exporter, "anna"),
            lambda: made.reviewing.revise(exporter, "anna", 1, "S", "T"),
            lambda: made.reviewing.approve(exporter, "anna", 1, draft.digest),
            lambda: made.reviewing.export(rita, "anna", 1),
        ):
            with pytest.raises(NotAllowed):
                tried()
        assert [event for event, _ in made.log()].count("refused") == 6
        assert made.reviewing.drafts(rita, "anna") == [draft]


def test_a_draft_about_what_is_not_there_is_not_made(tmp_path: Path) -> None:
    with team(tmp_path / "team", "anna") as made:
        rita = made.caller("rita", ["anna"])
        with pytest.raises(NotFound):
            made.reviewing.draft(rita, "anna", "request", "en", [99], {})
        with pytest.raises(NotFound):
            made.reviewing.read(rita, "anna", 1)
        drafted(made, rita)
        with pytest.raises(InvalidMessage):
            made.reviewing.revise(rita, "anna", 1, "", "text")
        with pytest.raises(InvalidMessage):
            made.reviewing.revise(rita, "anna", 1, "s", "x" * 600_001)
