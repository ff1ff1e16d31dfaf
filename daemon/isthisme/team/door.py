"""The one door to what a team keeps: who is there, what they may do, and the log of what they tried.

What a token allows is decided from the token alone, before anything is looked up: so an owner whom it does not name and
an owner whom there is not are refused with the same words and the same work.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from isthisme.errors import NotFound
from isthisme.team.audit import Audit, Caller
from isthisme.team.homes import OwnerHome, TeamHome
from isthisme.team.members import Members, Right, Unknown
from isthisme.team.refusals import NotAllowed, NotApproved, TokenRefused


class Door:
    """Threads may share it."""

    def __init__(self, home: TeamHome, now: Callable[[], float] = time.time) -> None:
        self.home = home
        self.now = now
        self.members = Members(home.catalog.records, now)
        self.audit = Audit(home.catalog.journal)
        self.transaction = home.catalog.transaction  # of a change and its entry in the log

    def admit(self, token: str, account: int | None) -> Caller:
        """Who that is. Raises TokenRefused, in the same words whatever is wrong with the token."""
        found = self.members.of_token(token)
        if isinstance(found, Unknown):
            self.audit.note("team_refused", Caller(None, account), why=found.why, of=found.member, number=found.number)
            raise TokenRefused
        return Caller(found, account)

    def owners_of(self, caller: Caller, right: Right) -> list[str]:
        """Of those that there are, whom the caller may do that about."""
        return [owner for owner in self.home.owners() if _may(caller, right, owner)]

    def check(self, caller: Caller, right: Right, owner: str, what: str) -> None:
        """Raises NotAllowed, and the log has it."""
        if not _may(caller, right, owner):
            raise self.refusal(caller, what, owner)

    @contextmanager
    def about(self, caller: Caller, right: Right, owner: str, what: str) -> Iterator[OwnerHome]:
        """The owner's home, where the caller may do that. Raises NotAllowed, and the log has it."""
        self.check(caller, right, owner, what)
        if not self.home.has(owner):
            raise self.refusal(caller, what, owner)
        with self.home.opened(owner) as home:
            yield home

    def refusal(self, caller: Caller, what: str, owner: str | None = None) -> NotAllowed:
        """To be raised; the log has it already."""
        about = {} if owner is None else {"owner": owner}
        self.audit.note("team_refused", caller, why="not allowed", what=what, **about)
        return NotAllowed()

    @contextmanager
    def noting_disapproval(self, caller: Caller, what: str, owner: str, number: int) -> Iterator[None]:
        """Writes into the log what was not approved."""
        try:
            yield
        except NotApproved as error:
            self.audit.note("team_refused", caller, why=str(error), what=what, owner=owner, draft=number)
            raise


def _may(caller: Caller, right: Right, owner: str) -> bool:
    return caller.grant is None or caller.grant.may(right, owner)


# Not for what a token asks: whether there is an owner is theirs alone to know who may know of every one.
def known_owner(home: TeamHome, owner: str) -> str:
    """Raises NotFound: for callers to whom that tells nothing new."""
    if not home.has(owner):
        raise NotFound(f"there is no owner {owner!r}; 'isthisme team owners' names them")
    return owner
