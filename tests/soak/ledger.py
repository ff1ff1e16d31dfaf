"""What the daemon acknowledged, and so owes."""

from dataclasses import dataclass, field
from enum import StrEnum

from tests.soak.findings import Findings, Promise


class Thing(StrEnum):
    SIGHTING = "sighting"
    DECISION = "decision"
    CASE = "case"
    NOTE = "note"
    BUNDLE = "evidence"
    CAPTURE = "captured page"
    FOLDER = "folder"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Owed:
    """What was there and what was gone at one moment, by acknowledgement."""

    there: frozenset[object]
    gone: frozenset[object]


@dataclass(slots=True)
class Ledger:
    """Of what was asked for and neither acknowledged nor refused nothing is known: it is owed neither way."""

    sighting_photos: dict[int, tuple[int, int]] = field(default_factory=dict)  # id: the photo's seed, and its id
    sighting_pages: dict[int, str] = field(default_factory=dict)
    bundles: dict[int, tuple[str, str, int]] = field(default_factory=dict)  # id: path, SHA-256, one of its sightings
    capture_pages: dict[int, str] = field(default_factory=dict)
    words: dict[tuple[Thing, object], str] = field(default_factory=dict)  # more to say of what is missed
    notes: dict[str, int] = field(default_factory=dict)  # text: case
    _there: dict[Thing, set[object]] = field(default_factory=lambda: {thing: set() for thing in Thing})
    _gone: dict[Thing, set[object]] = field(default_factory=lambda: {thing: set() for thing in Thing})

    def kept(self, thing: Thing, what: object) -> None:
        """Acknowledged as there. What was deleted in the meantime stays so: its number is never given again."""
        if what not in self._gone[thing] or thing in (Thing.FOLDER, Thing.PAUSE):
            self._there[thing].add(what)
            self._gone[thing].discard(what)

    def in_doubt(self, thing: Thing, what: object) -> None:
        """Something was asked for that may end it or bring it back."""
        self._there[thing].discard(what)
        self._gone[thing].discard(what)

    def deleted(self, thing: Thing, what: object) -> None:
        self._there[thing].discard(what)
        self._gone[thing].add(what)

    def owed(self, thing: Thing) -> Owed:
        return Owed(frozenset(self._there[thing]), frozenset(self._gone[thing]))

    def some(self, thing: Thing) -> list[int]:
        """The numbers of what is there, in order."""
        return sorted(what for what in self._there[thing] if isinstance(what, int))

    def compare(self, thing: Thing, before: Owed, found: set[object], findings: Findings, *, when: str) -> None:
        """`before` was owed when the question for `found` was asked; what changed since is not judged."""
        now = self.owed(thing)
        for what in before.there & now.there:
            words = f"{when}: {thing} {what!r} is not there {self.words.get((thing, what), '')}"
            findings.check(Promise.KEPT, what in found, words)
        for what in before.gone & now.gone:
            findings.check(Promise.GONE, what not in found, f"{when}: {thing} {what!r} is there again")
