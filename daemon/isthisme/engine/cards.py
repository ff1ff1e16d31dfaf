"""Looking for pictures that lie askew: a print on a table, a picture turned on a plain ground."""

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon
from isthisme.engine.geometry import area_of, clipped
from isthisme.engine.scaling import Sizes

_LOOK_SIDE = 320  # pixels
_LEAST_SHARE = 0.05  # of the picture's area
_MOST_SHARE = 0.95
_LEAST_TURN = 4.0  # degrees; straighter ones are panels
_SAME = 0.8  # overlap from which two are one


def find_cards(picture: Sizes, limit: int) -> tuple[Polygon, ...]:
    """At most `limit` quadrilaterals askew in the picture, largest first, corners clockwise from the top left."""
    small = picture.fitted(_LOOK_SIDE)
    size = small.shape[1], small.shape[0]
    factor = max(size) / max(picture.size)
    if min(size) < 32:
        return ()
    across, down = slopes(cv2.GaussianBlur(small, (5, 5), 0))
    found: list[Polygon] = []
    for low, high in ((30, 90), (80, 200)):
        edges = cv2.dilate(cv2.Canny(across, down, low, high), np.ones((3, 3), np.uint8))
        contours, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            _, _, wide, tall = cv2.boundingRect(contour)
            if wide * tall >= _LEAST_SHARE * size[0] * size[1]:  # most are scraps
                quad = _quad(np.asarray(contour), size)
                found += [quad] if quad else []
    found.sort(key=lambda each: -area_of(each))
    kept: list[Polygon] = []
    for quad in found:
        if len(kept) == limit:
            break
        if all(_overlap(quad, other) < _SAME for other in kept):
            kept.append(quad)
    return tuple(tuple((x / factor, y / factor) for x, y in quad) for quad in kept)


def slopes(picture: cv2.typing.MatLike) -> tuple[cv2.typing.MatLike, cv2.typing.MatLike]:
    """(H, W) how fast the steepest channel of (H, W, 3) rises to the right, and downwards.

    `cv2.Canny` of a picture begins with the same, channel by channel; two looks for edges share it here, in half the
    time (measured 2026-11-23).
    """
    across, down = (
        cv2.split(cv2.Sobel(picture, cv2.CV_16S, *order, ksize=3, borderType=cv2.BORDER_REPLICATE))
        for order in ((1, 0), (0, 1))
    )
    steepest = _steepness(across[0], down[0])
    for rises, falls in zip(across[1:], down[1:], strict=True):
        steepness = _steepness(rises, falls)
        is_steeper = cv2.compare(steepness, steepest, cv2.CMP_GT)
        for all_of_it, channel in ((across[0], rises), (down[0], falls), (steepest, steepness)):
            cv2.copyTo(channel, is_steeper, all_of_it)
    return across[0], down[0]


def _steepness(across: cv2.typing.MatLike, down: cv2.typing.MatLike) -> cv2.typing.MatLike:
    return np.abs(across) + np.abs(down)


def _quad(contour: NDArray[np.int32], size: tuple[int, int]) -> Polygon | None:
    """The quadrilateral that a contour is, when it is one, large and askew."""
    whole = size[0] * size[1]
    hull = cv2.convexHull(contour)
    area = cv2.contourArea(hull)
    if not _LEAST_SHARE * whole < area < _MOST_SHARE * whole:
        return None
    corners = (
        cv2.approxPolyDP(hull, 0.04 * cv2.arcLength(hull, closed=True), closed=True).reshape(-1, 2).astype(np.float64)
    )
    if len(corners) != 4 or abs(cv2.contourArea(corners.astype(np.float32)) - area) > 0.12 * area:
        return None
    if cv2.contourArea(corners.astype(np.float32), oriented=True) < 0:
        corners = corners[::-1]
    sides = np.roll(corners, -1, axis=0) - corners
    turns = np.degrees(np.arctan2(sides[:, 1], sides[:, 0]))
    askew = np.abs((turns + 45) % 90 - 45)
    if askew.max() < _LEAST_TURN or np.linalg.norm(sides, axis=1).min() < 0.1 * max(size):
        return None
    first = int(np.argmin(np.abs((turns + 180) % 360 - 180)))  # the top side points to the right
    ordered = np.roll(corners, -first, axis=0)
    return tuple((float(x), float(y)) for x, y in ordered)


def _overlap(one: Polygon, other: Polygon) -> float:
    shared = area_of(clipped(one, other))
    return shared / (area_of(one) + area_of(other) - shared)
