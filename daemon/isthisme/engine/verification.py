"""One candidate laid over the query image: alignments proposed, the best one compared again."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon, ReferencePreview, Region
from isthisme.engine.comparison import Agreement, compare, gain_at_a_glance
from isthisme.engine.descriptor import Descriptor
from isthisme.engine.evidence import Evidence
from isthisme.engine.flow import follow, moved_share, straightened
from isthisme.engine.geometry import (
    Alignment,
    Support,
    area_of,
    clipped,
    decompose,
    from_correspondences,
    is_sane,
    projected,
    rectangle,
    support,
)
from isthisme.engine.ground import plain_ground
from isthisme.engine.keypoints import Correspondences, Keypoints, correspond, find_keypoints, mirrored
from isthisme.engine.laid_over import laid_over
from isthisme.engine.overlay import Frame, lay_over
from isthisme.engine.refinement import onto, placed, refined
from isthisme.engine.regions import CARD, PANEL, box_of
from isthisme.engine.scaling import Layers, scaled
from isthisme.engine.seams import cut_at_seams
from isthisme.engine.thresholds import COPY_SCORE

_WHOLE_SIDE = 512  # pixels; the query image as a whole is searched for keypoints at this size
_PART_SIDE = 416  # and a part of it at this one
_PHOTO_SIDE = 448  # and the photo's preview at this one
_PART_SHARE = 0.4  # a region smaller than this share of the image is looked at by itself
_MOST_KEYPOINTS = 600
_CLEAR_VOTES = 30  # so many leave nothing for the other ways of aligning to find
_WEAK_VOTES = 24  # with fewer, brightness refines the map
_MOST_PLACES = 3  # found by correlation
_MOST_POLISHED = 3
_GLANCE_SIDE = 96  # pixels
_MOST_PROMISING = 2
_HOPELESS = 0.05  # gain at a glance below which a candidate is dropped; of 59 hard copies the lowest had 0.16
_MANY_VOTES = 20  # that many keep a candidate, however much is laid over it
_PROMISING = 0.02  # gain below which a candidate is not looked at more closely
_CLOSE_ENOUGH = 0.93  # correlation from which an alignment needs no refining
_FILLER = (15, 15)  # pixels
_PANEL_BIAS = 0.97
_LEAST_PANEL = 0.25  # share of the photo's projection that a panel must hold to bound it


@dataclass(slots=True)
class QueryView:
    """The query image while it is being verified; what several candidates need is made once."""

    pixels: NDArray[np.uint8]  # (H, W, 3)
    regions: tuple[Region, ...]
    grey: NDArray[np.uint8] = field(init=False)  # (H, W)
    layers: Layers = field(init=False)
    ground: Layers | None = field(init=False)
    _keypoints: dict[Polygon, Keypoints] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.grey = np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        self.layers = Layers(self.pixels)
        ground = plain_ground(self.pixels)
        self.ground = None if ground is None else Layers(ground)

    @property
    def size(self) -> tuple[int, int]:
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def panels(self) -> tuple[Polygon, ...]:
        """The parts that looked like pictures of their own."""
        return tuple(each.corners for each in self.regions if each.name in (PANEL, CARD))

    def keypoints(self, part: Polygon) -> Keypoints:
        """Keypoints of a part, in pixels of the whole."""
        if part not in self._keypoints:
            self._keypoints[part] = self._found(part)
        return self._keypoints[part]

    def _found(self, part: Polygon) -> Keypoints:
        box = box_of(Region("", part))
        reach = 0.06 * max(box.width, box.height)
        left, top = max(0, int(box.left - reach)), max(0, int(box.top - reach))
        right, bottom = int(min(self.size[0], box.right + reach)), int(min(self.size[1], box.bottom + reach))
        side = _WHOLE_SIDE if part == rectangle(*self.size) else _PART_SIDE
        return _found_at(self.grey[top:bottom, left:right], side, (left, top))


@dataclass(frozen=True, slots=True)
class _Sight:
    """One way of looking: the photo's keypoints, as they are or mirrored, against those of a part of the query."""

    photo: Keypoints
    query: Keypoints
    pairs: Correspondences
    is_mirrored: bool


