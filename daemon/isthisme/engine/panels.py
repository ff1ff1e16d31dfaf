"""Looking for pictures inside a picture: what stands on a plain background, and what straight edges enclose."""

import math
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.channels import largest_channel
from isthisme.engine.scaling import Sizes

type Edge = tuple[int, int, int]  # position, from, to

_LOOK_SIDE = 320  # pixels; long side of the copy that is looked at
_SAME_AS_WHOLE = 0.93  # overlap from which a panel is the picture itself
_SAME = 0.85  # and from which two panels are one
_COLOUR_STEP = 14  # levels of 255 that set something apart from the background
_EDGE_STEP = 10  # levels of 255 across a straight edge
_STRONG_PERCENTILE = 60  # of the steps; in a busy picture only what is stronger is an edge
_REGULAR_SUPPORT = 0.5  # share of a seam of a regular grid that shows an edge
_EDGE_SUPPORT = 0.7  # share of an edge's length that shows it
_MOST_EDGES = 16  # in each direction
_SEAM_SHARE = 0.7  # of the picture's side; so long an edge divides the picture
_MOST_CELLS = 16
_MOST_BESIDE = 2
_MOST_RECTANGLES = 12
_MOST_TWINS = 4
_MOST_FIRST = 9  # between edges, before what stands on a ground has its turn
_TWIN_SHARE = 0.85
_SMALLEST_SHARE = 0.09  # of the long side; smaller panels are icons


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """An upright rectangle, in pixels of the query image."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    def overlap(self, other: "Box") -> float:
        """Intersection over union, 0 to 1."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.area + other.area - shared)


def find_panels(picture: Sizes, limit: int) -> tuple[Box, ...]:
    """At most `limit` parts of the picture that look like pictures of their own, largest first."""
    width, height = picture.size
    small = picture.fitted(_LOOK_SIDE)
    size = small.shape[1], small.shape[0]
    if min(size) < 16:
        return ()
    whole = Box(0, 0, *size)
    kept: list[Box] = []
    between, apart = _between_edges(small), _on_background(small)
    for box in (*between[:_MOST_FIRST], *apart, *between[_MOST_FIRST:]):
        if len(kept) == limit:
            break
        if box.overlap(whole) < _SAME_AS_WHOLE and all(box.overlap(other) < _SAME for other in kept):
            kept.append(box)
    across, down = width / size[0], height / size[1]
    return tuple(Box(b.left * across, b.top * down, b.right * across, b.bottom * down) for b in kept)


def _on_background(small: NDArray[np.uint8]) -> list[Box]:
    """What stands apart from each plain colour that fills much of the border or of the picture."""
    boxes: list[Box] = []
    for colour in common_colours(small):
        apart = apart_from(small, colour, _COLOUR_STEP)
        for reach in (3, 7):
            closed = cv2.morphologyEx(apart, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
            opened = np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((reach, reach), np.uint8)), np.uint8)
            boxes.extend(_component_boxes(opened))
    return boxes


def apart_from(part: NDArray[np.uint8], colour: NDArray[np.uint8], levels: int) -> NDArray[np.uint8]:
    """(H, W) 1 where any channel of the picture (H, W, 3) is more levels of 255 from a colour (3,) than so many."""
    wide = colour.astype(np.int16)
    near = cv2.inRange(part, np.clip(wide - levels, 0, 255), np.clip(wide + levels, 0, 255))
    return np.equal(near, 0).view(np.uint8)


