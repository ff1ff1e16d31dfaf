"""A rough alignment made exact on brightness alone, for pictures too small or too smooth for keypoints."""

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon
from isthisme.engine.geometry import Matrix, decompose, is_sane
from isthisme.engine.scaling import averaged, scaled

_SIDE = 96  # pixels; longer side of the copies that are compared
_STEPS = 40
_PRECISION = 1e-4
_SEARCH_SIDE = 72  # pixels; longer side of the photo while places are searched
_SEARCH_SCALES = (0.45, 0.53, 0.62, 0.73, 0.86, 1.0)  # of the smaller of the two in the larger


def refined(photo: NDArray[np.uint8], query: NDArray[np.uint8], matrix: Matrix) -> Matrix | None:
    """The map near `matrix` that correlates two greys best (ECC, Evangelidis and Psarakis, 2008).

    Affine first, then projective where that still converges; None where nothing does.
    """
    height, width = photo.shape
    factor = _SIDE / max(height, width)
    size = max(8, round(width * factor)), max(8, round(height * factor))
    small = np.asarray(cv2.GaussianBlur(averaged(photo, size), (0, 0), 1.0), np.uint8)
    scale = decompose(matrix, (width, height)).scale / factor  # query pixels for one pixel of `small`
    shrink = min(1.0, 1.0 / scale)
    shown = max(8, round(query.shape[1] * shrink)), max(8, round(query.shape[0] * shrink))
    view = np.asarray(cv2.GaussianBlur(cv2.resize(query, shown, interpolation=cv2.INTER_AREA), (0, 0), 1.0), np.uint8)
    to_photo = np.diag([width / size[0], height / size[1], 1.0])
    to_view = np.diag([shown[0] / query.shape[1], shown[1] / query.shape[0], 1.0])
    start = to_view @ matrix @ to_photo
    affine = _correlated(small, view, start / start[2, 2], cv2.MOTION_AFFINE)
    if affine is None:
        return None
    for found in (_correlated(small, view, affine, cv2.MOTION_HOMOGRAPHY), affine):
        if found is not None:
            result = np.asarray(np.linalg.inv(to_view) @ found @ np.linalg.inv(to_photo))
            if is_sane(result, (width, height)):
                return result
    return None


def _correlated(small: NDArray[np.uint8], view: NDArray[np.uint8], start: Matrix, motion: int) -> Matrix | None:
    """The map of that kind, from near `start`, or None where it does not converge: the two do not correlate here."""
    is_affine = motion == cv2.MOTION_AFFINE
    warp = start[: 2 if is_affine else 3].astype(np.float32)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _STEPS, _PRECISION)
    everywhere = np.full(view.shape[:2], 255, np.uint8)
    try:
        _, found = cv2.findTransformECC(small, view, warp, motion, criteria, everywhere, 3)
    except cv2.error:
        return None
    solved = np.asarray(found, np.float64)
    return np.vstack([solved, [0.0, 0.0, 1.0]]) if is_affine else solved


def placed(photo: NDArray[np.uint8], query: NDArray[np.uint8], region: Polygon, most: int) -> list[Matrix]:
    """The `most` best places of the region within the photo, or of the photo within the region, by correlation.

    For upright regions and two greys; the photo as it is and mirrored, at several sizes, its aspect kept.
    """
    across, down = zip(*region, strict=True)
    left, top, right, bottom = (int(each) for each in (min(across), min(down), max(across), max(down)))
    part = query[max(0, top) : bottom, max(0, left) : right]
    if min(part.shape, default=0) < 16:
        return []
    factor = _SEARCH_SIDE / max(photo.shape)
    small = scaled(photo, factor)
    part_factor = _SEARCH_SIDE / max(part.shape)
    small_part = scaled(part, part_factor)
    found: list[tuple[float, Matrix]] = []
    for scale in _SEARCH_SCALES:
        for is_mirrored in (False, True):
            seen = cv2.flip(small, 1) if is_mirrored else small
            turn = np.diag([-1.0, 1.0, 1.0]) if is_mirrored else np.eye(3)
            turn[0, 2] = seen.shape[1] if is_mirrored else 0.0
            to_small = turn @ np.diag([factor, factor, 1.0])
            to_part = np.array([[1 / part_factor, 0, max(0, left)], [0, 1 / part_factor, max(0, top)], [0, 0, 1.0]])
            for is_inside in (False, True):  # the region within the photo; the photo within the region
                wide, narrow = (small_part, seen) if is_inside else (seen, small_part)
                sought = scaled(np.asarray(narrow, np.uint8), scale)
                if min(sought.shape) < 12 or sought.shape[0] > wide.shape[0] or sought.shape[1] > wide.shape[1]:
                    continue
                _, best, _, at = cv2.minMaxLoc(cv2.matchTemplate(wide, sought, cv2.TM_CCOEFF_NORMED))
                shift = np.array([[scale, 0, at[0]], [0, scale, at[1]], [0, 0, 1.0]])
                inner = shift if is_inside else np.linalg.inv(shift)
                found.append((best * sought.shape[0] ** 0.25, to_part @ inner @ to_small))
    found.sort(key=lambda each: -each[0])
    return [matrix for _, matrix in found[:most]]


def onto(region: Polygon, photo_size: tuple[int, int]) -> list[Matrix]:
    """The maps that lay the photo on the corners of a region: all of it squashed, and its middle filling the region."""
    width, height = photo_size
    across, down = (float(np.linalg.norm(np.subtract(region[1], region[place]))) for place in (0, 2))
    factor = min(width / max(across, 1e-6), height / max(down, 1e-6))
    left, top = (width - factor * across) / 2, (height - factor * down) / 2
    whole = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
    middle = ((left, top), (width - left, top), (width - left, height - top), (left, height - top))
    sources = [whole] if max(left / width, top / height) < 0.02 else [whole, middle]
    target = np.asarray(region, np.float32)
    return [
        np.asarray(cv2.getPerspectiveTransform(np.asarray(turned, np.float32), target), np.float64)
        for corners in sources
        for turned in (corners, (corners[1], corners[0], corners[3], corners[2]))
    ]
