"""What verification measured about one candidate, as a handful of named quantities."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from isthisme.domain import Candidate
from isthisme.engine.close_up import CloseUp
from isthisme.engine.comparison import Agreement
from isthisme.engine.flow import Movement
from isthisme.engine.geometry import Alignment, Decomposition, Support
from isthisme.engine.overlay import Frame
from isthisme.engine.thresholds import (
    ALL_AGREES,
    BORNE_OUT_INLIERS,
    BORNE_OUT_SIMILARITY,
    CERTAIN_SCORE,
    DIFFERENT_AREA,
    DOUBTED_SCORE,
    EXACT_WINDOWS,
    HALF_BORNE_OUT_INLIERS,
    HALF_BORNE_OUT_SIMILARITY,
    HALF_MOVED_AREA,
    INTERCEPT,
    LEAST_COPY_SHARE,
    LEFT_SHARE,
    LEFT_VOTES,
    MOST_COVERED,
    MOVED_AREA,
    MOVED_DISPLACEMENT,
    MOVED_INLIERS,
    MOVED_PIECES,
    MOVED_PIXELS,
    MOVED_SHARE,
    UNBORNE_SCORE,
    WEIGHTS,
)

_MOST_DISPLACEMENT = 0.03  # of the frame's longer side
_MOST_SUBSTANCE = 3.5  # 32 windows, or three times as many correspondences
_MOST_CONFLICT = 0.2
_LEAST_PHOTO_SHARE = 0.01
_AMPLE_SHARE = 0.25  # of the photo; with less in sight, two photos of one place may agree there
_MANY_INLIERS = 50
_MOST_DRIFT = 0.015


class Doubt(StrEnum):
    """What two photos of one place or moment share, and copies hardly ever do."""

    LITTLE_SHOWS = "little_shows"  # what agrees is a small part of the photo
    PARTS_MOVED = "parts_moved"  # many points correspond, and not all by one map: something moved between them
    PART_DIFFERS = "part_differs"  # in one place something else shows that was not drawn over it: another face


@dataclass(frozen=True, slots=True)
class Evidence:
    """One candidate, aligned and compared."""

    candidate: Candidate
    alignment: Alignment
    support: Support
    parts: Decomposition
    frame: Frame
    agreement: Agreement
    # Of the full model's descriptors of the aligned parts; None without a model, and where it could decide nothing.
    aligned_similarity: float | None
    difference: float  # median over the aligned parts of how far colours are apart, levels of 255
    movement: Movement | None = None  # against each other; None where not looked at, or nothing could be followed
    gone: float = 0.0  # share of what shows that the photo has and the query lost; looked for in what would be a copy
    close_up: CloseUp | None = None  # for words and outline; None where it is no match

    @property
    def quantities(self) -> dict[str, float]:
        """What the score is made of, by name; bounded where more says no more."""
        agreement = self.agreement
        similarity = self.aligned_similarity
        many = min(1.0, self.support.inliers / _MANY_INLIERS)  # where keypoints abound, a copy's are rigid
        return {
            "agreeing": agreement.agreeing,
            "narrow_agreeing": agreement.narrow_agreeing,
            "conflicting": agreement.conflicting,
            "correlation": agreement.correlation,
            "coarse_correlation": agreement.coarse_correlation,
            "displacement": min(agreement.displacement, _MOST_DISPLACEMENT),
            "largest_conflict": min(agreement.largest_conflict, _MOST_CONFLICT),
            "substance": min(math.log1p(max(agreement.windows, self.support.inliers / 3)), _MOST_SUBSTANCE),
            "aligned_similarity": agreement.correlation if similarity is None else similarity,
            "inlier_share": self.support.inlier_share,
            "loose": many * (1 - self.support.inlier_share),
            "drift": many * min(agreement.displacement, _MOST_DRIFT),
            "small_share": max(0.0, math.log10(_AMPLE_SHARE / max(_LEAST_PHOTO_SHARE, self._share_in_sight))),
        }

    @property
    def doubt(self) -> Doubt | None:
        """Why this is no more than a possible copy, however well it agrees; None where nothing speaks against it."""
        if self._share_in_sight < LEAST_COPY_SHARE:
            return Doubt.LITTLE_SHOWS
        if self.alignment.votes >= LEFT_VOTES and self.support.inliers < LEFT_SHARE * self.alignment.votes:
            return Doubt.PARTS_MOVED
        movement = self.movement
        if movement is not None and (movement.share > MOVED_AREA or movement.pieces > MOVED_PIECES):
            return Doubt.PARTS_MOVED
        is_torn = self.support.inliers >= MOVED_INLIERS and self.support.inlier_share < MOVED_SHARE
        if is_torn and self.agreement.displacement > MOVED_DISPLACEMENT:
            moved_pixels = self.agreement.displacement * max(self.frame.photo.shape)
            if moved_pixels > MOVED_PIXELS or (movement is not None and movement.share > HALF_MOVED_AREA):
                return Doubt.PARTS_MOVED
        if self.agreement.largest_conflict > DIFFERENT_AREA or self.frame.covered_amid > MOST_COVERED or self.gone:
            return Doubt.PART_DIFFERS
        return None

    @property
    def _share_in_sight(self) -> float:
        """Of the photo, without what is hidden under things laid over it."""
        return self.frame.photo_share * (1 - self.frame.covered_share)

    @property
    def score(self) -> float:
        """The calibrated chance that this is a copy, 0 to 1. Does not depend on the other photos of the index."""
        quantities = self.quantities
        sum_ = INTERCEPT + sum(weight * quantities[name] for name, weight in WEIGHTS.items())
        score = 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, sum_))))
        if not self._is_borne_out:
            return min(score, UNBORNE_SCORE)
        return min(score, DOUBTED_SCORE) if self.doubt else score

    @property
    def is_certain_without_likeness(self) -> bool:
        """Whether it is a copy for certain however little alike the full model finds the aligned parts."""
        return self.support.inliers >= BORNE_OUT_INLIERS and replace(self, aligned_similarity=0.0).score > CERTAIN_SCORE

    @property
    def _is_borne_out(self) -> bool:
        """Whether anything but brightness speaks for it: one shape on plain ground correlates with many another."""
        similarity, inliers = self.aligned_similarity, self.support.inliers
        if similarity is None or similarity >= BORNE_OUT_SIMILARITY or inliers >= BORNE_OUT_INLIERS:
            return True
        is_exact = self.agreement.agreeing >= ALL_AGREES and self.agreement.windows >= EXACT_WINDOWS
        return similarity >= HALF_BORNE_OUT_SIMILARITY and (is_exact or inliers >= HALF_BORNE_OUT_INLIERS)
