"""A team's log: who asked about whom, what was opened, approved, exported and refused. It is the journal of the team's
own catalog: append-only, each entry with the hash of the one before.

It names members, owners, numbers and hashes: no picture, no address, no text of a notice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from isthisme.catalog.journal import Entry, Journal, TeamEvent
from isthisme.team.members import Grant

_PORTION = 500


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose request it is, and from which account as the system has it. Without a grant: who has the folder itself."""

    grant: Grant | None
    user_id: int | None

    @property
    def name(self) -> str:
        return "" if self.grant is None else self.grant.member


class Audit:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def note(self, event: TeamEvent, caller: Caller, **detail: object) -> str:
        """The entry's hash in hex: a receipt."""
        who: dict[str, object] = {"member": caller.name, "account": caller.user_id}
        if caller.grant is not None:
            who["token"] = caller.grant.number
        return self._journal.note(event, who | detail).hex()

    def entries(self) -> Iterator[Entry]:
        """All, the oldest first."""
        after = 0
        while found := self._journal.entries(after=after, limit=_PORTION):
            yield from found
            after = found[-1].entry_id

    def entries_about(self, grant: Grant) -> Iterator[Entry]:
        """Those about nobody but owners of that token."""
        for entry in self.entries():
            about = owners_of(entry)
            if grant.owners is None or (about and grant.owners.issuperset(about)):
                yield entry

    def broken_at(self) -> int | None:
        """The number of the first entry that is not as it was written; None: whole."""
        return self._journal.broken_at()

    def missing(self, receipts: frozenset[str]) -> frozenset[str]:
        """Receipts whose entries are not there: the log was cut off, or written anew."""
        return receipts - {entry.hash.hex() for entry in self.entries()} if receipts else frozenset()


def owners_of(entry: Entry) -> frozenset[str]:
    """Whom an entry is about; none where it is about nobody, or about every owner."""
    named = entry.detail.get("owners", [entry.detail["owner"]] if "owner" in entry.detail else [])
    return frozenset(map(str, named)) if isinstance(named, list) else frozenset()
