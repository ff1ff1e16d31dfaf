"""Who belongs to a team: owners and members come and go, and the log is read."""

from collections.abc import Collection
from pathlib import Path

from isthisme.catalog.journal import Entry
from isthisme.names import checked_name
from isthisme.team.audit import Caller
from isthisme.team.door import Door, known_owner
from isthisme.team.members import Grant, Right
from isthisme.team.reviewing import Reviewing

_EVERY = "every owner"


class Administering:
    """Whoever has the team's folder may do all; a token only what it could be given by itself."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def add_owner(self, caller: Caller, owner: str) -> Path:
        """Gives the owner's home folder. For who has the team's folder."""
        folder = self._door.home.add(owner)
        self._door.audit.note("team_owner_added", caller, owner=owner)
        return folder

    def remove_owner(self, caller: Caller, owner: str) -> None:
        """Erases what the team keeps about an owner: photos' descriptions, sightings, drafts, and every right.

        The log keeps the name. For who has the team's folder. Raises NotFound.
        """
        with self._door.transaction():
            self._door.home.forget(known_owner(self._door.home, owner))
            drafts = Reviewing(self._door).drop(owner)
            self._door.members.forget_owner(owner)
            self._door.audit.note("team_owner_removed", caller, owner=owner, drafts=drafts)
        self._door.home.sweep()

    def invite(
        self, caller: Caller, member: str, owners: Collection[str] | None, rights: Collection[Right], days: int
    ) -> tuple[str, Grant]:
        """A new token, which is shown this once, and what it allows. Raises NotAllowed, NotFound and UsageError."""
        checked_name(member, "member")
        grant = caller.grant
        if grant is not None and not (Right.ADMINISTER in grant.rights and grant.covers(rights, owners)):
            raise self._door.refusal(caller, "invite")
        for owner in owners or ():
            known_owner(self._door.home, owner)
        with self._door.transaction():
            token, made = self._door.members.invite(member, owners, rights, days=days, invited_by=caller.name)
            self._door.audit.note(
                "team_invited",
                caller,
                invited=made.member,
                number=made.number,
                owners=_EVERY if made.owners is None else sorted(made.owners),
                rights=sorted(made.rights),
                expires_at=made.expires_at,
            )
        return token, made

    def revoke(self, caller: Caller, member: str, number: str | None) -> list[Grant]:
        """Ends tokens at once; those that were ended. Raises NotAllowed."""
        if caller.grant is not None and Right.ADMINISTER not in caller.grant.rights:
            raise self._door.refusal(caller, "revoke")
        with self._door.transaction():
            revoked = self._door.members.revoke(member, number=number, by=caller.grant)
            for each in revoked:
                owners = _EVERY if each.owners is None else sorted(each.owners)
                self._door.audit.note("team_revoked", caller, revoked=member, number=each.number, owners=owners)
        return revoked

    def members(self, caller: Caller) -> list[Grant]:
        """Of tokens about nobody but owners of the caller's. Raises NotAllowed."""
        grant = caller.grant
        if grant is not None and Right.ADMINISTER not in grant.rights:
            raise self._door.refusal(caller, "members")
        return [each for each in self._door.members.all() if grant is None or grant.covers((), each.owners)]

    def log(self, caller: Caller, *, after: int, most: int) -> list[Entry]:
        """Entries about nobody but owners of the caller's, the oldest first, without the first `after` of them."""
        grant = caller.grant
        if grant is not None and Right.ADMINISTER not in grant.rights:
            raise self._door.refusal(caller, "log")
        entries = self._door.audit.entries() if grant is None else self._door.audit.entries_about(grant)
        found = [entry for number, entry in enumerate(entries) if after <= number < after + most]
        self._door.audit.note("team_read_log", caller)
        return found
