"""The score fitted: logistic regression with the signs that make sense, checked on photos left out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]

from isthisme.evaluation.examples import Example

# +1: more of it speaks for a copy; -1: against.
SIGNS = {
    "agreeing": 1,
    "narrow_agreeing": 1,
    "conflicting": -1,
    "correlation": 1,
    "coarse_correlation": 1,
    "displacement": -1,
    "largest_conflict": -1,
    "substance": 1,
    "aligned_similarity": 1,
    "inlier_share": 1,
    "loose": -1,
    "drift": -1,
    "small_share": -1,
}
_PENALTY = 0.001  # on squared standardised weights
_FOLDS = 5

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """The weights, and the score's logit for each example by weights fitted without its photo."""

    intercept: float
    weights: dict[str, float]
    left_out: Floats  # (N,)


def fit(found: Sequence[Example]) -> Fit:
    """Copies and others weigh the same in sum, so that a score of one half means no preference."""
    values = np.array([[each.quantities[name] for name in SIGNS] for each in found])
    is_copy = np.array([each.is_copy for each in found])
    folds = np.array([each.photo * 7919 % _FOLDS for each in found])
    left_out = np.zeros(len(found))
    for fold in range(_FOLDS):
        inside = folds != fold
        intercept, weights = _regress(values[inside], is_copy[inside])
        left_out[~inside] = intercept + values[~inside] @ weights
    intercept, weights = _regress(values, is_copy)
    return Fit(intercept, dict(zip(SIGNS, weights.tolist(), strict=True)), left_out)


def _regress(values: Floats, is_copy: NDArray[np.bool_]) -> tuple[float, Floats]:
    """(intercept, weights of the quantities as they are)."""
    middle, spread = values.mean(axis=0), values.std(axis=0) + 1e-6
    standard = (values - middle) / spread
    share = np.where(is_copy, 0.5 / is_copy.sum(), 0.5 / (~is_copy).sum())
    side = np.where(is_copy, 1.0, -1.0)

    def loss(theta: Floats) -> tuple[float, Floats]:
        margin = side * (theta[0] + standard @ theta[1:])
        slope = -side * share / (1 + np.exp(margin))
        value = float((share * np.logaddexp(0, -margin)).sum() + _PENALTY * (theta[1:] ** 2).sum() / 2)
        return value, np.concatenate([[slope.sum()], standard.T @ slope + _PENALTY * theta[1:]])

    bounds = [(None, None), *((0, None) if sign > 0 else (None, 0) for sign in SIGNS.values())]
    solved = minimize(loss, np.zeros(values.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds)
    weights = np.asarray(solved.x[1:] / spread, np.float64)
    return float(solved.x[0] - weights @ middle), weights


def describe(found: Sequence[Example], made: Fit) -> str:
    """The weights as lines for engine/thresholds.py, and where copies and the others lie on photos left out."""
    lines = [f"INTERCEPT = {made.intercept:.3f}", "WEIGHTS = {"]
    lines += [f'    "{name}": {weight:.3f},' for name, weight in made.weights.items()]
    lines.append("}")
    is_copy = np.array([each.is_copy for each in found])
    lines.append(f"{int(is_copy.sum())} copies, {int((~is_copy).sum())} others; logits on photos left out:")
    for share in (0.005, 0.01, 0.02, 0.05, 0.5):
        lines.append(f"  copies, {share:6.1%} below {np.quantile(made.left_out[is_copy], share):7.2f}")
    for kind in sorted({each.kind for each, copy in zip(found, is_copy, strict=True) if not copy}):
        of_kind = np.array([each.kind == kind and not each.is_copy for each in found])
        highest = np.sort(made.left_out[of_kind])[::-1][:3]
        lines.append(f"  {kind:36} {int(of_kind.sum()):5} highest {', '.join(f'{each:.2f}' for each in highest)}")
    return "\n".join(lines)
