"""What verification measured about one candidate, as a handful of named quantities."""

import math
from dataclasses import dataclass

from isthisme.domain import Candidate
from isthisme.engine.comparison import Agreement
from isthisme.engine.geometry import Alignment, Decomposition, Support
from isthisme.engine.overlay import Frame
from isthisme.engine.thresholds import INTERCEPT, WEIGHTS

_MOST_DISPLACEMENT = 0.03  # of the frame's longer side
_MOST_LOG_WINDOWS = 3.5  # 32 windows
_LEAST_PHOTO_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Evidence:
    """One candidate, aligned and compared."""

    candidate: Candidate
    alignment: Alignment
    support: Support
    parts: Decomposition
    frame: Frame
    agreement: Agreement
    aligned_similarity: float | None  # of the full model's descriptors of the aligned parts; None without a model

    @property
    def quantities(self) -> dict[str, float]:
        """What the score is made of, by name; bounded where more says no more."""
        agreement = self.agreement
        similarity = self.aligned_similarity
        return {
            "agreeing": agreement.agreeing,
            "narrow_agreeing": agreement.narrow_agreeing,
            "conflicting": agreement.conflicting,
            "correlation": agreement.correlation,
            "coarse_correlation": agreement.coarse_correlation,
            "displacement": min(agreement.displacement, _MOST_DISPLACEMENT),
            "log_windows": min(math.log1p(agreement.windows), _MOST_LOG_WINDOWS),
            "aligned_similarity": agreement.correlation if similarity is None else similarity,
            "inlier_share": self.support.inlier_share,
            "log_photo_share": math.log10(max(_LEAST_PHOTO_SHARE, self.frame.photo_share)),
        }

    @property
    def score(self) -> float:
        """The calibrated chance that this is a copy, 0 to 1. Does not depend on the other photos of the index."""
        quantities = self.quantities
        sum_ = INTERCEPT + sum(weight * quantities[name] for name, weight in WEIGHTS.items())
        return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, sum_))))
