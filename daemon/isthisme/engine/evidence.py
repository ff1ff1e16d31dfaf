"""What verification measured about one candidate, as a handful of named quantities."""

import math
from dataclasses import dataclass

from isthisme.domain import Candidate
from isthisme.engine.comparison import Agreement
from isthisme.engine.geometry import Alignment, Decomposition, Support
from isthisme.engine.overlay import Frame
from isthisme.engine.thresholds import INTERCEPT, WEIGHTS


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
        """What the score is made of, by name."""
        return {
            "agreeing": self.agreement.agreeing,
            "narrow_agreeing": self.agreement.narrow_agreeing,
            "conflicting": self.agreement.conflicting,
            "correlation": self.agreement.correlation,
            "coarse_correlation": self.agreement.coarse_correlation,
            "hidden": self.agreement.hidden,
            "displacement": self.agreement.displacement,
            "log_windows": math.log1p(self.agreement.windows),
            "aligned_similarity": 0.5 if self.aligned_similarity is None else self.aligned_similarity,
            "log_inliers": math.log1p(self.support.inliers),
            "inlier_share": self.support.inlier_share,
            "inlier_spread": self.support.inlier_spread,
            "photo_share": self.frame.photo_share,
            "query_share": self.frame.query_share,
            "similarity": self.candidate.similarity,
            "margin": self.candidate.similarity - self.candidate.runner_up_similarity,
        }

    @property
    def score(self) -> float:
        """The calibrated chance that this is a copy, 0 to 1. Does not depend on the other photos of the index."""
        quantities = self.quantities
        sum_ = INTERCEPT + sum(weight * quantities[name] for name, weight in WEIGHTS.items())
        return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, sum_))))
