"""Whether what the processes hold grows while they browse: how fast, how surely, and against which limit."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tests.soak.findings import Findings, Promise
from tests.soak.gauges import MEASURES, ROLES, Gauges
from tests.soak.slope import Slope, slope_of

_STRETCH_SECONDS = 30.0
# An hour. Memory in MB; of files and threads a few come late, when pools of threads meet their busiest moment.
LIMITS: Final = {"memory": 30.0, "handles": 24.0, "threads": 24.0}
MOST_OF_A_WORKER: Final = 350.0  # MB: with both models, and what its largest picture left free
_PROMISES: Final = {
    "memory": Promise.FLAT_MEMORY,
    "handles": Promise.FLAT_HANDLES,
    "threads": Promise.FLAT_HANDLES,
}


class Outcome(StrEnum):
    FLAT = "flat"  # the whole interval lies below the limit
    GROWS = "grows"  # the whole interval lies above it
    UNTOLD = "cannot be told"  # too short, or too unsteady


@dataclass(frozen=True, slots=True)
class Growth:
    role: str
    measure: str
    slope: Slope | None
    most: float  # that one process held

    @property
    def is_bounded(self) -> bool:
        """Judged by what one held at the most: a worker is replaced after so many pictures, and fills until then."""
        return (self.role, self.measure) == ("worker", "memory")

    @property
    def limit(self) -> float:
        return MOST_OF_A_WORKER if self.is_bounded else LIMITS[self.measure]

    @property
    def outcome(self) -> Outcome:
        if self.is_bounded:
            return Outcome.UNTOLD if not self.most else Outcome.FLAT if self.most <= self.limit else Outcome.GROWS
        if self.slope is None or self.slope.low < self.limit <= self.slope.high:
            return Outcome.UNTOLD
        return Outcome.FLAT if self.slope.high < self.limit else Outcome.GROWS

    def __str__(self) -> str:
        found = f"{self.most:.0f} at the most" if self.is_bounded else f"{self.slope or 'too short'}"
        return f"{self.measure} of the {self.role}: {self.outcome}, {found}; limit {self.limit:g}"


def growths(gauges: Gauges, warm_up_seconds: float) -> Iterator[Growth]:
    """Of each role and measure, while one process lives."""
    for role in ROLES:
        for measure in MEASURES:
            lives = gauges.lives(role, measure)
            slope = slope_of(lives, warm_up_seconds=warm_up_seconds, stretch_seconds=_STRETCH_SECONDS)
            yield Growth(role, measure, slope, max((value for life in lives for _, value in life), default=0.0))


def judge_growth(found: Iterator[Growth], findings: Findings) -> None:
    """What cannot be told breaks no promise, and is no proof of it: it counts as not checked."""
    for growth in found:
        if growth.outcome is Outcome.UNTOLD:
            findings.counts[f"growth that cannot be told: {growth.measure} of the {growth.role}"] += 1
        else:
            findings.check(_PROMISES[growth.measure], growth.outcome is Outcome.FLAT, str(growth))
