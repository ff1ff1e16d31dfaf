"""Killed at any event between a draft and its export: the log is whole, and an export is there with its two approvals
and its entry, or not at all."""

import shutil
from pathlib import Path

from isthisme.team.members import Right
from tests.durability.doomed import Acknowledge, Mother
from tests.team.offices import SELF, team

STEP = 7  # every seventh event, of some sixty


def approve_and_export(folder: Path, acknowledge: Acknowledge) -> None:
    with team(folder) as made:
        callers = [made.door.admit(token, 1) for token in (folder / "tokens").read_text().split()]
        draft = made.reviewing.drafts(SELF, "anna")[0]
        for caller in callers:
            if caller.name not in draft.approvers():
                draft = made.reviewing.approve(caller, "anna", 1, draft.digest)[0]
                acknowledge(caller.name)
        exported, receipt = made.reviewing.export(callers[0], "anna", 1)
        acknowledge((exported.digest, receipt))


def prepared(folder: Path) -> Path:
    with team(folder, "anna") as made:
        tokens = [made.token(member, ["anna"], Right.REVIEW, Right.EXPORT) for member in ("rita", "saul")]
        (folder / "tokens").write_text("\n".join(tokens))
        made.reviewing.draft(made.door.admit(tokens[0], 1), "anna", "request", "en", [1], {})
    return folder


def test_killed_between_approval_and_export_there_is_either(quick_path: Path, mother: Mother) -> None:
    untouched = prepared(quick_path / "untouched")
    shutil.copytree(untouched, quick_path / "trial")
    events = mother.events(approve_and_export, quick_path / "trial")
    seen = set()
    for death in range(1, events, STEP):
        folder = shutil.copytree(untouched, quick_path / f"death-{death}")
        end = mother.run(approve_and_export, folder, dies_at=death)
        assert end.was_killed
        with team(folder) as made:
            assert made.door.audit.broken_at() is None
            (draft,) = made.reviewing.drafts(SELF, "anna")
            log = [event for event, _ in made.log()]
            assert log.count("approved") == len(draft.approvers())
            assert log.count("exported") == len(draft.exports) <= 1
            assert not draft.exports or draft.approvers() == {"rita", "saul"}
            told = [each for each in end.acknowledged if isinstance(each, str)]
            assert draft.approvers().issuperset(told)
            seen.add((len(draft.approvers()), len(draft.exports)))
        end = mother.run(approve_and_export, folder)  # and the same again ends well
        assert not end.was_killed
        assert isinstance(end.acknowledged[-1], tuple)
        shutil.rmtree(folder)
    assert seen >= {(0, 0), (1, 0), (2, 0)}
