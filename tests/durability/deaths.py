"""Deaths at random, and what is asked after each.

ISTHISME_ROUNDS sets the number of rounds of each test, ISTHISME_SEED repeats a run. Half of the deaths come at a chosen
event, which the seed repeats exactly, the others after a chosen time, which may be in the middle of a write.
"""

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.durability import work
from tests.durability.doomed import End, Mother, Work

ROUNDS = int(os.environ.get("ISTHISME_ROUNDS", "40"))


class Deaths:
    """Lets work die at random, with the events of an undisturbed run as the measure."""

    def __init__(self, mother: Mother, chance: random.Random, run: Work, trial: Path, *more: object) -> None:
        self._mother, self._chance, self._run, self._more = mother, chance, run, more
        self._events = mother.events(run, trial, *more)
        assert self._events > 15
        self._seconds = 0.2

    def once(self, path: Path) -> End:
        if self._chance.random() < 0.5:
            return self._mother.run(self._run, path, *self._more, dies_at=self._chance.randint(1, self._events))
        end = self._mother.run(self._run, path, *self._more, killed_after=self._chance.uniform(0, self._seconds))
        self._seconds *= 1.1 if end.was_killed else 0.8  # of machines that are busier or idler than expected
        return end


def kept_at_last(end: End) -> dict[int, int]:
    """Descriptions by generation, photos under 0, by the last acknowledgement."""
    kept = [each.counts for each in end.acknowledged if isinstance(each, work.Kept)]
    return kept[-1] if kept else {}


def is_sound(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as raw:
        return raw.execute("pragma integrity_check").fetchall() == [("ok",)]
