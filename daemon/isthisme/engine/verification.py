"""One candidate laid over the query image: alignments proposed, the best one compared again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Candidate, Polygon, ReferencePreview, Region
from isthisme.engine.aligning import Sight, alignments, best_support, plain_sight, sights_of
from isthisme.engine.close_up import close_up
from isthisme.engine.comparison import Structure, difference, structure
from isthisme.engine.descriptor import Descriptor
from isthisme.engine.evidence import Evidence
from isthisme.engine.first_look import agrees_there, is_worth_verifying
from isthisme.engine.flow import follow, movement, straightened
from isthisme.engine.geometry import (
    Alignment,
    area_of,
    clipped,
    decompose,
    is_sane,
    level,
    projected,
    rectangle,
)
from isthisme.engine.gone import gone
from isthisme.engine.laid_over import laid_over
from isthisme.engine.overlay import Frame, lay_over, photo_share
from isthisme.engine.query_view import QueryView, gain_of, glance
from isthisme.engine.refinement import refined
from isthisme.engine.regions import CARD, PANEL
from isthisme.engine.scaling import Layers
from isthisme.engine.seams import cut_along_edge, cut_at_seams
from isthisme.engine.subject import Box, small_subject
from isthisme.engine.thresholds import (
    ALIKE_SIMILARITY,
    BORNE_OUT_INLIERS,
    CERTAIN_SCORE,
    CLEAR_MARGIN,
    COPY_SCORE,
    FAIR_MARGIN,
    POSSIBLE_SCORE,
)

_WEAK_VOTES = 24  # with fewer, brightness refines the map
_MOST_POLISHED = 3
_MOST_PROMISING = 2
_HOPELESS = 0.05  # gain at a glance below which a candidate is dropped; of 59 hard copies the lowest had 0.16
_MANY_VOTES = 20  # that many keep a candidate, however much is laid over it
_PROMISING = 0.02  # gain below which a candidate is not looked at more closely
_CLOSE_ENOUGH = 0.93  # correlation from which an alignment needs no refining
_ALIKE = 1.0  # the highest similarity there can be
_MOST_EDGES = 5  # of a picture pasted askew
_ALL_AGREES = 0.97  # share from which nothing needs to be cut off
_SUBJECT_INLIERS = 4  # for a small subject to be worth a look by itself: of 22 that it made copies the lowest had 7
_FILLER = (15, 15)  # pixels
_PANEL_BIAS = 0.03  # of what agrees
_LEAST_KEPT = 0.5  # of what agrees, when bounds are drawn
_LIES_ON = 0.5  # of the smaller one, for two to lie in one place
_LEAST_PANEL = 0.25  # share of the photo's projection that a panel must hold to bound it


@dataclass(frozen=True, slots=True)
class _Pair:
    """The query image and a photo that it may show."""

    view: QueryView
    candidate: Candidate
    photo: Layers
    grey: NDArray[np.uint8]  # (H, W) the photo's brightness


@dataclass(frozen=True, slots=True)
class _Trial:
    """An alignment laid over and compared."""

    alignment: Alignment
    clip: Polygon | None  # compared within this part of the query
    frame: Frame
    structure: Structure

    @property
    def gain(self) -> float:
        return gain_of(self.frame, self.structure.gain) * (1 - self.frame.covered_share)

    @property
    def clarity(self) -> float:
        """What bounds are chosen by: how much agrees less what does not; a table around a print agrees in nothing."""
        unclear = 1 - self.structure.agreeing + self.structure.conflicting
        return self._amount * (self.structure.agreeing - unclear)

    def is_clearer_than(self, other: "_Trial") -> bool:
        """Whether it bounds the copy better: clearer, and most of what agreed is still there."""
        return self.clarity > other.clarity and self.agreed > _LEAST_KEPT * other.agreed

    @property
    def agreed(self) -> float:
        return self._amount * self.structure.agreeing

    @property
    def _amount(self) -> float:
        """How much there is to compare, as a share of the whole photo."""
        return self.frame.photo_share * self.structure.own_texture * (1 - self.frame.covered_share)


def examine(
    view: QueryView,
    reference: ReferencePreview,
    photo: NDArray[np.uint8],
    full: Descriptor | None,
    *,
    taken: Polygon | None,
    deep: bool,
) -> Evidence | None:
    """What speaks for the query image showing the photo (its preview's pixels), or None when nothing aligns them.

    `taken`: where another photo lies for certain. Only its near-duplicates can lie there, too, and these agree at once.
    """
    candidate = reference.candidate
    layers = Layers(photo)
    grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), np.uint8)
    is_by_hash = candidate.region is None  # whose margin says nothing about how it stands out
    is_clear = deep or (candidate.margin >= CLEAR_MARGIN and not is_by_hash)
    if taken and _lies_on(candidate.region, taken) and not agrees_there(view, taken, None, layers, grey):
        return None
    is_fair = is_clear or candidate.margin >= FAIR_MARGIN
    if not is_clear and not is_worth_verifying(view, candidate.region, layers, grey):
        return None
    pair = _Pair(view, candidate, layers, grey)
    if not deep and candidate.similarity >= ALIKE_SIMILARITY:
        plain = plain_sight(view, candidate.region, grey)
        evidence = _compared(pair, [plain.alignment], [plain], full, deep=deep) if plain and plain.alignment else None
        if evidence is not None and evidence.score > CERTAIN_SCORE:
            return evidence
    found, sights = alignments(view, candidate.region, grey, is_fair=is_fair)
    evidence = _compared(pair, found, sights, full, deep=deep)
    if evidence is None or evidence.score >= COPY_SCORE or evidence.doubt:
        return evidence
    if evidence.support.inliers < _SUBJECT_INLIERS or (box := small_subject(grey)) is None:
        return evidence
    closer = _of_subject(pair, box, evidence.alignment, full, deep=deep)
    return evidence if closer is None or closer.score < evidence.score else closer


def _of_subject(pair: _Pair, box: Box, roughly: Alignment, full: Descriptor | None, *, deep: bool) -> Evidence | None:
    """What speaks for the photo's small subject by itself, in terms of the whole photo.

    Compared as a part of the whole, it is a few windows, and a few windows prove nothing.
    """
    left, top, right, bottom = box
    view = pair.view
    shift = np.array([[1.0, 0, left], [0, 1.0, top], [0, 0, 1.0]])
    grey = pair.grey[top:bottom, left:right]
    alone = replace(pair, photo=Layers(pair.photo.full[top:bottom, left:right]), grey=grey)
    start = replace(roughly, matrix=np.asarray(roughly.matrix @ shift))
    where = clipped(projected(start.matrix, (right - left, bottom - top)), rectangle(*view.size))
    sights = sights_of(view, where, grey) if where else []
    found = [start, *(each.alignment for each in sights if each.alignment)]
    evidence = _compared(alone, found, sights, full, deep=deep)
    if evidence is None:
        return None
    whole = pair.grey.shape[1], pair.grey.shape[0]
    middle = (right - left) / 2, (bottom - top) / 2
    # A tilt that a small part bears may put the rest of the photo beyond the horizon.
    ways = (
        each @ np.linalg.inv(shift) for each in (evidence.alignment.matrix, level(evidence.alignment.matrix, middle))
    )
    matrix = next((np.asarray(each) for each in ways if is_sane(each, whole)), None)
    if matrix is None:
        return None
    alignment = replace(evidence.alignment, matrix=matrix)
    frame = replace(
        evidence.frame,
        to_photo=np.asarray(shift @ evidence.frame.to_photo),
        photo_region=tuple((x + left, y + top) for x, y in evidence.frame.photo_region),
    )
    parts = decompose(matrix, whole)
    shown = close_up(pair.photo, view.layers, view.ground, alignment, frame) if evidence.close_up else None
    return replace(evidence, alignment=alignment, parts=parts, frame=frame, close_up=shown)


def _compared(
    pair: _Pair, found: Sequence[Alignment], sights: Sequence[Sight], full: Descriptor | None, *, deep: bool
) -> Evidence | None:
    """What speaks for the best of these alignments, refined and bounded; None when all are hopeless."""
    view, candidate, layers, grey = pair.view, pair.candidate, pair.photo, pair.grey
    size = grey.shape[1], grey.shape[0]
    chosen = _promising(view, candidate.region, layers, found)
    trials = [trial for each in chosen if (trial := _best_clip(view, layers, each)) is not None]
    if not trials:
        return None
    trials.sort(key=lambda each: -each.gain)
    best = trials[0]
    is_promising = best.gain > _PROMISING or best.alignment.votes >= _MANY_VOTES
    if best.alignment.votes < _WEAK_VOTES and is_promising:
        best = max(
            (_polished(view, layers, grey, each) for each in trials[:_MOST_POLISHED]), key=lambda each: each.clarity
        )
    if is_promising:
        best = _bounded(view, layers, _straightened(view, layers, best))
    evidence = Evidence(
        candidate,
        best.alignment,
        best_support(sights, size, best.alignment),
        decompose(best.alignment.matrix, size),
        best.frame,
        best.structure.in_full(),
        _ALIKE,
        difference(best.frame),
    )
    # What costs most comes last, and only where it may decide.
    is_open = is_promising and evidence.score >= POSSIBLE_SCORE and (deep or not evidence.is_certain_without_likeness)
    evidence = replace(evidence, aligned_similarity=_aligned_similarity(evidence, full) if is_open else None)
    if evidence.score >= COPY_SCORE:
        evidence = replace(evidence, gone=gone(best.frame, evidence.agreement.grid))
    if evidence.score >= COPY_SCORE and (flow := follow(best.frame)) is not None:
        evidence = replace(evidence, movement=movement(flow))
    if evidence.score < POSSIBLE_SCORE:
        return evidence
    return replace(evidence, close_up=close_up(layers, view.layers, view.ground, best.alignment, best.frame))


def _lies_on(region: Region | None, taken: Polygon) -> bool:
    if region is None:
        return True
    least = min(area_of(region.corners), area_of(taken))
    return area_of(clipped(region.corners, taken)) >= _LIES_ON * least


def _promising(view: QueryView, region: Region | None, photo: Layers, found: Sequence[Alignment]) -> list[Alignment]:
    """The alignments that agree best in a small frame, within the region or all of the query; none when hopeless."""
    panel = region.corners if region and region.name in (PANEL, CARD) else None
    sure = [each for each in found if each.votes >= _MANY_VOTES]
    gains = [
        (glance(view, photo, each.matrix, clip), each)
        for each in sure or found
        for clip in ({None, panel} if each.votes else {panel})
    ]
    gains.sort(key=lambda each: -each[0])
    best: list[Alignment] = []
    for gain, alignment in gains:
        is_hopeless = gain < _HOPELESS and alignment.votes < _MANY_VOTES
        if not is_hopeless and len(best) < _MOST_PROMISING and all(alignment is not other for other in best):
            best.append(alignment)
    return best


def _best_clip(view: QueryView, photo: Layers, alignment: Alignment) -> _Trial | None:
    """The alignment compared within the whole query image and within each panel that holds much of it."""
    size = photo.full.shape[1], photo.full.shape[0]
    projection = projected(alignment.matrix, size)
    least = _LEAST_PANEL * area_of(projection)
    panels = [panel for panel in view.panels if least < area_of(clipped(projection, panel))]
    whole = _trial(view, photo, alignment, None)
    if whole is not None and whole.agreed >= _LEAST_KEPT:
        # A panel is no clearer than all of the photo that it holds would be. Most hold too little to be compared.
        held = [(photo_share(photo, view.layers, alignment.matrix, panel), panel) for panel in panels]
        panels = [panel for share, panel in held if (1 - _PANEL_BIAS) * share > whole.clarity]
    others = (_trial(view, photo, alignment, panel) for panel in panels)
    trials = [each for each in (whole, *others) if each is not None]
    least = _LEAST_KEPT * max((each.agreed for each in trials), default=0.0)
    # A panel must explain clearly more: a blurred or busy picture has edges that bound nothing.
    return max(
        (each for each in trials if each.agreed >= least),
        key=lambda each: each.clarity - (_PANEL_BIAS * each.agreed if each.clip else 0.0),
        default=None,
    )


def _trial(view: QueryView, photo: Layers, alignment: Alignment, clip: Polygon | None) -> _Trial | None:
    frame = lay_over(photo, view.layers, view.ground, alignment.matrix, clip)
    return None if frame is None else _Trial(alignment, clip, frame, structure(frame))


def _polished(view: QueryView, photo: Layers, grey: NDArray[np.uint8], trial: _Trial) -> _Trial:
    """The same alignment refined on brightness, when that agrees better."""
    matrix = refined(grey, view.grey, trial.alignment.matrix)
    if matrix is None:
        return trial
    other = _best_clip(view, photo, replace(trial.alignment, matrix=matrix))
    return other if other is not None and other.clarity > trial.clarity else trial


def _straightened(view: QueryView, photo: Layers, trial: _Trial) -> _Trial:
    """The same alignment refined on dense flow, when that agrees better."""
    if trial.structure.correlation > _CLOSE_ENOUGH or (flow := follow(trial.frame)) is None:
        return trial
    matrix = straightened(trial.frame, trial.alignment.matrix, flow)
    if not is_sane(matrix, (photo.full.shape[1], photo.full.shape[0])):
        return trial
    other = _trial(view, photo, replace(trial.alignment, matrix=matrix), trial.clip)
    return other if other is not None and other.clarity > trial.clarity else trial


def _bounded(view: QueryView, photo: Layers, trial: _Trial) -> _Trial:
    """The same compared where the copy shows: up to its edges, and without what lies on it."""
    cut = _cut_askew(view, photo, _cut(view, photo, trial))
    bounded = _uncovered(cut)
    if cut is trial:
        return bounded
    whole = _uncovered(trial)  # the edges may be those of a thing that lies across it
    return whole if whole.clarity > bounded.clarity else bounded


def _cut(view: QueryView, photo: Layers, trial: _Trial) -> _Trial:
    """The same compared only up to the seams where the query goes on with something else, when that agrees better."""
    clip = cut_at_seams(trial.frame, trial.structure.grid, trial.alignment.matrix)
    other = _trial(view, photo, trial.alignment, clip) if clip else None
    return other if other is not None and other.is_clearer_than(trial) else trial


def _cut_askew(view: QueryView, photo: Layers, trial: _Trial) -> _Trial:
    """The same without what lies beyond sloped edges, one after another, as long as that agrees better."""
    for _ in range(_MOST_EDGES):
        if trial.structure.agreeing > _ALL_AGREES:
            break
        clip = cut_along_edge(trial.frame, trial.structure.grid, trial.alignment.matrix)
        other = _trial(view, photo, trial.alignment, clip) if clip else None
        if other is None or not other.is_clearer_than(trial):
            break
        trial = other
    return trial


def _uncovered(trial: _Trial) -> _Trial:
    """The same compared again without what is hidden under things laid over it."""
    covered = laid_over(trial.frame, trial.structure.grid)
    if covered is None:
        return trial
    frame = trial.frame.without(covered)
    return replace(trial, frame=frame, structure=structure(frame))


def _aligned_similarity(evidence: Evidence, full: Descriptor | None) -> float | None:
    if full is None:
        return None
    frame = evidence.frame
    pictures = [frame.photo, frame.query]
    if evidence.support.inliers >= BORNE_OUT_INLIERS:
        # What cannot be compared looks the same in both. Where no correspondences bear the rest out it may not help.
        hidden = ~frame.is_shown[..., None]
        filler = np.asarray(cv2.blur(frame.photo, _FILLER), np.uint8)
        pictures = [np.where(hidden, filler, each) for each in pictures]
    photo, query = full.describe(pictures)
    return float(photo @ query)
