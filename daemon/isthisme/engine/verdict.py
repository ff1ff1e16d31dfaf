"""Evidence to verdict: one match for each candidate that holds, one judgement for the query image."""

from collections.abc import Sequence

from isthisme.domain import Judgement, Match, Polygon, ReferencePreview, Verdict
from isthisme.engine.edits import name_edits
from isthisme.engine.evidence import Evidence
from isthisme.engine.explanation import explain
from isthisme.engine.thresholds import COPY_SCORE, POSSIBLE_SCORE


def verdict_of(score: float) -> Verdict:
    """What a calibrated score means."""
    if score >= COPY_SCORE:
        return Verdict.COPY
    return Verdict.POSSIBLE_COPY if score >= POSSIBLE_SCORE else Verdict.NO_COPY


def match_of(
    evidence: Evidence, reference: ReferencePreview, preview_size: tuple[int, int], query_factor: float
) -> Match | None:
    """The match that the evidence makes, in pixels of the originals; None when it makes none.

    `query_factor`: pixels of the original query image for one of the picture that was compared.
    """
    score = evidence.score
    verdict = verdict_of(score)
    if not verdict.is_match:
        return None
    edits = name_edits(evidence)
    photo_factor = reference.width / preview_size[0]
    return Match(
        reference.candidate.photo_id,
        verdict,
        score,
        edits,
        explain(verdict, edits),
        _times(evidence.frame.query_region, query_factor),
        _times(evidence.frame.photo_region, photo_factor),
    )


def judge(matches: Sequence[Match], best_rejected: float) -> Judgement:
    """One judgement: the best match decides; without one, the best rejected score is told."""
    ordered = tuple(sorted(matches, key=lambda each: (-each.score, each.photo_id)))
    if not ordered:
        return Judgement(Verdict.NO_COPY, best_rejected, (), None)
    return Judgement(ordered[0].verdict, ordered[0].score, ordered, None)


def _times(polygon: Polygon, factor: float) -> Polygon:
    return tuple((round(x * factor, 1), round(y * factor, 1)) for x, y in polygon)
