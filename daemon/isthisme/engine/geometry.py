"""How the photo lies in the query image: a projective map, estimated from correspondences and kept sane."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Point, Polygon
from isthisme.engine.keypoints import Correspondences, Keypoints

type Matrix = NDArray[np.float64]  # (3, 3), photo pixels to query pixels

_MOST_CORRESPONDENCES = 400
_FIRST_TOLERANCE = 0.06  # of the photo's long side as seen in the query
_LAST_TOLERANCE = 0.012
_LEAST_INLIERS = 4


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where the photo's pixels lie in the query, and what says so."""

    matrix: Matrix
    votes: int  # correspondences that agreed on it; 0 when a region proposed it
    is_mirrored: bool
    origin: str  # keypoints, region


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The map's parts, read at the photo's centre."""

    scale: float  # query pixels for one photo pixel, the geometric mean of both directions
    rotation_degrees: float  # clockwise, 0 to 360, after mirroring
    is_mirrored: bool
    stretch: float  # ratio of the scales across and down, >= 1


def from_correspondences(
    photo: Keypoints, query: Keypoints, pairs: Correspondences, photo_size: tuple[int, int], *, is_mirrored: bool
) -> Alignment | None:
    """The map that most correspondences agree on, or None. `photo` is of the mirror image when `is_mirrored`.

    Each correspondence alone fixes a similarity (place, size and angle of both keypoints), so all hypotheses are tried
    without drawing lots; the best is refined to an affine and, where many agree, a projective map.
    """
    if len(pairs) < _LEAST_INLIERS:
        return None
    order = np.argsort(-pairs.quality, kind="stable")[:_MOST_CORRESPONDENCES]
    source = photo.points[pairs.photo[order]].astype(np.float64)
    target = query.points[pairs.query[order]].astype(np.float64)
    scale = query.sizes[pairs.query[order]] / np.maximum(photo.sizes[pairs.photo[order]], 1e-3)
    angle = query.angles[pairs.query[order]] - photo.angles[pairs.photo[order]]
    long_side = max(photo_size)
    first = _best_similarity(source, target, scale.astype(np.float64), angle.astype(np.float64), long_side)
    if first is None:
        return None
    matrix, inside = _refined(first, source, target, long_side)
    if inside.sum() < _LEAST_INLIERS:
        return None
    if is_mirrored:
        matrix = matrix @ np.array([[-1.0, 0.0, photo_size[0] - 1], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        source = source * np.array([-1.0, 1.0]) + np.array([photo_size[0] - 1, 0.0])
    if not is_sane(matrix, photo_size):
        return None
    return Alignment(matrix, int(inside.sum()), is_mirrored, "keypoints")


@dataclass(frozen=True, slots=True)
class Support:
    """How far the correspondences bear a map out."""

    inliers: int  # at different places
    inlier_share: float  # of the correspondences whose query end lies in the aligned area, 0 to 1


def support(
    photo: Keypoints, query: Keypoints, pairs: Correspondences, photo_size: tuple[int, int], alignment: Alignment
) -> Support:
    """The correspondences that the map explains. `photo` is of the mirror image when the alignment is mirrored."""
    if not len(pairs):
        return Support(0, 0.0)
    source = photo.points[pairs.photo].astype(np.float64)
    target = query.points[pairs.query].astype(np.float64)
    if alignment.is_mirrored:
        source = source * np.array([-1.0, 1.0]) + np.array([photo_size[0] - 1, 0.0])
    long_side = max(photo_size)
    scale = decompose(alignment.matrix, photo_size).scale
    inside = _agreeing(alignment.matrix, source, target, max(2.0, _LAST_TOLERANCE * long_side * scale))
    back = np.column_stack([target, np.ones(len(target))]) @ np.linalg.inv(alignment.matrix).T
    back = back[:, :2] / np.where(np.abs(back[:, 2:]) < 1e-9, 1e-9, back[:, 2:])
    near = ((back >= 0) & (back <= np.array(photo_size))).all(axis=1)
    return Support(
        _distinct(target[inside]),
        float(inside.sum() / max(1, int((near | inside).sum()))),
    )


def is_sane(matrix: Matrix, photo_size: tuple[int, int]) -> bool:
    """Whether the map shows the photo as a picture can be shown: convex, not folded, not a sliver, of some size."""
    width, height = photo_size
    ends = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], np.float64) @ matrix.T
    if not np.isfinite(ends).all() or (ends[:, 2] < 0.2).any() or (ends[:, 2] > 5).any():
        return False
    corners = ends[:, :2] / ends[:, 2:]
    sides = np.roll(corners, -1, axis=0) - corners
    turns = sides[:, 0] * np.roll(sides[:, 1], -1) - sides[:, 1] * np.roll(sides[:, 0], -1)
    if not ((turns > 0).all() or (turns < 0).all()):
        return False
    lengths = np.linalg.norm(sides, axis=1)
    if lengths.min() < 8:
        return False
    parts = decompose(matrix, photo_size)
    opposite = max(lengths[0] / lengths[2], lengths[2] / lengths[0], lengths[1] / lengths[3], lengths[3] / lengths[1])
    sines = np.abs(turns) / (lengths * np.roll(lengths, -1))
    return bool(parts.stretch < 2.6 and opposite < 2.2 and sines.min() > 0.6 and 0.02 < parts.scale < 40)


def decompose(matrix: Matrix, photo_size: tuple[int, int]) -> Decomposition:
    """Scale, rotation, mirroring and stretch of the map at the photo's centre."""
    jacobian = _jacobian(matrix, np.array([photo_size[0] / 2, photo_size[1] / 2]))
    determinant = float(np.linalg.det(jacobian))
    is_mirrored = determinant < 0
    upright = jacobian @ np.diag([-1.0, 1.0]) if is_mirrored else jacobian
    across, down = np.linalg.norm(upright, axis=0)
    turn = np.degrees(np.arctan2(upright[1, 0] - upright[0, 1], upright[0, 0] + upright[1, 1])) % 360
    stretch = max(across, down) / max(1e-9, min(across, down))
    return Decomposition(float(np.sqrt(abs(determinant))), float(turn), is_mirrored, float(stretch))