def common_colours(small: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """At most three plain colours (3,) that fill much of the border or of the picture (H, W, 3)."""
    return _apart([*colours_around(small), *_frequent(small[::2, ::2].reshape(-1, 3), 0.08)])[:3]


def colours_around(small: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """At most two plain colours (3,) that fill much of the border of the picture (H, W, 3)."""
    ring = [
        small[:2].reshape(-1, 3),
        small[-2:].reshape(-1, 3),
        small[:, :2].reshape(-1, 3),
        small[:, -2:].reshape(-1, 3),
    ]
    return _apart(_frequent(np.concatenate(ring), 0.35))


def _frequent(pixels: NDArray[np.uint8], needed: float) -> list[NDArray[np.uint8]]:
    coarse = (pixels >> 4).astype(np.int32)
    keys = coarse[:, 0] * 256 + coarse[:, 1] * 16 + coarse[:, 2]
    counts = np.bincount(keys, minlength=4096)
    common = np.flatnonzero(counts >= needed * len(keys))
    return [np.median(pixels[keys == key], axis=0).astype(np.uint8) for key in common[np.argsort(-counts[common])][:2]]


def _apart(colours: list[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    """Without those too near to an earlier one."""
    kept: list[NDArray[np.uint8]] = []
    for colour in colours:
        if all(cv2.absdiff(colour, other).max() > _COLOUR_STEP for other in kept):
            kept.append(colour)
    return kept


def _component_boxes(mask: NDArray[np.uint8]) -> list[Box]:
    least = _SMALLEST_SHARE * max(mask.shape)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    boxes = []
    for left, top, width, height, area in stats[1:]:
        if width >= least and height >= least and area >= 0.4 * width * height:
            boxes.append(Box(float(left), float(top), float(left + width), float(top + height)))
    return boxes


def _between_edges(small: NDArray[np.uint8]) -> list[Box]:
    """Cells between seams that cross the whole picture, then rectangles between shorter straight edges."""
    height, width = small.shape[:2]
    across, down = _edge_masks(small)
    uprights, levels = _edges(across), _edges(down)
    least = _SMALLEST_SHARE * max(width, height)
    twins = [Box(left, top, right, bottom) for left, right, top, bottom in _twins(uprights, least)]
    twins += [Box(left, top, right, bottom) for top, bottom, left, right in _twins(levels, least)]
    cells = _regular_cells(across, down, (width, height)) + _cells(uprights, levels, (width, height), least)
    closed = _rectangles(uprights, levels, (width, height), least)
    return [*cells, *closed[:_MOST_TWINS], *twins[:_MOST_TWINS], *closed[_MOST_TWINS:]]


def _cells(uprights: list[Edge], levels: list[Edge], size: tuple[int, int], least: float) -> list[Box]:
    """The partition of a collage: between neighbouring seams from side to side."""
    width, height = size
    columns = _gaps([at for at, low, high in uprights if high - low > _SEAM_SHARE * height], width, least)
    rows = _gaps([at for at, low, high in levels if high - low > _SEAM_SHARE * width], height, least)
    if not 2 <= len(columns) * len(rows) <= _MOST_CELLS:
        return []
    return [Box(left, top, right, bottom) for top, bottom in rows for left, right in columns]


def _gaps(seams: list[int], length: int, least: float) -> list[tuple[float, float]]:
    return [(float(low), float(high)) for low, high in pairwise([0, *sorted(seams), length]) if high - low >= least]


def _rectangles(uprights: list[Edge], levels: list[Edge], size: tuple[int, int], least: float) -> list[Box]:
    """For each upright edge the next two to its right that stand beside it, closed by levels above and below."""
    width, height = size
    slack = 0.03 * max(size)
    uprights = [(0, 0, height), *uprights, (width, 0, height)]
    levels = [(0, 0, width), *levels, (height, 0, width)]
    boxes: list[Box] = []
    for place, (left, left_low, left_high) in enumerate(uprights):
        beside = 0
        for right, right_low, right_high in uprights[place + 1 :]:
            low, high = max(left_low, right_low), min(left_high, right_high)
            if right - left < least or high - low < least or beside == _MOST_BESIDE:
                continue
            crossing = [
                at
                for at, start, end in levels
                if start <= left + slack and end >= right - slack and low - slack <= at <= high + slack
            ]
            made = [Box(left, top, right, bottom) for top, bottom in pairwise(crossing) if bottom - top >= least]
            beside += bool(made)
            boxes += made
    return sorted(boxes, key=lambda each: -each.area)[:_MOST_RECTANGLES]


def _twins(edges: list[Edge], least: float) -> list[tuple[int, int, int, int]]:
    """(position, other position, from, to) of two edges that start and end together: two sides of a rectangle."""
    found = []
    for place, (at, low, high) in enumerate(edges):
        for other, other_low, other_high in edges[place + 1 :]:
            shared = min(high, other_high) - max(low, other_low)
            joint = max(high, other_high) - min(low, other_low)
            if other - at >= least and shared >= least and shared > _TWIN_SHARE * joint:
                found.append((at, other, min(low, other_low), max(high, other_high)))
    return found


def _edge_mask(steps: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """1 where a step is the largest of its neighbours across and strong for this picture, and a column further left."""
    padded = np.pad(steps, ((0, 0), (1, 1)))
    strong = max(_EDGE_STEP, percentile(steps[::2, ::2], _STRONG_PERCENTILE))
    wide = ((steps > strong) & (steps >= padded[:, :-2]) & (steps >= padded[:, 2:])).astype(np.uint8)
    wide[:, :-1] |= wide[:, 1:]  # scaling may have split an edge between two columns
    return wide


def percentile(levels: NDArray[np.uint8], percent: float) -> float:
    """`np.percentile` of levels, which are counted rather than sorted."""
    below = np.cumsum(np.bincount(levels.ravel(), minlength=256))  # how many are no higher than each level
    place = (levels.size - 1) * percent / 100
    low, high = (int(np.searchsorted(below, each, side="right")) for each in (math.floor(place), math.ceil(place)))
    return low + (high - low) * (place % 1)


def regular_cells(small: NDArray[np.uint8]) -> list[Box]:
    """The cells of a grid of two or three equal columns and rows that fills the picture (H, W, 3)."""
    across, down = _edge_masks(small)
    return _regular_cells(across, down, (small.shape[1], small.shape[0]))


def _edge_masks(small: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Where neighbours to the right differ strongly and, lying on its side, neighbours below."""
    across = largest_channel(cv2.absdiff(small[:, 1:], small[:, :-1]))
    down = cv2.transpose(largest_channel(cv2.absdiff(small[1:], small[:-1])))
    return _edge_mask(np.asarray(across, np.uint8)), _edge_mask(np.asarray(down, np.uint8))


def _regular_cells(across: NDArray[np.uint8], down: NDArray[np.uint8], size: tuple[int, int]) -> list[Box]:
    """The cells of a grid of two or three equal columns and rows, when edges run along all of its seams."""
    for count in (3, 2):
        if all(_has_seams(edges, count) for edges in (across, down)):
            wide, tall = size[0] / count, size[1] / count
            places = [(row, column) for row in range(count) for column in range(count)]
            return [Box(wide * c, tall * r, wide * (c + 1), tall * (r + 1)) for r, c in places]
    return []


def _has_seams(edges: NDArray[np.uint8], count: int) -> bool:
    support = edges.mean(axis=0)
    reach = max(2, edges.shape[1] // 60)
    seams = [edges.shape[1] * place // count for place in range(1, count)]
    return all(float(support[seam - reach : seam + reach].max()) > _REGULAR_SUPPORT for seam in seams)


def _edges(wide: NDArray[np.uint8]) -> list[Edge]:
    """(position, from, to) of straight upright edges in a mask (rows, columns - 1): long runs down one column."""
    rows = wide.shape[0]
    gap = max(3, rows // 40) | 1
    length = max(12, round(rows * 0.14))
    joined = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((gap, 1), np.uint8))
    runs = np.asarray(cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8)), np.uint8)
    columns, starts, stops = _runs(runs)
    covered = np.zeros((rows + 1, wide.shape[1]), np.int32)  # how much of the mask lies above
    np.cumsum(wide, axis=0, out=covered[1:])
    lengths = stops - starts
    seen = covered[stops, columns] - covered[starts, columns]
    good = np.flatnonzero(seen >= _EDGE_SUPPORT * lengths)
    found = [(int(seen[i]), int(columns[i]) + 1, int(starts[i]), int(stops[i])) for i in good]
    found.sort(reverse=True)
    kept: list[tuple[int, int, int]] = []
    for _, column, top, bottom in found:
        if len(kept) == _MOST_EDGES:
            break
        if all(abs(column - other) > 3 or bottom < low or top > high for other, low, high in kept):
            kept.append((column, top, bottom))
    return sorted(kept)


def _runs(mask: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """(columns, first rows, rows after the last) of the unbroken runs down the columns of a mask."""
    rows, columns = mask.shape
    lying = np.zeros((columns, rows + 2), np.uint8)
    lying[:, 1:-1] = mask.T
    at, row = np.divmod(np.flatnonzero(lying[:, 1:] != lying[:, :-1]), rows + 1)
    return at[::2], row[::2], row[1::2]
