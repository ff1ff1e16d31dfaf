"""Notices that the computer slept, while nothing that went on in the folders was told."""

import time
from collections.abc import Callable

_APART_SECONDS = 30.0  # clocks that are kept right by the network move by less
_UNSEEN_SECONDS = 300.0  # whoever looks does so far more often


class SleepWatch:
    """To be asked every minute or so.

    Most systems' monotonic clock stands still in sleep while the wall clock goes on; with others both jump. A wall
    clock that somebody sets forward looks the same, and costs one look too many.
    """

    def __init__(
        self, *, monotonic: Callable[[], float] = time.monotonic, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self._clocks = monotonic, wall_clock
        self._seen = monotonic(), wall_clock()

    def has_slept(self) -> bool:
        """Whether it did since the last question."""
        before, self._seen = self._seen, (self._clocks[0](), self._clocks[1]())
        awake, passed = self._seen[0] - before[0], self._seen[1] - before[1]
        return passed - awake > _APART_SECONDS or awake > _UNSEEN_SECONDS
