"""One candidate laid over the query image: alignments proposed, the best one compared again."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon, ReferencePreview, Region
from isthisme.engine.comparison import Agreement, Frame, compare, lay_over
from isthisme.engine.descriptor import Descriptor
from isthisme.engine.evidence import Evidence
from isthisme.engine.geometry import Alignment, Matrix, decompose, from_correspondences, is_sane, rectangle
from isthisme.engine.keypoints import Keypoints, correspond, find_keypoints, mirrored
from isthisme.engine.refinement import onto, refined
from isthisme.engine.regions import PANEL, box_of

_WHOLE_SIDE = 640  # pixels; the query image as a whole is searched for keypoints at this size
_PART_SIDE = 480  # and a part of it at this one
_PART_SHARE = 0.4  # a region smaller than this share of the image is looked at by itself
_MOST_KEYPOINTS = 700
_CLEAR_INLIERS = 24  # so many leave nothing for the other ways of aligning to find


@dataclass(slots=True)
class QueryView:
    """The query image while it is being verified; keypoints are found when first asked for."""

    pixels: NDArray[np.uint8]  # (H, W, 3)
    regions: tuple[Region, ...]
    _grey: NDArray[np.uint8] | None = None
    _keypoints: dict[Polygon, Keypoints] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def grey(self) -> NDArray[np.uint8]:
        if self._grey is None:
            self._grey = np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        return self._grey

    @property
    def panels(self) -> tuple[Polygon, ...]:
        """The parts that looked like pictures of their own."""
        return tuple(each.corners for each in self.regions if each.name == PANEL)

    def keypoints(self, part: Polygon) -> Keypoints:
        """Keypoints of a part, in pixels of the whole."""
        if part not in self._keypoints:
            self._keypoints[part] = self._found(part)
        return self._keypoints[part]

    def _found(self, part: Polygon) -> Keypoints:
        box = box_of(Region("", part))
        reach = 0.08 * max(box.width, box.height)
        left, top = max(0, int(box.left - reach)), max(0, int(box.top - reach))
        right, bottom = int(min(self.size[0], box.right + reach)), int(min(self.size[1], box.bottom + reach))
        source = self.grey[top:bottom, left:right]
        side = _WHOLE_SIDE if part == rectangle(*self.size) else _PART_SIDE
        factor = min(1.0, side / max(source.shape))
        if factor < 1:
            resized = cv2.resize(source, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            source = np.asarray(resized, np.uint8)
        found = find_keypoints(source, _MOST_KEYPOINTS)
        shift = np.array([left, top], np.float32)
        return Keypoints(
            found.points / np.float32(factor) + shift, found.sizes / np.float32(factor), found.angles, found.descriptors
        )


def examine(
    view: QueryView, reference: ReferencePreview, photo: NDArray[np.uint8], full: Descriptor | None, *, deep: bool
) -> Evidence | None:
    """What speaks for the query image showing the photo (its preview's pixels), or None when nothing aligns them."""
    tried = [compared for each in _alignments(view, reference, photo) for compared in _compared(view, photo, each)]
    if not tried:
        return None
    alignment, frame, agreement = max(tried, key=lambda each: _worth(each[0], each[2]))
    size = photo.shape[1], photo.shape[0]
    return Evidence(
        reference.candidate,
        alignment,
        decompose(alignment.matrix, size),
        frame,
        agreement,
        _aligned_similarity(frame, full),
    )


def _alignments(view: QueryView, reference: ReferencePreview, photo: NDArray[np.uint8]) -> list[Alignment]:
    size = photo.shape[1], photo.shape[0]
    grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), np.uint8)
    own = find_keypoints(grey, _MOST_KEYPOINTS)
    turned = mirrored(own, size[0])
    whole = rectangle(*view.size)
    region = reference.candidate.region
    parts = [whole]
    if region and box_of(region).area < _PART_SHARE * view.size[0] * view.size[1]:
        parts.insert(0, region.corners)
    found: list[Alignment] = []
    for part in parts:
        seen = view.keypoints(part)
        for photo_keypoints, is_mirrored in ((own, False), (turned, True)):
            pairs = correspond(photo_keypoints, seen)
            alignment = from_correspondences(photo_keypoints, seen, pairs, size, is_mirrored=is_mirrored)
            if alignment:
                found.append(alignment)
        if any(each.inliers >= _CLEAR_INLIERS for each in found):
            return [max(found, key=lambda each: each.inliers)]
    corners = region.corners if region else whole
    for is_mirrored in (False, True):
        start = onto(corners, size, is_mirrored=is_mirrored)
        matrix = refined(grey, view.grey, start)
        found += [
            Alignment(each, 0, 0.0, 0.0, "region")
            for each in (start, matrix)
            if each is not None and is_sane(each, size)
        ]
    return found


def _compared(
    view: QueryView, photo: NDArray[np.uint8], alignment: Alignment
) -> list[tuple[Alignment, Frame, Agreement]]:
    """The alignment compared within the whole query image and within each panel that holds most of it."""
    made = []
    for clip in (None, *view.panels):
        frame = lay_over(photo, view.pixels, alignment.matrix, clip)
        if frame is not None and (clip is None or frame.photo_share > 0.25):
            made.append((alignment, frame, compare(frame)))
    return made


def _worth(alignment: Alignment, agreement: Agreement) -> float:
    return (agreement.agreeing - agreement.conflicting) * min(1.0, agreement.windows / 20) + 0.01 * min(
        30, alignment.inliers
    )


def _aligned_similarity(frame: Frame, full: Descriptor | None) -> float | None:
    if full is None:
        return None
    photo, query = full.describe([frame.photo, frame.query])
    return float(photo @ query)


def scaled(matrix: Matrix, photo_scale: float, query_scale: float) -> Matrix:
    """The map between pictures of other sizes: photo pixels times `photo_scale`, query pixels times `query_scale`."""
    return np.diag([query_scale, query_scale, 1.0]) @ matrix @ np.diag([1 / photo_scale, 1 / photo_scale, 1.0])
