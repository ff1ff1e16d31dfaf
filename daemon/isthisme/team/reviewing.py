"""Notices of a team on their way: drafted from an owner's sightings, read, changed, approved by two, exported."""

from collections.abc import Mapping, Sequence
from typing import Any

from isthisme.notices.kinds import Language
from isthisme.server import notice_handlers
from isthisme.team.audit import Caller
from isthisme.team.door import Door
from isthisme.team.members import Right
from isthisme.team.review import Drafts, TeamDraft


class Reviewing:
    """Threads may share it. Each change and its entry in the log are one transaction."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._drafts = Drafts(door.home.catalog.records)

    def drafts(self, caller: Caller, owner: str) -> list[TeamDraft]:
        with self._door.about(caller, Right.REVIEW, owner, "drafts"):
            return self._drafts.of(owner)

    def draft(
        self,
        caller: Caller,
        owner: str,
        kind: str,
        language: Language,
        sightings: Sequence[int],
        answers: Mapping[str, str],
    ) -> tuple[TeamDraft, dict[str, Any]]:
        """A new one, and what else is to be known of it: whom to write to, and what is missing. Raises NotFound."""
        with self._door.about(caller, Right.REVIEW, owner, "draft") as home:
            made = notice_handlers.make_draft(home.catalog, kind, language, list(sightings), answers)
            with self._door.transaction():
                added = self._drafts.add(
                    owner, kind, language, sightings, made.subject, made.text, caller.name, self._door.now()
                )
                self._note("team_drafted", caller, added)
        return added, notice_handlers.notice_fields(made, kind, language)

    def read(self, caller: Caller, owner: str, number: int) -> TeamDraft:
        """Raises NotFound."""
        with self._door.about(caller, Right.REVIEW, owner, "read_draft"):
            found = self._drafts.one(owner, number)
            self._note("team_read_draft", caller, found)
            return found

    def revise(self, caller: Caller, owner: str, number: int, subject: str, text: str) -> TeamDraft:
        """Its approvals are taken back. Raises NotFound."""
        with self._door.about(caller, Right.REVIEW, owner, "revise"), self._door.transaction():
            changed = self._drafts.revise(self._drafts.one(owner, number), subject, text)
            self._note("team_revised", caller, changed)
            return changed

    def approve(self, caller: Caller, owner: str, number: int, digest: str) -> tuple[TeamDraft, str]:
        """The draft, and a receipt. Raises NotFound, and NotApproved where it is not what was read."""
        with (
            self._door.about(caller, Right.REVIEW, owner, "approve"),
            self._door.noting_disapproval(caller, "approve", owner, number),
            self._door.transaction(),
        ):
            approved = self._drafts.approve(self._drafts.one(owner, number), digest, caller.name, self._door.now())
            return approved, self._note("team_approved", caller, approved)

    def export(self, caller: Caller, owner: str, number: int) -> tuple[TeamDraft, str]:
        """What may be made into a letter, and a receipt. Raises NotFound and NotApproved.

        It is recorded and in the log before anybody has it; whoever did not get the answer asks again.
        """
        members = self._door.members
        with self._door.about(caller, Right.EXPORT, owner, "export") as home:
            with self._door.noting_disapproval(caller, "export", owner, number), self._door.transaction():
                draft = self._drafts.export(
                    self._drafts.one(owner, number),
                    caller.name,
                    self._door.now(),
                    lambda approver: members.may_now(approver, Right.REVIEW, owner),
                )
                receipt = self._note("team_exported", caller, draft)
            kind = notice_handlers.known_kinds().one(draft.kind)
            notice_handlers.note_drafted(home.catalog, kind, list(draft.sightings), "exported")
        return draft, receipt

    def drop(self, owner: str) -> int:
        """All of an owner's, who is being removed."""
        return self._drafts.drop(owner)

    def _note(self, event: Any, caller: Caller, draft: TeamDraft) -> str:
        return self._door.audit.note(event, caller, owner=draft.owner, draft=draft.number, digest=draft.digest)
