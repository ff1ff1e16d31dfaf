"""Where the copy ends in the query image, once it is known to be there.

Deciding compares within the part that agrees best. For the outline that part is given back what belongs to the copy
too: what lies beyond a bar of text or a sticker. And plain ground is taken from it: the corners of a round avatar.
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Point, Polygon
from isthisme.engine.appearance import differing
from isthisme.engine.comparison import structure
from isthisme.engine.geometry import Matrix, apply, area_of, clipped
from isthisme.engine.overlay import Frame

# A side of the part is given up when what lies beyond it goes on like the photo: its mean correlation, and the share of
# its pixels that differ by less than _NEAR, together. Of 118 sides of parts of copies by other edit code (2026-11-22),
# 85 of 86 true ends came to less, and 29 of 32 that were cut off wrongly to more.
_GOES_ON = 0.55
_NEAR = 16.0  # levels of 255
_LEAST_BEYOND = 0.02  # of the part
_FAR = 1e5  # pixels; farther than any picture reaches
# Ground is believed when it hides something: the photo shows other colours in its place.
_HIDES = 16.0  # levels of 255
_SAME_GROUND = 40.0  # levels of 255 between the query's ground and the photo's own plain ground
_PLAIN = 24.0  # levels of 255 around its middle, where ...
_PLAIN_SHARE = 0.8  # ... so much of a plain ground lies
_LEAST_HIDDEN = 0.03  # of the frame
_LEAST_BODY = 0.2  # of the frame, in one piece
_MOST_OF_IT = 0.97  # of the frame; a body that fills more needs no outline of its own
_CORNERS = 32  # of an outline, at most

type _Side = tuple[Point, Point]


def widened(part: Polygon, whole: Frame, matrix: Matrix) -> Polygon:
    """`part` of the query without the sides beyond which the copy goes on, as far as `whole` reaches.

    `whole`: the frame of all that the photo could fill. `matrix`: photo to query pixels.
    """
    if area_of(part) > (1 - _LEAST_BEYOND) * area_of(whole.query_region):
        return part
    to_frame = np.linalg.inv(matrix @ whole.to_photo)
    inside = _mask(apply(to_frame, part), whole) & whole.is_visible
    if not inside.any():
        return part
    grid = np.nan_to_num(structure(replace(whole, is_shown=whole.is_visible)).grid, nan=0.0)
    size = whole.photo.shape[1], whole.photo.shape[0]
    goes_on = cv2.resize(grid, size, interpolation=cv2.INTER_NEAREST)
    goes_on = goes_on + (differing(whole, inside) < _NEAR)
    sides = _sides(part)
    kept = []
    for place, side in enumerate(sides):
        wider = _within(whole.query_region, [*sides[:place], *sides[place + 1 :]])
        beyond = _mask(apply(to_frame, wider), whole) & whole.is_visible & ~inside
        is_more = area_of(wider) > (1 + _LEAST_BEYOND) * area_of(part) and beyond.any()
        if not is_more or float(goes_on[beyond].mean()) < _GOES_ON:
            kept.append(side)
    return _within(whole.query_region, kept) or part


def without_false_ground(frame: Frame) -> Frame:
    """The frame, all of it shown where what was taken for plain ground is the photo itself."""
    ground = frame.is_visible & ~frame.is_shown
    is_enough = ground.sum() > _LEAST_HIDDEN * frame.is_visible.sum() and frame.is_shown.any()
    return frame if is_enough and _hides(frame, ground) else replace(frame, is_shown=frame.is_visible)


def _hides(frame: Frame, ground: NDArray[np.bool_]) -> bool:
    photo, query = frame.photo[ground].astype(np.float32), frame.query[ground]
    colour = np.median(photo, axis=0)
    is_plain = float((np.abs(photo - colour).max(axis=1) < _PLAIN).mean()) > _PLAIN_SHARE
    if is_plain and np.abs(colour - np.median(query, axis=0)).max() < _SAME_GROUND:
        return False
    return float(np.median(differing(frame, frame.is_shown)[ground])) > _HIDES


def outline(frame: Frame, matrix: Matrix) -> Polygon:
    """The convex outline in the query of what is shown in one piece: of a disc, a polygon that is nearly round."""
    opened = cv2.morphologyEx(frame.is_shown.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    if len(stats) < 2:
        return frame.query_region
    body = labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    if not _LEAST_BODY < body.sum() / frame.is_visible.sum() < _MOST_OF_IT:
        return frame.query_region
    points = cv2.convexHull(np.argwhere(body)[:, ::-1].astype(np.int32))
    tolerance = 0.004 * max(body.shape)
    corners = cv2.approxPolyDP(points, tolerance, closed=True)
    while len(corners) > _CORNERS:
        tolerance *= 1.5
        corners = cv2.approxPolyDP(points, tolerance, closed=True)
    found = apply(matrix @ frame.to_photo, tuple((float(x), float(y)) for x, y in corners[:, 0] + 0.5))
    return clipped(found, frame.query_region) or frame.query_region


def _mask(polygon: Polygon, frame: Frame) -> NDArray[np.bool_]:
    """(H, W) of a convex polygon in frame pixels."""
    mask = np.zeros(frame.is_visible.shape, np.uint8)
    cv2.fillConvexPoly(mask, np.rint(np.asarray(polygon)).astype(np.int32), 1)
    return mask.astype(bool)


def _sides(polygon: Polygon) -> list[_Side]:
    """With the inside on the right hand, where y points down."""
    if cv2.contourArea(np.asarray(polygon, np.float32), oriented=True) < 0:
        polygon = polygon[::-1]
    return list(zip(polygon, (*polygon[1:], polygon[0]), strict=True))


def _within(polygon: Polygon, sides: list[_Side]) -> Polygon:
    """The part of the polygon inside all sides, each drawn on to both ends."""
    for (x0, y0), (x1, y1) in sides:
        length = float(np.hypot(x1 - x0, y1 - y0))
        if length < 1e-6:
            continue
        x, y = (x1 - x0) / length * _FAR, (y1 - y0) / length * _FAR
        half = ((x0 - x, y0 - y), (x0 + x, y0 + y), (x0 + x - y, y0 + y + x), (x0 - x - y, y0 - y + x))
        polygon = clipped(polygon, half)
    return polygon
