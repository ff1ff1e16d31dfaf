"""Where the copy ends inside the aligned area: at a straight seam, beyond which the query shows something else.

Past the edge of a before/after half, at a bar of an app or the next cell of a collage, only the photo goes on.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon
from isthisme.engine.geometry import Matrix, apply
from isthisme.engine.overlay import Frame

_AGREES = 0.5  # mean correlation of a place that counts for the copy
_CONFLICTS = 0.3  # and below which it counts against, twice
_LEAST_CUT = 0.03  # of the frame
_LEAST_LEFT = 16  # pixels of the frame
_REACH = 2  # places from where the sum turns to where the seam may lie
_STEP = 12.0  # levels of 255 across a seam
_SEAM = 0.55  # share of a line across the frame with such a step
_AS_CLEAR = 0.9  # of the clearest
_MORE_THAN_PHOTO = 0.25  # by so much more than where the photo has an edge of its own

type _Span = tuple[int, int]  # from, to; pixels of the frame


def cut_at_seams(frame: Frame, grid: NDArray[np.float32], matrix: Matrix) -> Polygon | None:
    """The part of the query (its pixels) before the seams, or None where there are none.

    `grid`: mean correlation by place (`Agreement.grid`). `matrix`: photo to query pixels.
    """
    height, width = frame.photo.shape[:2]
    speaks = np.where(grid > _AGREES, 1.0, np.where(grid < _CONFLICTS, -2.0, 0.0))
    across, down = zip(*(_steps(picture) for picture in (frame.query, frame.photo)), strict=True)
    rows: _Span = (0, height)
    columns: _Span = (0, width)
    for _ in range(2):  # where the one is cut, the other shows more clearly
        rows = _between(_part(speaks, columns, width).sum(axis=1), [each[:, slice(*columns)] for each in down], height)
        columns = _between(_part(speaks.T, rows, height).sum(axis=1), [each[:, slice(*rows)] for each in across], width)
    if (rows, columns) == ((0, height), (0, width)):
        return None
    (top, bottom), (left, right) = rows, columns
    return apply(matrix @ frame.to_photo, ((left, top), (right, top), (right, bottom), (left, bottom)))


def _steps(picture: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(W - 1, H) and (H - 1, W) whether there is a step from one column to the next, and from row to row."""
    soft = cv2.GaussianBlur(picture, (3, 3), 0)
    across = cv2.absdiff(soft[:, 1:], soft[:, :-1]).max(axis=2) > _STEP
    down = cv2.absdiff(soft[1:], soft[:-1]).max(axis=2) > _STEP
    return across.T, down


def _part(speaks: NDArray[np.float64], columns: _Span, width: int) -> NDArray[np.float64]:
    places = speaks.shape[1]
    return speaks[:, columns[0] * places // width : -(-columns[1] * places // width)]


def _between(speaks: NDArray[np.float64], steps: list[NDArray[np.bool_]], length: int) -> _Span:
    """(from, to) of the stretch that speaks most for the copy, as far as seams bound it."""
    first, last = _best_stretch(speaks)
    seen, own = (each.mean(axis=1) for each in steps)
    before = _seam_at(first, len(speaks), seen, own)
    after = _seam_at(len(speaks) - last, len(speaks), seen[::-1], own[::-1])
    return (before, length - after) if length - after - before >= _LEAST_LEFT else (0, length)


def _best_stretch(speaks: NDArray[np.float64]) -> _Span:
    """(from, to) places with the highest sum (Kadane's algorithm)."""
    best, span, total, start = 0.0, (0, len(speaks)), 0.0, 0
    for place, each in enumerate(speaks.tolist()):
        if total <= 0:
            total, start = 0.0, place
        total += each
        if total > best:
            best, span = total, (start, place + 1)
    return span


def _seam_at(place: int, places: int, seen: NDArray[np.float64], own: NDArray[np.float64]) -> int:
    """How many lines show something else before the seam near a place; 0 where there is no seam."""
    length = len(seen) + 1
    cell = length / places
    low, high = max(1, round((place - _REACH) * cell)), round(min(length - 1.0, (place + _REACH) * cell))
    clear = (seen - own)[low:high]
    if not place or not clear.size or clear.max() < _MORE_THAN_PHOTO:
        return 0
    at = low + int(np.flatnonzero(clear >= _AS_CLEAR * clear.max())[-1])  # a gutter has two edges
    return at + 1 if seen[at] >= _SEAM and at >= _LEAST_CUT * length else 0