def level(matrix: Matrix, at: Point) -> Matrix:
    """The affine map that is the same around a point: without the tilt, which grows with the distance from there."""
    middle = np.asarray(at, np.float64)
    jacobian = _jacobian(matrix, middle)
    shift = np.asarray(apply(matrix, (at,))[0]) - jacobian @ middle
    return np.vstack([np.column_stack([jacobian, shift]), [0.0, 0.0, 1.0]])


def projected(matrix: Matrix, photo_size: tuple[int, int]) -> Polygon:
    """The photo's corners in query pixels, in the photo's order."""
    width, height = photo_size
    return apply(matrix, ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height)))


def apply(matrix: Matrix, points: Polygon) -> Polygon:
    """Points through the map."""
    ends = np.column_stack([np.asarray(points, np.float64), np.ones(len(points))]) @ matrix.T
    return tuple((float(x / w), float(y / w)) for x, y, w in ends)


def clipped(polygon: Polygon, other: Polygon) -> Polygon:
    """The part of a convex polygon inside another (Sutherland and Hodgman, 1974); empty when they do not meet."""
    kept = list(_clockwise(polygon))
    bounds = _clockwise(other)
    for (x0, y0), (x1, y1) in zip(bounds, (*bounds[1:], bounds[0]), strict=True):
        inside = [(x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) for x, y in kept]
        cut: list[Point] = []
        for place, (point, side) in enumerate(zip(kept, inside, strict=True)):
            before, other_side = kept[place - 1], inside[place - 1]
            if (side >= 0) != (other_side >= 0):
                share = other_side / (other_side - side)
                cut.append((before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1])))
            if side >= 0:
                cut.append(point)
        kept = cut
        if not kept:
            return ()
    return tuple(kept)


def area_of(polygon: Polygon) -> float:
    """In square pixels."""
    return float(cv2.contourArea(np.asarray(polygon, np.float32))) if len(polygon) > 2 else 0.0


def rectangle(width: float, height: float) -> Polygon:
    """The corners of a picture."""
    return ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))


