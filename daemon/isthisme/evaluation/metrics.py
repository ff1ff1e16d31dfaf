"""Recall at a false-positive rate, micro average precision, overlap, calibration; ties count against us."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon
from isthisme.engine.geometry import area_of, clipped

_Z = 1.96  # two-sided 95 %


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval (Wilson, 1927)."""

    count: int
    total: int

    @property
    def value(self) -> float:
        return self.count / self.total if self.total else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        if not self.total:
            return 0.0, 1.0
        share, total = self.value, self.total
        centre = (share + _Z**2 / (2 * total)) / (1 + _Z**2 / total)
        reach = _Z * np.sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2)) / (1 + _Z**2 / total)
        return max(0.0, float(centre - reach)), min(1.0, float(centre + reach))

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f} ({low:.3f}-{high:.3f}) of {self.total}"


def recall_at(copies: NDArray[np.float64], strangers: NDArray[np.float64], rate: float) -> Share:
    """Copies whose score lies above that of all but `rate` of the strangers'; one as high as the bound does not."""
    allowed = int(np.floor(rate * len(strangers)))
    ordered = np.sort(strangers)[::-1]
    bound = ordered[allowed] if allowed < len(ordered) else -np.inf
    return Share(int((copies > bound).sum()), len(copies))


def micro_average_precision(scores: NDArray[np.float64], is_right: NDArray[np.bool_], positives: int) -> float:
    """Area under precision against recall over all predicted pairs together (as in the ISC2021 challenge).

    Among equal scores the wrong ones come first.
    """
    order = np.lexsort((is_right, -scores))
    right = is_right[order]
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    return float(precision[right].sum() / max(1, positives))


def overlap(one: Polygon, other: Polygon) -> float:
    """Intersection over union of two convex polygons, 0 to 1."""
    if len(one) < 3 or len(other) < 3:
        return 0.0
    shared = area_of(clipped(one, other))
    union = area_of(one) + area_of(other) - shared
    return shared / union if union > 0 else 0.0


def calibration(scores: NDArray[np.float64], is_copy: NDArray[np.bool_], bins: int = 10) -> list[tuple[float, Share]]:
    """(mean score, share of copies) in each bin of equal width that is not empty."""
    places = np.minimum((scores * bins).astype(int), bins - 1)
    made = []
    for place in range(bins):
        inside = places == place
        if inside.any():
            made.append((float(scores[inside].mean()), Share(int(is_copy[inside].sum()), int(inside.sum()))))
    return made
