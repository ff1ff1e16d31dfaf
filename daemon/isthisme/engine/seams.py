"""Where the copy ends inside the aligned area: at a straight seam, beyond which the query shows something else.

Past the edge of a before/after half, at a bar of an app or the next cell of a collage, only the photo goes on.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon
from isthisme.engine.channels import largest_channel
from isthisme.engine.geometry import Matrix, apply, clipped, rectangle
from isthisme.engine.overlay import Frame

_AGREES = 0.5  # mean correlation of a place that counts for the copy
_CONFLICTS = 0.3  # and below which it counts against, twice
_LEAST_CUT = 0.03  # of the frame
_LEAST_LEFT = 16  # pixels of the frame
_CLEARLY_AGAINST = -1.0  # mean of a line of places, from -2 to 1: half of them conflict, and none agrees
_REACH = 2  # places from where the sum turns to where the seam may lie
_STEP = 12.0  # levels of 255 across a seam
_SEAM = 0.55  # share of a line across the frame with such a step
_BORDER = 0.7  # the same at any angle: there are more lines to choose from, and a plate's rim is straight for a while
_AS_CLEAR = 0.9  # of the clearest
_MORE_THAN_PHOTO = 0.25  # by so much more than where the photo has an edge of its own
_NO_DETAIL = 0.3  # of the detail before a seam is left beyond it, where a copy lies on a blurred picture
_LEAST_AGAINST = 4  # places of 576 beyond an edge that show something else
_MOST_IN_FAVOUR = 0.45  # and of those so many may agree
_MOST_LINES = 32
_MOST_CUTS = 6  # looked at
_SHORTEST = 0.1  # of the frame; shorter edges have no certain direction
_ASIDE = 1.5  # pixels from an edge at which its two sides are compared
_BESIDE = 6.0  # pixels from an edge where a busy picture steps as far, and others hardly
_CLEAR_STEP = 40.0  # levels of 255; a step further than this is no clearer
_CLEARER = 8.0  # levels by which the steps across an edge exceed the photo's own and those beside it

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
        rows = _between(_part(speaks, columns, width).mean(axis=1), [each[:, slice(*columns)] for each in down], height)
        columns = _between(
            _part(speaks.T, rows, height).mean(axis=1), [each[:, slice(*rows)] for each in across], width
        )
    if (rows, columns) == ((0, height), (0, width)):
        return None
    (top, bottom), (left, right) = rows, columns
    return apply(matrix @ frame.to_photo, ((left, top), (right, top), (right, bottom), (left, bottom)))


def _steps(picture: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(W - 1, H) and (H - 1, W) how far it steps from one column to the next, and from row to row, levels of 255."""
    soft = cv2.GaussianBlur(picture, (3, 3), 0)
    across = largest_channel(cv2.absdiff(soft[:, 1:], soft[:, :-1]))
    down = largest_channel(cv2.absdiff(soft[1:], soft[:-1]))
    return np.asarray(across.T, np.uint8), np.asarray(down, np.uint8)