def _clockwise(polygon: Polygon) -> Polygon:
    return polygon if cv2.contourArea(np.asarray(polygon, np.float32), oriented=True) >= 0 else polygon[::-1]


def _jacobian(matrix: Matrix, at: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y, w = matrix @ np.array([at[0], at[1], 1.0])
    top = matrix[:2, :2] * w - np.outer([x, y], matrix[2, :2])
    return np.asarray(top / w**2)


def _best_similarity(
    source: NDArray[np.float64],
    target: NDArray[np.float64],
    scale: NDArray[np.float64],
    angle: NDArray[np.float64],
    long_side: int,
) -> Matrix | None:
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    shift_x = target[:, 0] - (cosine * source[:, 0] - sine * source[:, 1])
    shift_y = target[:, 1] - (sine * source[:, 0] + cosine * source[:, 1])
    x = np.outer(cosine, source[:, 0]) - np.outer(sine, source[:, 1]) + shift_x[:, None]
    y = np.outer(sine, source[:, 0]) + np.outer(cosine, source[:, 1]) + shift_y[:, None]
    tolerance = (_FIRST_TOLERANCE * long_side * scale)[:, None]
    agree = (x - target[:, 0]) ** 2 + (y - target[:, 1]) ** 2 < tolerance**2
    agree &= np.abs(np.log(scale[:, None] / scale[None, :])) < 0.7  # sizes must agree too
    agree &= np.cos(angle[:, None] - angle[None, :]) > 0.8
    votes = agree.sum(axis=1)
    best = int(votes.argmax())
    if votes[best] < _LEAST_INLIERS - 1:
        return None
    return np.array(
        [[cosine[best], -sine[best], shift_x[best]], [sine[best], cosine[best], shift_y[best]], [0.0, 0.0, 1.0]]
    )


def _refined(
    matrix: Matrix, source: NDArray[np.float64], target: NDArray[np.float64], long_side: int
) -> tuple[Matrix, NDArray[np.bool_]]:
    """The map refitted to those who agree, the tolerance shrinking; (N,) who agree in the end."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    inside = _agreeing(matrix, source, target, _FIRST_TOLERANCE * long_side * scale)
    for tolerance in (0.05, 0.04, 0.03, 0.02, _LAST_TOLERANCE, _LAST_TOLERANCE):
        pixels = max(2.0, tolerance * long_side * scale)
        fitted = _fit(source[inside], target[inside])
        if fitted is None:
            break
        matrix, inside = fitted, _agreeing(fitted, source, target, pixels)
        if inside.sum() < _LEAST_INLIERS:
            break
    return matrix, inside


def _agreeing(
    matrix: Matrix, source: NDArray[np.float64], target: NDArray[np.float64], tolerance: float
) -> NDArray[np.bool_]:
    ends = np.column_stack([source, np.ones(len(source))]) @ matrix.T
    depth = np.where(np.abs(ends[:, 2]) < 1e-9, 1e-9, ends[:, 2])
    return np.asarray(np.linalg.norm(ends[:, :2] / depth[:, None] - target, axis=1) < tolerance)


def _fit(source: NDArray[np.float64], target: NDArray[np.float64]) -> Matrix | None:
    """Similarity for few points, affine for some, projective for many (least squares)."""
    few, some = 6, 20
    if len(source) < 2:
        return None
    if len(source) <= few:
        fitted, _ = cv2.estimateAffinePartial2D(source, target, method=cv2.LMEDS)
        return None if fitted is None else np.vstack([fitted, [0.0, 0.0, 1.0]])
    if len(source) < some:
        joined = np.column_stack([source, np.ones(len(source))])
        solved, _, rank, _ = np.linalg.lstsq(joined, target, rcond=None)
        return np.vstack([solved.T, [0.0, 0.0, 1.0]]) if rank == 3 else None
    fitted, _ = cv2.findHomography(source, target, 0)
    return None if fitted is None else np.asarray(fitted, np.float64)


def _distinct(points: NDArray[np.float64]) -> int:
    """How many different places: SIFT reports one place several times with different angles."""
    return len(np.unique(np.rint(points), axis=0))