@dataclass(frozen=True, slots=True)
class _Trial:
    """An alignment laid over and compared."""

    alignment: Alignment
    clip: Polygon | None  # compared within this part of the query
    frame: Frame
    agreement: Agreement

    @property
    def gain(self) -> float:
        return gain_of(self.frame, self.agreement.gain)


def gain_of(frame: Frame, gain: float) -> float:
    """What an alignment is chosen by: how much agrees, as a share of the whole photo."""
    return frame.photo_share * (gain + 0.03)


def examine(
    view: QueryView, reference: ReferencePreview, photo: NDArray[np.uint8], full: Descriptor | None
) -> Evidence | None:
    """What speaks for the query image showing the photo (its preview's pixels), or None when nothing aligns them."""
    size = photo.shape[1], photo.shape[0]
    grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), np.uint8)
    sights: list[_Sight] = []
    layers = Layers(photo)
    found = _alignments(view, reference.candidate.region, grey, sights)
    chosen = _promising(view, reference.candidate.region, layers, found)
    trials = [trial for each in chosen if (trial := _best_clip(view, layers, each)) is not None]
    if not trials:
        return None
    trials.sort(key=lambda each: -each.gain)
    best = trials[0]
    is_promising = best.gain > _PROMISING or best.alignment.votes >= _MANY_VOTES
    if best.alignment.votes < _WEAK_VOTES and is_promising:
        best = max(
            (_polished(view, layers, grey, each) for each in trials[:_MOST_POLISHED]), key=lambda each: each.gain
        )
    if is_promising:
        best = _uncovered(_cut(view, layers, _straightened(view, layers, best)))
    evidence = Evidence(
        reference.candidate,
        best.alignment,
        _support(sights, size, best.alignment),
        decompose(best.alignment.matrix, size),
        best.frame,
        best.agreement,
        _aligned_similarity(best.frame, full) if is_promising else None,
    )
    # Only where it decides: it costs as much as a glance.
    if evidence.score < COPY_SCORE or (flow := follow(best.frame)) is None:
        return evidence
    return replace(evidence, moved_share=moved_share(flow))


def _found_at(grey: NDArray[np.uint8], side: int, shift: tuple[int, int]) -> Keypoints:
    """Keypoints looked for at a size, in pixels of the original moved by `shift`."""
    factor = min(1.0, side / max(grey.shape))
    found = find_keypoints(scaled(grey, factor), _MOST_KEYPOINTS)
    points = found.points / np.float32(factor) + np.array(shift, np.float32)
    return Keypoints(points, found.sizes / np.float32(factor), found.angles, found.descriptors)


def _alignments(
    view: QueryView, region: Region | None, grey: NDArray[np.uint8], sights: list[_Sight]
) -> list[Alignment]:
    """By keypoints of the region, then of the whole; unless these are clear, by the region itself. Fills `sights`."""
    size = grey.shape[1], grey.shape[0]
    own = _found_at(grey, _PHOTO_SIDE, (0, 0))
    kinds = ((own, False), (mirrored(own, size[0]), True))
    whole = rectangle(*view.size)
    parts = [whole]
    if region and box_of(region).area < _PART_SHARE * view.size[0] * view.size[1]:
        parts.insert(0, region.corners)
    found: list[Alignment] = []
    for part in parts:
        for keypoints, is_mirrored in kinds:
            seen = view.keypoints(part)
            pairs = correspond(keypoints, seen)
            sights.append(_Sight(keypoints, seen, pairs, is_mirrored))
            alignment = from_correspondences(keypoints, seen, pairs, size, is_mirrored=is_mirrored)
            if alignment:
                found.append(alignment)
        if any(each.votes >= _CLEAR_VOTES for each in found):
            return [max(found, key=lambda each: each.votes)]
    corners = region.corners if region else whole
    proposed = [*onto(corners, size), *placed(grey, view.grey, corners, _MOST_PLACES)]
    proposed = [each for each in proposed if is_sane(each, size)]
    return found + [Alignment(each, 0, decompose(each, size).is_mirrored, "region") for each in proposed]