def _part(speaks: NDArray[np.float64], columns: _Span, width: int) -> NDArray[np.float64]:
    places = speaks.shape[1]
    return speaks[:, columns[0] * places // width : -(-columns[1] * places // width)]


@dataclass(frozen=True, slots=True)
class _Profile:
    """(length - 1,) what shows from one line of a picture to the next."""

    stepping: NDArray[np.float64]  # share of the line with a clear step
    detail: NDArray[np.float64]  # mean step, levels of 255

    def turned(self) -> "_Profile":
        return _Profile(self.stepping[::-1], self.detail[::-1])


def _between(speaks: NDArray[np.float64], steps: list[NDArray[np.uint8]], length: int) -> _Span:
    """(from, to) of the stretch that speaks most for the copy, as far as seams bound it."""
    first, last = _best_stretch(speaks)
    seen, own = (_Profile((each > _STEP).mean(axis=1), each.mean(axis=1)) for each in steps)
    before = _seam_at((first, _against(speaks)), len(speaks), seen, own)
    after = _seam_at((len(speaks) - last, _against(speaks[::-1])), len(speaks), seen.turned(), own.turned())
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


def _against(speaks: NDArray[np.float64]) -> int:
    """How many lines of places at the start speak clearly against; what was laid on the copy may come after them."""
    return int(np.argmax(np.append(speaks, 0.0) > _CLEARLY_AGAINST))


def _seam_at(near: tuple[int, int], places: int, seen: _Profile, own: _Profile) -> int:
    """How many lines show something else before the seam near one of the places, the first first; 0 where none is."""
    length = len(seen.stepping) + 1
    cell = length / places
    for place in near:
        low, high = max(1, round((place - _REACH) * cell)), round(min(length - 1.0, (place + _REACH) * cell))
        if not place or low >= high:
            continue
        at = _clear_step(low, high, seen.stepping, own.stepping)
        at = at or _detail_begins(low, high, round(_REACH * cell), seen.detail, own.detail)
        if at >= _LEAST_CUT * length:
            return at + 1
    return 0


def _clear_step(low: int, high: int, seen: NDArray[np.float64], own: NDArray[np.float64]) -> int:
    """The line from `low` to `high` along most of which the query steps, and the photo does not; 0 if none."""
    clear = (seen - own)[low:high]
    if clear.max() < _MORE_THAN_PHOTO:
        return 0
    at = low + int(np.flatnonzero(clear >= _AS_CLEAR * clear.max())[-1])  # a gutter has two edges
    return at if seen[at] >= _SEAM else 0


def _detail_begins(low: int, high: int, reach: int, seen: NDArray[np.float64], own: NDArray[np.float64]) -> int:
    """The last line from `low` to `high` before which the photo goes on and the query has next to no detail; 0 if none.

    A copy on a blurred picture of about its colours has hardly a step at its edge.
    """
    for at in range(high - 1, low - 1, -1):
        outside, inside = slice(max(0, at - reach), at), slice(at, at + reach)
        beyond = seen[outside].mean() * own[inside].mean()
        if beyond < _NO_DETAIL * seen[inside].mean() * own[outside].mean():
            return at
    return 0


def cut_along_edge(frame: Frame, grid: NDArray[np.float32], matrix: Matrix) -> Polygon | None:
    """The part of the query (its pixels) on this side of one straight edge at any angle, or None where there is none.

    As where a picture was turned or tilted before it was pasted into another. The arguments are those of
    `cut_at_seams`.
    """
    speaks = np.where(grid > _AGREES, 1.0, np.where(grid < _CONFLICTS, -1.0, 0.0))
    rows, columns = np.indices(speaks.shape) + 0.5
    height, width = frame.query.shape[:2]
    places = np.dstack([columns * width / speaks.shape[1], rows * height / speaks.shape[0]])
    cuts: list[tuple[float, _Line]] = []
    for line in _lines(frame.query):
        is_beyond = places @ line.normal > line.offset
        for part, side in ((is_beyond, line), (~is_beyond, line.turned())):
            against, in_favour = float((speaks[part] < 0).sum()), float((speaks[part] > 0).sum())
            if against >= _LEAST_AGAINST and in_favour <= _MOST_IN_FAVOUR * against:
                cuts.append((against - 2 * in_favour, side))
    cuts.sort(key=lambda each: -each[0])
    for _, line in cuts[:_MOST_CUTS]:
        if _is_seam(line, frame):
            kept = clipped(rectangle(width, height), line.before(_ASIDE, 2.0 * max(width, height)))
            return clipped(apply(matrix @ frame.to_photo, kept), frame.query_region) if kept else None
    return None


@dataclass(frozen=True, slots=True)
class _Line:
    """Points p of the frame with normal . p = offset; what lies beyond is where that is more."""

    normal: NDArray[np.float64]  # (2,) of length 1
    offset: float

    def turned(self) -> "_Line":
        return _Line(-self.normal, -self.offset)

    def before(self, gap: float, far: float) -> Polygon:
        """All that lies at least `gap` on this side, and not farther than `far`."""
        along = np.array([-self.normal[1], self.normal[0]])
        foot = self.normal * (self.offset - gap)
        corners = (foot - far * along, foot + far * along)
        ends = [*corners, *(each - 2 * far * self.normal for each in corners[::-1])]
        return tuple((float(x), float(y)) for x, y in ends)


def _lines(picture: NDArray[np.uint8]) -> list[_Line]:
    """Along the longest straight edges."""
    detector = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE)
    found = detector.detect(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))[0]
    if found is None:
        return []
    ends = np.asarray(found, np.float64).reshape(-1, 2, 2)
    along = ends[:, 1] - ends[:, 0]
    lengths = np.linalg.norm(along, axis=1)
    long = [each for each in np.argsort(-lengths)[:_MOST_LINES] if lengths[each] >= _SHORTEST * max(picture.shape[:2])]
    normals = np.column_stack([-along[:, 1], along[:, 0]])[long] / lengths[long, None]
    return [_Line(normal, float(normal @ ends[each, 0])) for normal, each in zip(normals, long, strict=True)]


def _is_seam(line: _Line, frame: Frame) -> bool:
    """Whether the query, and not the photo, steps from one thing to another along most of the line."""
    height, width = frame.query.shape[:2]
    far = np.arange(-max(height, width), 2 * max(height, width))
    points = line.normal * line.offset + far[:, None] * np.array([-line.normal[1], line.normal[0]])
    x, y = np.rint(points).astype(np.int64).T
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    inside[inside] = frame.is_shown[y[inside], x[inside]]  # on plain ground nothing steps
    if inside.sum() < _LEAST_LEFT:
        return False
    on, own, *beside = (
        _steps_across(picture, points[inside] + apart * line.normal, line.normal)
        for picture, apart in (
            (frame.query, 0.0),
            (frame.photo, 0.0),
            (frame.query, -_BESIDE),
            (frame.query, _BESIDE),
        )
    )
    usual = max(float(own.mean()), float(np.mean(beside)))
    return float((on > _STEP).mean()) >= _BORDER and float(on.mean()) >= usual + _CLEARER


def _steps_across(
    picture: NDArray[np.uint8], points: NDArray[np.float64], normal: NDArray[np.float64]
) -> NDArray[np.float32]:
    """(N,) how far the picture steps from one side of a line to the other at its points (N, 2), levels of 255."""
    sides = []
    for apart in (-_ASIDE, _ASIDE):
        at = (points + apart * normal).astype(np.float32)
        sides.append(cv2.remap(picture, at[:, :1], at[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    return np.asarray(np.minimum(cv2.absdiff(*sides).reshape(-1, 3).max(axis=1), _CLEAR_STEP), np.float32)
