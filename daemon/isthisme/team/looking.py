"""What members ask and see: pictures against photos of owners, and where those were seen."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from isthisme.errors import NotFound, Overloaded
from isthisme.scanning.found import FoundPicture
from isthisme.server.row_handlers import standing_sightings
from isthisme.team.asking import Asker, OwnersAnswer
from isthisme.team.audit import Caller
from isthisme.team.door import Door
from isthisme.team.members import Right


@dataclass(frozen=True, slots=True)
class OwnerState:
    """What a member may know of an owner; None of what their token says nothing of, or cannot be told now."""

    owner: str
    rights: tuple[Right, ...]
    photos: int | None
    sightings: int | None


class Looking:
    """Threads may share it."""

    def __init__(self, door: Door, asker: Asker, *, most_owners: int) -> None:
        self._door = door
        self._asker = asker
        self._most_owners = most_owners

    def ask(
        self, caller: Caller, data: bytes, owners: Sequence[str], page: FoundPicture | None, *, deep: bool
    ) -> list[OwnersAnswer]:
        """One answer for each of the owners; where none is named, for all that the caller may ask about.

        Raises NotAllowed where one of them is not allowed: then none is answered. Raises Overloaded for too many.
        """
        for owner in owners:
            self._door.check(caller, Right.ASK, owner, "ask")
        known = self._door.owners_of(caller, Right.ASK)
        asked = list(dict.fromkeys(owners)) or known
        for owner in asked:
            if owner not in known:
                raise self._door.refusal(caller, "ask", owner)
        if not asked:
            raise self._door.refusal(caller, "ask")
        if len(asked) > self._most_owners:
            raise Overloaded(f"that is about {len(asked)} owners; name at most {self._most_owners} in one question")
        question, answers = self._asker.question(data), []
        for owner in asked:
            with self._door.home.opened(owner) as home:
                answers.append(question.about(home, page, deep=deep))
        self._door.audit.note(
            "team_asked",
            caller,
            owners=asked,
            picture=hashlib.sha256(data).hexdigest(),
            verdicts=[each.note.verdict for each in answers],
            sightings=[each.sighting_id for each in answers],
        )
        return answers

    def sightings(self, caller: Caller, owner: str, *, limit: int, before: int | None) -> list[dict[str, Any]]:
        """The newest first."""
        with self._door.about(caller, Right.SEE, owner, "sightings") as home:
            found = standing_sightings(home.catalog, limit, before=before)
            self._door.audit.note("team_listed", caller, owner=owner, count=len(found))
            return found

    def open(self, caller: Caller, owner: str, sighting_id: int) -> tuple[dict[str, Any], bytes]:
        """A sighting, and the page's picture as a small JPEG. Raises NotFound."""
        with self._door.about(caller, Right.SEE, owner, "open") as home:
            kept = home.catalog.sightings.picture(sighting_id)
            rows = standing_sightings(home.catalog, 1, before=sighting_id + 1)
            if kept is None or not rows or rows[0]["sighting_id"] != sighting_id:
                raise NotFound(f"{owner} has no sighting {sighting_id}")
            self._door.audit.note("team_opened", caller, owner=owner, sighting=sighting_id)
            return rows[0], kept[0]

    def states(self, caller: Caller, *, after: int = 0) -> Iterator[OwnerState]:
        """Of each owner whom the caller's token names, without the first `after` of them."""
        allowed = (
            (owner, tuple(right for right in Right if caller.grant is None or caller.grant.may(right, owner)))
            for owner in self._door.home.owners()
        )
        for owner, rights in islice((each for each in allowed if each[1]), after, None):
            with self._door.home.opened(owner) as home:
                photos = self._asker.count(home) if Right.ASK in rights else None
                seen = home.catalog.sightings.count() if Right.SEE in rights else None
            yield OwnerState(owner, rights, photos, seen)
