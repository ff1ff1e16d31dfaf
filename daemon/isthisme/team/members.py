"""Members of a team: who may do what about whom. Tokens are random, shown once, and kept as hashes alone."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Collection
from enum import StrEnum

import msgspec
from msgspec import Struct

from isthisme.catalog.records import Records
from isthisme.errors import UsageError
from isthisme.names import checked_name

_KIND = "team-token"
_TOKEN_BYTES = 32
_NUMBER_BYTES = 4
_DAY_SECONDS = 86_400.0
LONGEST_DAYS = 366


class Right(StrEnum):
    """What a member may do about the owners of their token."""

    ASK = "ask"  # whether a picture is a copy of a photo of theirs
    SEE = "see"  # where their photos were seen
    REVIEW = "review"  # write and approve notices
    EXPORT = "export"  # take out notices that two have approved
    ADMINISTER = "administer"  # invite and revoke, and read the log


class Grant(Struct, frozen=True):
    """What one token lets one member do. A member is a person, who may hold several."""

    number: str  # names the token in lists and logs, and lets nobody in
    member: str
    owners: frozenset[str] | None  # None: every owner
    rights: frozenset[Right]
    made_at: float  # seconds since 1970
    expires_at: float
    invited_by: str  # '' for whoever has the home folder itself
    revoked_at: float | None = None

    def may(self, right: Right, owner: str) -> bool:
        """By what the token says alone, so that it takes the same work whether or not there is such an owner."""
        return right in self.rights and (self.owners is None or owner in self.owners)

    def covers(self, rights: Collection[Right], owners: Collection[str] | None) -> bool:
        """Whether nothing of that goes beyond what this token allows."""
        within = self.owners is None or (owners is not None and self.owners.issuperset(owners))
        return within and self.rights.issuperset(rights)

    def holds_at(self, now: float) -> bool:
        return self.revoked_at is None and self.made_at <= now < self.expires_at


class Unknown(Struct, frozen=True):
    """A token that lets nobody in; of whom it was is for the log alone."""

    why: str
    member: str = ""
    number: str = ""


class Members:
    def __init__(self, records: Records, now: Callable[[], float] = time.time) -> None:
        self._records = records
        self._now = now

    def invite(
        self,
        member: str,
        owners: Collection[str] | None,
        rights: Collection[Right],
        *,
        days: int,
        invited_by: str = "",
    ) -> tuple[str, Grant]:
        """A new token, which is kept nowhere, and what it allows. Raises UsageError."""
        if not rights:
            raise UsageError("a token without rights is of no use; name one or more")
        if owners is not None and not owners:
            raise UsageError("a token for nobody's photos is of no use; name their owners")
        if not 1 <= days <= LONGEST_DAYS:
            raise UsageError(f"a token holds for 1 to {LONGEST_DAYS} days, and not {days}; invite again when it ends")
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._now()
        made = Grant(
            number=secrets.token_hex(_NUMBER_BYTES),
            member=checked_name(member, "member"),
            owners=None if owners is None else frozenset(checked_name(owner) for owner in owners),
            rights=frozenset(rights),
            made_at=now,
            expires_at=now + days * _DAY_SECONDS,
            invited_by=invited_by,
        )
        self._records.put(_KIND, _hashed(token), msgspec.json.encode(made).decode())
        return token, made

    def of_token(self, token: str) -> Grant | Unknown:
        """Compares with every token there is, each in constant time, and stops at none."""
        given, found = _hashed(token), Unknown("no such token")
        chosen: Grant | None = None
        for digest, grant in self._grants().items():
            if hmac.compare_digest(digest, given):
                chosen = grant
        if chosen is None:
            return found
        if chosen.holds_at(self._now()):
            return chosen
        return Unknown("revoked" if chosen.revoked_at is not None else "expired", chosen.member, chosen.number)

    def all(self) -> list[Grant]:
        """Also what was revoked or has expired; the oldest first."""
        return sorted(self._grants().values(), key=lambda grant: (grant.made_at, grant.number))

    def may_now(self, member: str, right: Right, owner: str) -> bool:
        """Whether any token of a member's that holds now allows it."""
        now = self._now()
        return any(
            grant.member == member and grant.holds_at(now) and grant.may(right, owner)
            for grant in self._grants().values()
        )

    def revoke(self, member: str, *, number: str | None, by: Grant | None) -> list[Grant]:
        """Ends the tokens of a member that hold, or one of them; those that were ended.

        Of an administrator's only those that they could have given themselves.
        """
        now, revoked = self._now(), []
        for digest, grant in self._grants().items():
            is_meant = grant.member == member and number in (None, grant.number) and grant.revoked_at is None
            if is_meant and (by is None or by.covers(grant.rights, grant.owners)):
                ended = msgspec.structs.replace(grant, revoked_at=now)
                self._records.put(_KIND, digest, msgspec.json.encode(ended).decode())
                revoked.append(ended)
        return revoked

    def forget_owner(self, owner: str) -> None:
        """Takes an owner out of every token; one that was about nobody else is revoked."""
        for digest, grant in self._grants().items():
            if grant.owners is not None and owner in grant.owners:
                left = grant.owners - {owner}
                ended = self._now() if not left and grant.revoked_at is None else grant.revoked_at
                changed = msgspec.structs.replace(grant, owners=left, revoked_at=ended)
                self._records.put(_KIND, digest, msgspec.json.encode(changed).decode())

    def _grants(self) -> dict[str, Grant]:
        kept = self._records.all(_KIND)
        return {digest: msgspec.json.decode(text, type=Grant) for digest, text in kept.items()}


def _hashed(token: str) -> str:
    """The tokens are random and long, so that a plain hash tells nothing of them."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