def _promising(view: QueryView, region: Region | None, photo: Layers, alignments: list[Alignment]) -> list[Alignment]:
    """The alignments that agree best in a small frame, within the region or all of the query; none when hopeless."""
    panel = region.corners if region and region.name in (PANEL, CARD) else None
    gains: list[tuple[float, Alignment]] = []
    for each in alignments:
        for clip in {None, panel} if each.votes else {panel}:
            frame = lay_over(photo, view.layers, view.ground, each.matrix, clip, _GLANCE_SIDE)
            if frame is not None:
                gains.append((gain_of(frame, gain_at_a_glance(frame)), each))
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
    trials = [trial for clip in (None, *panels) if (trial := _trial(view, photo, alignment, clip)) is not None]
    # A panel must explain clearly more: a blurred or busy picture has edges that bound nothing.
    return max(trials, key=lambda each: each.gain * (_PANEL_BIAS if each.clip else 1.0), default=None)


def _trial(view: QueryView, photo: Layers, alignment: Alignment, clip: Polygon | None) -> _Trial | None:
    frame = lay_over(photo, view.layers, view.ground, alignment.matrix, clip)
    return None if frame is None else _Trial(alignment, clip, frame, compare(frame))


def _polished(view: QueryView, photo: Layers, grey: NDArray[np.uint8], trial: _Trial) -> _Trial:
    """The same alignment refined on brightness, when that agrees better."""
    matrix = refined(grey, view.grey, trial.alignment.matrix)
    if matrix is None:
        return trial
    other = _best_clip(view, photo, replace(trial.alignment, matrix=matrix))
    return other if other is not None and other.gain > trial.gain else trial


def _straightened(view: QueryView, photo: Layers, trial: _Trial) -> _Trial:
    """The same alignment refined on dense flow, when that agrees better."""
    if trial.agreement.correlation > _CLOSE_ENOUGH or (flow := follow(trial.frame)) is None:
        return trial
    matrix = straightened(trial.frame, trial.alignment.matrix, flow)
    if not is_sane(matrix, (photo.full.shape[1], photo.full.shape[0])):
        return trial
    other = _trial(view, photo, replace(trial.alignment, matrix=matrix), trial.clip)
    return other if other is not None and other.gain > trial.gain else trial


def _cut(view: QueryView, photo: Layers, trial: _Trial) -> _Trial:
    """The same compared only up to the seams where the query goes on with something else, when that agrees better."""
    clip = cut_at_seams(trial.frame, trial.agreement.grid, trial.alignment.matrix)
    other = _trial(view, photo, trial.alignment, clip) if clip else None
    return other if other is not None and other.gain > trial.gain else trial


def _uncovered(trial: _Trial) -> _Trial:
    """The same compared again without what is hidden under things laid over it."""
    covered = laid_over(trial.frame, trial.agreement.grid)
    if covered is None:
        return trial
    frame = trial.frame.without(covered)
    return replace(trial, frame=frame, agreement=compare(frame))


def _support(sights: Sequence[_Sight], size: tuple[int, int], alignment: Alignment) -> Support:
    """By the way of looking that bears the alignment out best."""
    counted = [
        support(each.photo, each.query, each.pairs, size, alignment)
        for each in sights
        if each.is_mirrored == alignment.is_mirrored
    ]
    return max(counted, key=lambda each: each.inliers, default=Support(0, 0.0, 0.0))


def _aligned_similarity(frame: Frame, full: Descriptor | None) -> float | None:
    if full is None:
        return None
    # What cannot be compared looks the same in both.
    hidden = ~frame.is_shown[..., None]
    filler = np.asarray(cv2.blur(frame.photo, _FILLER), np.uint8)
    photo, query = full.describe([np.where(hidden, filler, frame.photo), np.where(hidden, filler, frame.query)])
    return float(photo @ query)
