"""A photo and the query image beside each other: which points correspond, where the copy lies, what was measured."""

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from isthisme.domain import Measured, Polygon
from isthisme.engine.aligning import PHOTO_SIDE
from isthisme.engine.evidence import Evidence
from isthisme.engine.geometry import Matrix, apply, decompose, rectangle
from isthisme.engine.keypoints import Keypoints, correspond, keypoints_of_size, mirrored
from isthisme.engine.query_view import MOST_KEYPOINTS, QueryView
from isthisme.engine.verdict import Examined

type Points = NDArray[np.float64]  # (N, 2) x, y

_TOLERANCE = 0.012  # of the photo's longer side as it shows in the query
_LEAST_TOLERANCE = 2.0  # pixels

_BOX = (760, 760)  # pixels; each picture is shown in such a box at most
_MARGIN = 40
_BOTTOM = 12
_LETTERS = 44  # height of the line with the letters A and B
_MOST_ENLARGED = 3.0
_MOST_LINES = 48  # more could not be told apart
_INK = (34, 34, 34)
_PAPER = (255, 255, 255)
_OUTLINE = (213, 94, 0)  # vermilion and blue are told apart by colour-blind people, too (Okabe and Ito, 2008)
_LINES = ((0, 114, 178), (0, 158, 115), (204, 121, 167), (86, 180, 233))
_QUALITY = 92


def matched_points(photo: NDArray[np.uint8], view: QueryView, evidence: Evidence) -> tuple[Points, Points]:
    """Where the two correspond under the alignment that was found: the same places in photo and query pixels."""
    grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), np.uint8)
    own = keypoints_of_size(grey, PHOTO_SIDE, MOST_KEYPOINTS)
    size = photo.shape[1], photo.shape[0]
    matrix, is_mirrored = evidence.alignment.matrix, evidence.parts.is_mirrored
    parts = [rectangle(*view.size)]
    if evidence.candidate.region is not None:
        parts.append(evidence.candidate.region.corners)
    found = [_agreeing(own, view.keypoints(part), matrix, size, is_mirrored=is_mirrored) for part in parts]
    return max(found, key=lambda each: len(each[0]))


def measured(examined: Examined, points: int) -> Measured:
    """What was measured about one candidate, for people to read."""
    evidence = examined.evidence
    shown = evidence.close_up
    return Measured(
        score=evidence.score,
        points=points,
        inlier_share=evidence.support.inlier_share,
        agreeing=evidence.agreement.agreeing,
        conflicting=evidence.agreement.conflicting,
        correlation=evidence.agreement.correlation,
        similarity=evidence.aligned_similarity,
        displacement=evidence.agreement.displacement,
        difference=evidence.difference,
        photo_share=shown.photo_share if shown else evidence.frame.photo_share,
        rotation_degrees=evidence.parts.rotation_degrees,
        is_mirrored=evidence.parts.is_mirrored,
        scale=evidence.parts.scale * examined.query_factor / examined.photo_factor,
    )


def drawn(
    photo: NDArray[np.uint8],
    query: NDArray[np.uint8],
    points: tuple[Points, Points],
    outlines: tuple[Polygon, Polygon],
) -> tuple[bytes, int, int]:
    """JPEG, with its width and height: the photo (A) left, the query image (B) right, lines between matched points.

    Points and outlines (one of each picture, empty where there is none) are in pixels of the pictures as given.
    """
    pictures = [photo, query]
    factors = [_factor(each) for each in pictures]
    shown = [_scaled(each, factor) for each, factor in zip(pictures, factors, strict=True)]
    height = max(each.shape[0] for each in shown)
    lefts = [_MARGIN, 2 * _MARGIN + shown[0].shape[1]]
    tops = [_LETTERS + (height - each.shape[0]) // 2 for each in shown]
    width = lefts[1] + shown[1].shape[1] + _MARGIN
    sheet = np.full((height + _LETTERS + _BOTTOM, width, 3), _PAPER, np.uint8)
    places = []
    for which, letter in enumerate("AB"):
        left, top, picture = lefts[which], tops[which], shown[which]
        sheet[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
        frame = (left - 1, top - 1), (left + picture.shape[1], top + picture.shape[0])
        cv2.rectangle(sheet, *frame, (180, 180, 180), 1)
        cv2.putText(sheet, letter, (left, _LETTERS - 14), cv2.FONT_HERSHEY_SIMPLEX, 0.9, _INK, 2, cv2.LINE_AA)
        if outlines[which]:
            _outline(sheet, np.asarray(outlines[which]) * factors[which] + (left, top))
        places.append(points[which] * factors[which] + (left, top))
    for number, row in enumerate(_spread(points[0])):
        start, end = (tuple(np.rint(each[row]).astype(int).tolist()) for each in places)
        colour = _LINES[number % len(_LINES)]
        cv2.line(sheet, start, end, colour, 1, cv2.LINE_AA)
        for place in (start, end):
            cv2.circle(sheet, place, 5, _PAPER, -1, cv2.LINE_AA)
            cv2.circle(sheet, place, 4, colour, -1, cv2.LINE_AA)
    return _jpeg(sheet), width, sheet.shape[0]


def _agreeing(
    photo: Keypoints, query: Keypoints, matrix: Matrix, size: tuple[int, int], *, is_mirrored: bool
) -> tuple[Points, Points]:
    own = mirrored(photo, size[0]) if is_mirrored else photo
    pairs = correspond(own, query)
    if not len(pairs):
        return np.zeros((0, 2)), np.zeros((0, 2))
    source = photo.points[pairs.photo].astype(np.float64)
    target = query.points[pairs.query].astype(np.float64)
    ends = np.asarray(apply(matrix, tuple((float(x), float(y)) for x, y in source)))
    reach = max(_LEAST_TOLERANCE, _TOLERANCE * max(size) * decompose(matrix, size).scale)
    inside = np.flatnonzero(np.linalg.norm(ends - target, axis=1) < reach)
    # SIFT reports one place several times with different angles.
    _, first = np.unique(np.rint(target[inside]), axis=0, return_index=True)
    kept = inside[np.sort(first)]
    return source[kept], target[kept]


def _spread(points: Points) -> list[int]:
    """Rows of points far from each other, at most `_MOST_LINES`: each the farthest from those before it."""
    if len(points) <= 1:
        return list(range(len(points)))
    chosen = [0]
    apart = np.linalg.norm(points - points[0], axis=1)
    while len(chosen) < min(_MOST_LINES, len(points)):
        chosen.append(int(apart.argmax()))
        apart = np.minimum(apart, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return chosen


def _factor(picture: NDArray[np.uint8]) -> float:
    height, width = picture.shape[:2]
    return float(min(_MOST_ENLARGED, _BOX[0] / width, _BOX[1] / height))


def _scaled(picture: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    size = max(1, round(picture.shape[1] * factor)), max(1, round(picture.shape[0] * factor))
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=way), np.uint8)


def _outline(sheet: NDArray[np.uint8], corners: NDArray[np.float64]) -> None:
    """Vermilion on white, so that it shows on any picture."""
    line = np.rint(corners).astype(np.int32)[:, None]
    cv2.polylines(sheet, [line], isClosed=True, color=_PAPER, thickness=6, lineType=cv2.LINE_AA)
    cv2.polylines(sheet, [line], isClosed=True, color=_OUTLINE, thickness=3, lineType=cv2.LINE_AA)


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
