"""How fast something grows: the median of the slopes between all pairs of points, which few outliers can sway.

Theil (1950) and Sen (1968). Processes come and go: only points of one process are compared, and the interval follows
from the variance of Kendall's statistic summed over the processes, as in Hirsch and Slack's seasonal test (1984).
Points are first thinned to medians of a stretch of time: neighbours in time are alike and would make it too narrow.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

type Point = tuple[float, float]  # seconds, value


@dataclass(frozen=True, slots=True)
class Slope:
    """By the hour, with the ends of the 95 % interval."""

    per_hour: float
    low: float
    high: float
    points: int

    def __str__(self) -> str:
        return f"{self.per_hour:+.2f} an hour ({self.low:+.2f} to {self.high:+.2f}; {self.points} points)"


def slope_of(lives: Sequence[Sequence[Point]], *, warm_up_seconds: float, stretch_seconds: float) -> Slope | None:
    """Of one life each. The first seconds of a life do not count. None where fewer than ten points are left."""
    thinned = [_thinned(life, warm_up_seconds, stretch_seconds) for life in lives]
    slopes = [
        (later[1] - earlier[1]) / (later[0] - earlier[0]) * 3600
        for life in thinned
        for number, earlier in enumerate(life)
        for later in life[number + 1 :]
    ]
    points = sum(len(life) for life in thinned if len(life) > 1)
    if points < 10:
        return None
    ordered = np.sort(slopes)
    variance = sum(n * (n - 1) * (2 * n + 5) / 18 for n in map(len, thinned))
    half = 1.96 * math.sqrt(variance)
    low = max(0, math.floor((len(ordered) - half) / 2))
    high = min(len(ordered) - 1, math.ceil((len(ordered) + half) / 2))
    return Slope(float(np.median(ordered)), float(ordered[low]), float(ordered[high]), points)


def _thinned(life: Sequence[Point], warm_up_seconds: float, stretch_seconds: float) -> list[Point]:
    if not life:
        return []
    began = life[0][0] + warm_up_seconds
    stretches: dict[int, list[Point]] = {}
    for at, value in life:
        if at >= began:
            stretches.setdefault(int((at - began) // stretch_seconds), []).append((at, value))
    return [
        (float(np.median([at for at, _ in some])), float(np.median([value for _, value in some])))
        for some in stretches.values()
    ]
