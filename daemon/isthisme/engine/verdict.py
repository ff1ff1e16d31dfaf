"""Evidence to verdict: one match for each candidate that holds, one judgement for the query image."""

from collections.abc import Sequence
from dataclasses import dataclass

from isthisme.domain import Judgement, Match, Polygon, Verdict
from isthisme.engine.edits import name_edits
from isthisme.engine.evidence import Evidence
from isthisme.engine.explanation import explain
from isthisme.engine.thresholds import COPY_SCORE, POSSIBLE_SCORE, SAME_SCORE


def verdict_of(score: float) -> Verdict:
    """What a calibrated score means."""
    if score >= COPY_SCORE:
        return Verdict.COPY
    return Verdict.POSSIBLE_COPY if score >= POSSIBLE_SCORE else Verdict.NO_COPY


@dataclass(frozen=True, slots=True)
class Examined:
    """Evidence, and what its pixels are in the originals."""

    evidence: Evidence
    photo_factor: float  # pixels of the original photo for one of its preview
    query_factor: float  # pixels of the original query image for one of the picture that was compared


def match_of(examined: Examined) -> Match | None:
    """The match that the evidence makes, in pixels of the originals; None when it makes none."""
    evidence = examined.evidence
    score = evidence.score
    verdict = verdict_of(score)
    if not verdict.is_match:
        return None
    scale = evidence.parts.scale * examined.query_factor / examined.photo_factor
    edits = name_edits(evidence, scale)
    shown = evidence.close_up or evidence.frame
    return Match(
        evidence.candidate.photo_id,
        verdict,
        score,
        edits,
        explain(verdict, edits, evidence.doubt),
        _times(shown.query_region, examined.query_factor),
        _times(shown.photo_region, examined.photo_factor),
    )


def judge(examined: Sequence[Examined]) -> Judgement:
    """One judgement: the best match decides; without one, the best rejected score is told."""
    matches = [(match, each.evidence.difference) for each in examined if (match := match_of(each)) is not None]
    if not matches:
        return Judgement(Verdict.NO_COPY, max((each.evidence.score for each in examined), default=0.0), (), None)
    best = max((match for match, _ in matches), key=lambda match: match.score)

    def place(found: tuple[Match, float]) -> tuple[float, float, int]:
        match, difference = found
        is_as_good = match.verdict is best.verdict and best.score - match.score < SAME_SCORE
        return (-best.score, difference, match.photo_id) if is_as_good else (-match.score, 0.0, match.photo_id)

    ordered = tuple(match for match, _ in sorted(matches, key=place))
    return Judgement(ordered[0].verdict, ordered[0].score, ordered, None)


def _times(polygon: Polygon, factor: float) -> Polygon:
    return tuple((round(x * factor, 1), round(y * factor, 1)) for x, y in polygon)
