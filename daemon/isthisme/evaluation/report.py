"""Outcomes as tables: recall by kind, false alarms by kind, peers, and what it costs."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Verdict
from isthisme.evaluation.guess import Guess
from isthisme.evaluation.metrics import Share, micro_average_precision, recall_at
from isthisme.evaluation.trial import EDITED_STRANGER, STRANGER, Outcome

type Test = Callable[[Outcome], bool]

GOOD_OVERLAP = 0.7


def copy_table(outcomes: Sequence[Outcome]) -> str:
    """One row for each kind of edit, and all."""
    head = f"{'edited copies':26} {'n':>5} {'copy':>6} {'+poss.':>6} {'photo':>6} {'edit':>6} {'region':>6} {'ms':>5}"
    kinds = list(dict.fromkeys(each.query.kind for each in outcomes))
    rows = [_copy_row(kind, [each for each in outcomes if each.query.kind == kind]) for kind in kinds]
    return "\n".join([head, *rows, _copy_row("all", outcomes)])


def _copy_row(name: str, outcomes: Sequence[Outcome]) -> str:
    found = [each for each in outcomes if each.verdict.is_match]
    shares = [
        _share(outcomes, lambda each: each.verdict is Verdict.COPY and each.names_right),
        _share(outcomes, lambda each: each.verdict.is_match and each.names_right),
        _share(found, lambda each: each.names_right),
        _share(_nameable(found), lambda each: each.names_main_edit),
        _share(_outlined(found), lambda each: each.overlap >= GOOD_OVERLAP),
    ]
    cells = " ".join(f"{each.value:6.3f}" for each in shares)
    return f"{name:26} {len(outcomes):5} {cells} {_median_ms(outcomes):5.0f}"


def negative_table(outcomes: Sequence[Outcome]) -> str:
    """How many of each kind of picture that is no copy were called one."""
    head = f"{'no copies':38} {'n':>5} {'copy':>5} {'possible':>8} {'undecided':>9} {'highest':>8} {'ms':>5}"
    rows = []
    for kind in dict.fromkeys(each.query.kind for each in outcomes):
        of_kind = [each for each in outcomes if each.query.kind == kind]
        counts = [
            sum(each.verdict is verdict for each in of_kind)
            for verdict in (Verdict.COPY, Verdict.POSSIBLE_COPY, Verdict.UNDECIDED)
        ]
        highest = max(each.score for each in of_kind)
        rows.append(
            f"{kind:38} {len(of_kind):5} {counts[0]:5} {counts[1]:8} {counts[2]:9} {highest:8.3f} "
            f"{_median_ms(of_kind):5.0f}"
        )
    return "\n".join([head, *rows])


def summary(copies: Sequence[Outcome], others: Sequence[Outcome]) -> str:
    """The figures that decide, with their intervals."""
    strangers = [each for each in others if each.query.kind in (STRANGER, EDITED_STRANGER)]
    own_scores, stranger_scores = scores_of(copies, right_only=True), scores_of(strangers)
    named = [each for each in [*copies, *others] if each.named is not None]
    precision = micro_average_precision(
        np.array([each.score for each in named]), np.array([each.names_right for each in named]), len(copies)
    )
    called = _share(strangers, lambda each: each.verdict is Verdict.COPY)
    found = [each for each in copies if each.verdict.is_match]
    low, high = called.interval
    lines = {
        "recall of copy": _share(copies, lambda each: each.verdict is Verdict.COPY and each.names_right),
        "recall of copy or possible": _share(copies, lambda each: each.verdict.is_match and each.names_right),
        "strangers called copy": called,
        "strangers called possible": _share(strangers, lambda each: each.verdict is Verdict.POSSIBLE_COPY),
        "recall, no stranger above": recall_at(own_scores, stranger_scores, 0.0),
        "recall, 1 % of strangers above": recall_at(own_scores, stranger_scores, 0.01),
        "micro-AP": f"{precision:.4f}",
        "right photo named": _share(found, lambda each: each.names_right),
        "main edit named": _share(_nameable(found), lambda each: each.names_main_edit),
        "outline overlaps >= 0.7": _share(found, lambda each: each.overlap >= GOOD_OVERLAP),
        "called copy in 100,000": f"{1e5 * called.value:.0f} (95 % interval {1e5 * low:.0f} to {1e5 * high:.0f})",
        "ms, strangers": _percentiles(strangers),
        "ms, copies": _percentiles(copies),
    }
    return "\n".join(f"{name:32}{value}" for name, value in lines.items())


def peer_row(name: str, copies: Sequence[Guess], truth: Sequence[int], strangers: Sequence[Guess]) -> str:
    """Recall where no stranger fires and where 1 % do, and micro-AP; a wrong photo never counts."""
    scores = np.array([each.score if each.photo == photo else -1.0 for each, photo in zip(copies, truth, strict=True)])
    other = np.array([each.score for each in strangers])
    right = np.array([each.photo == photo for each, photo in zip(copies, truth, strict=True)] + [False] * len(other))
    precision = micro_average_precision(np.concatenate([[each.score for each in copies], other]), right, len(copies))
    none, percent = recall_at(scores, other, 0.0), recall_at(scores, other, 0.01)
    return f"{name:26} {none.value:12.3f} {percent.value:8.3f} {precision:8.3f}"


PEER_HEAD = f"{'method':26} {'no alarm':>12} {'1 %':>8} {'micro-AP':>8}"


def scores_of(outcomes: Sequence[Outcome], *, right_only: bool = False) -> NDArray[np.float64]:
    """Scores; with `right_only`, 0 where another photo was named."""
    return np.array([each.score if each.names_right or not right_only else 0.0 for each in outcomes])


def _nameable(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Without those that were only recompressed or made noisy: there is nothing to name."""
    return [each for each in outcomes if each.query.edits]


def _outlined(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those whose true region is known."""
    return [each for each in outcomes if each.query.regions]


def _share(outcomes: Sequence[Outcome], test: Test) -> Share:
    return Share(sum(test(each) for each in outcomes), len(outcomes))


def _median_ms(outcomes: Sequence[Outcome]) -> float:
    return float(np.median([each.elapsed_ms for each in outcomes])) if outcomes else float("nan")


def _percentiles(outcomes: Sequence[Outcome]) -> str:
    if not outcomes:
        return "none"
    middle, high = np.percentile([each.elapsed_ms for each in outcomes], [50, 95])
    return f"{middle:.0f} (median), {high:.0f} (95th percentile)"
