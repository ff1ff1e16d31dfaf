"""Notices of a team: drafted about an owner's sightings, approved by two people as they are, then exported.

An approval names the hash of what was approved, and changing a draft takes every approval back.
"""

import hashlib
import json
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from isthisme.catalog.records import Records
from isthisme.errors import InvalidMessage, NotFound
from isthisme.notices.kinds import Language
from isthisme.team.refusals import NotApproved

_KIND = "team-draft"
NEEDED = 2  # people, the author among them or not
_LARGEST_TEXT = 600_000  # bytes; an answer of the daemon holds it


class Approval(Struct, frozen=True):
    member: str
    digest: str  # of what they approved
    at: float  # seconds since 1970


class Export(Struct, frozen=True):
    member: str
    digest: str
    at: float


class TeamDraft(Struct, frozen=True):
    owner: str
    number: int  # among this owner's, from 1
    kind: str
    language: Language
    sightings: tuple[int, ...]
    subject: str
    text: str
    author: str
    made_at: float
    approvals: tuple[Approval, ...] = ()
    exports: tuple[Export, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of all that is approved: what it says, of whom, about what."""
        said = [self.owner, self.number, self.kind, self.language, list(self.sightings), self.subject, self.text]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    def approvers(self) -> frozenset[str]:
        """People, each once, who approved it as it is."""
        return frozenset(each.member for each in self.approvals if each.digest == self.digest)


class Drafts:
    """Every change is one transaction of the caller's, together with its entry in the log."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def add(
        self,
        owner: str,
        kind: str,
        language: Language,
        sightings: Sequence[int],
        subject: str,
        text: str,
        by: str,
        at: float,
    ) -> TeamDraft:
        number = 1 + max((each.number for each in self.of(owner)), default=0)
        made = TeamDraft(owner, number, kind, language, tuple(sightings), subject, text, by, at)
        self._put(made)
        return made

    def of(self, owner: str) -> list[TeamDraft]:
        kept = self._records.all(_kind(owner))
        return sorted((_read(text) for text in kept.values()), key=lambda each: each.number)

    def one(self, owner: str, number: int) -> TeamDraft:
        """Raises NotFound."""
        kept = self._records.get(_kind(owner), str(number))
        if kept is None:
            raise NotFound(f"there is no draft {number} about {owner}")
        return _read(kept)

    def revise(self, draft: TeamDraft, subject: str, text: str) -> TeamDraft:
        """Takes the approvals back; the log keeps that they were given."""
        size = len(subject.encode("utf-8", "replace")) + len(text.encode("utf-8", "replace"))
        if not subject.strip() or not text.strip() or size > _LARGEST_TEXT:
            raise InvalidMessage(f"a notice has a subject and a text, together at most {_LARGEST_TEXT:,} bytes")
        changed = msgspec.structs.replace(draft, subject=subject, text=text, approvals=())
        self._put(changed)
        return changed

    def approve(self, draft: TeamDraft, digest: str, member: str, at: float) -> TeamDraft:
        """Raises NotApproved where the draft is not what was read."""
        if digest != draft.digest:
            raise NotApproved(f"draft {draft.number} was changed since it was read; read it again, then approve that")
        if member in draft.approvers():
            raise NotApproved(f"{member} has approved draft {draft.number} already; the other has to be somebody else")
        approved = msgspec.structs.replace(draft, approvals=(*draft.approvals, Approval(member, digest, at)))
        self._put(approved)
        return approved

    def export(self, draft: TeamDraft, member: str, at: float, may_review: Callable[[str], bool]) -> TeamDraft:
        """Raises NotApproved, naming how many more it takes."""
        standing = [approver for approver in draft.approvers() if may_review(approver)]
        if len(standing) < NEEDED:
            raise NotApproved(
                f"draft {draft.number} was approved by {len(standing)} of {NEEDED} people as it is; "
                "approvals of other words, and of people who may not review any more, do not count"
            )
        exported = msgspec.structs.replace(draft, exports=(*draft.exports, Export(member, draft.digest, at)))
        self._put(exported)
        return exported

    def drop(self, owner: str) -> int:
        """All of an owner's; how many there were."""
        drafts = self.of(owner)
        for each in drafts:
            self._records.drop(_kind(owner), str(each.number))
        return len(drafts)

    def _put(self, draft: TeamDraft) -> None:
        self._records.put(_kind(draft.owner), str(draft.number), msgspec.json.encode(draft).decode())


def _kind(owner: str) -> str:
    return f"{_KIND}-{owner}"


def _read(text: str) -> TeamDraft:
    return msgspec.json.decode(text, type=TeamDraft)
