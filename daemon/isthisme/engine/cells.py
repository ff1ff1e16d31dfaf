"""Looking for pictures of one size in rows and columns: the nine pictures of a post, the tiles of a shop."""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.panels import Box, apart_from, colours_around, common_colours, regular_cells
from isthisme.engine.scaling import Sizes

_LOOK_SIDE = 640  # pixels; long side of the copy that is looked at, in which thin gutters are still seen
_COLOUR_STEP = 20  # levels of 255 that set something apart from the ground; gutters are blurred by compression
_EVEN_STEP = 5  # levels of 255
_EVEN_SHARE = 0.55  # of what is near a ground's colour is as near as that
_GROUND_SIDE = 240  # pixels; so many are looked at for grounds
_GUTTER_SHARE = 0.92  # of a line across, in the colour of the ground
_SMALLEST_SHARE = 0.08  # of the long side; smaller ones are icons
_LARGEST_SHARE = 0.46  # of a side; what is larger is no cell but may hold some
_BLOCK_SHARE = 0.22  # of the long side; what is smaller holds none
_SAME_SIZE = 0.05  # difference of sides at which two are still cells of one grid
_FEWEST = 3
_MOST_PARTS = 48  # looked at on one ground
_FURTHEST = 1.9  # from cell to cell, in sides of a cell
_MOST_APART = 0.2  # share of a cell that has to stand apart from the ground
_SAME_BLOCK = 0.9  # share of a block from which what stands in it is the block itself
_MOST_BLOCKS = 3
_DEEPEST = 2  # grids in blocks in blocks

type _Rectangle = tuple[int, int, int, int]  # left, top, right, bottom


def find_cells(picture: Sizes, limit: int) -> tuple[Box, ...]:
    """At most `limit` cells of the grids in the picture, row by row; none where there is no grid."""
    width, height = picture.size
    small = picture.fitted(_LOOK_SIDE)
    size = small.shape[1], small.shape[0]
    grounds = _even_grounds(picture.pixels) if min(size) >= 64 else []
    if not grounds:
        return ()
    across, down = width / size[0], height / size[1]
    cells = _cells_within(small, (0, 0, *size), grounds, _DEEPEST)
    if cells:
        filling = regular_cells(small)  # of nine pictures without gutters one may hold a grid of its own
        cells = filling if any(_all_lie_in(each, cells) for each in filling) else cells
    return tuple(Box(b.left * across, b.top * down, b.right * across, b.bottom * down) for b in cells[:limit])


def _all_lie_in(box: Box, cells: list[Box]) -> bool:
    """But for the blur at an edge."""
    slack = _SAME_SIZE * max(box.width, box.height)
    left, top = min(each.left for each in cells), min(each.top for each in cells)
    right, bottom = max(each.right for each in cells), max(each.bottom for each in cells)
    is_across = box.left - slack <= left and right <= box.right + slack
    return is_across and box.top - slack <= top and bottom <= box.bottom + slack


def _even_grounds(pixels: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """The common colours that are as even as in a page that was drawn; a photo's sky and walls are not."""
    every = max(1, max(pixels.shape) // _GROUND_SIDE)
    sample = np.ascontiguousarray(pixels[::every, ::every])
    even = []
    for colour in common_colours(sample):
        near, even_near = (
            np.count_nonzero(apart_from(sample, colour, step) == 0) for step in (_COLOUR_STEP, _EVEN_STEP)
        )
        if even_near >= _EVEN_SHARE * near:
            even.append(colour)
    return even


def _cells_within(
    small: NDArray[np.uint8], block: _Rectangle, grounds: list[NDArray[np.uint8]], levels: int
) -> list[Box]:
    """The largest grid on one of the grounds of the block, or else in the largest blocks on it, so many levels down."""
    left, top, right, bottom = block
    part = small[top:bottom, left:right]
    side = max(small.shape)
    best: list[Box] = []
    blocks: list[_Rectangle] = []
    for colour in grounds:
        apart = apart_from(part, colour, _COLOUR_STEP)
        parts = _parts(apart, side)
        grid = _moved(_grid(parts, apart), left, top)
        best = max(best, grid, key=len)
        blocks += [
            (left + a, top + b, left + c, top + d)
            for a, b, c, d in parts
            if min(c - a, d - b) >= _BLOCK_SHARE * side and (c - a) * (d - b) < _SAME_BLOCK * part[:, :, 0].size
        ]
    if best or not levels:
        return best
    blocks = sorted(set(blocks), key=lambda each: -(each[2] - each[0]) * (each[3] - each[1]))
    for inner in blocks[:_MOST_BLOCKS]:
        inside = small[inner[1] : inner[3], inner[0] : inner[2]]
        found = _cells_within(small, inner, colours_around(inside), levels - 1)
        best = max(best, found or _moved(regular_cells(inside), *inner[:2]), key=len)
    return best


def _moved(boxes: list[Box], left: int, top: int) -> list[Box]:
    return [Box(left + each.left, top + each.top, left + each.right, top + each.bottom) for each in boxes]


def _parts(apart: NDArray[np.uint8], side: int) -> list[_Rectangle]:
    """The rectangles around what hangs together, cut further where lines of ground run right through."""
    opened = np.asarray(cv2.morphologyEx(apart, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    least = _SMALLEST_SHARE * side
    found: list[_Rectangle] = []
    large = stats[1:][(stats[1:, 2] >= least) & (stats[1:, 3] >= least)]
    for left, top, width, height, _ in large[:_MOST_PARTS].tolist():
        found += _divided(apart, (left, top, left + width, top + height), least)
    return found[:_MOST_PARTS]


def _divided(apart: NDArray[np.uint8], box: _Rectangle, least: float) -> list[_Rectangle]:
    left, top, right, bottom = box
    part = apart[top:bottom, left:right]
    rows = _stretches(part.mean(axis=1), least)
    columns = _stretches(part.mean(axis=0), least)
    return [(left + a, top + c, left + b, top + d) for c, d in rows for a, b in columns]


def _stretches(shares: NDArray[np.float64], least: float) -> list[tuple[int, int]]:
    """(from, to) between lines that show the ground, as far as they are long enough."""
    gutters = np.pad(shares <= 1 - _GUTTER_SHARE, 1, constant_values=True)
    changes = np.diff(gutters.astype(np.int8))
    starts, stops = np.flatnonzero(changes == -1).tolist(), np.flatnonzero(changes == 1).tolist()
    return [(start, stop) for start, stop in zip(starts, stops, strict=True) if stop - start >= least]


def _grid(parts: list[_Rectangle], apart: NDArray[np.uint8]) -> list[Box]:
    """The grid that most parts of one size stand in, with the places between them that show something."""
    height, width = apart.shape
    fit = [p for p in parts if p[2] - p[0] <= _LARGEST_SHARE * width and p[3] - p[1] <= 0.8 * height]
    alike = max((_alike(each, fit) for each in fit), key=len, default=[])
    if len(alike) < _FEWEST:
        return []
    wide = float(np.median([right - left for left, _, right, _ in alike]))
    tall = float(np.median([bottom - top for _, top, _, bottom in alike]))
    columns = _places([left for left, _, _, _ in alike], wide)
    rows = _places([top for _, top, _, _ in alike], tall)
    cells = [Box(x, y, min(x + wide, width), min(y + tall, height)) for y in rows for x in columns]
    shown = [b for b in cells if apart[int(b.top) : int(b.bottom), int(b.left) : int(b.right)].mean() > _MOST_APART]
    return shown if len(shown) >= _FEWEST else []


def _alike(one: _Rectangle, parts: list[_Rectangle]) -> list[_Rectangle]:
    """The parts of the size of this one that share a row or a column with another such part."""
    wide, tall = one[2] - one[0], one[3] - one[1]
    slack = 2 + _SAME_SIZE * max(wide, tall)
    same = [p for p in parts if abs(p[2] - p[0] - wide) <= slack and abs(p[3] - p[1] - tall) <= slack]
    return [p for p in same if any(q != p and (abs(q[0] - p[0]) <= slack or abs(q[1] - p[1]) <= slack) for q in same)]


def _places(starts: list[int], side: float) -> list[float]:
    """Where rows or columns start, those in between included that no part was found in."""
    groups: list[list[int]] = []
    for start in sorted(starts):
        if groups and start - groups[-1][0] <= 0.15 * side:
            groups[-1].append(start)
        else:
            groups.append([start])
    known = [float(np.median(group)) for group in groups]
    steps = [high - low for low, high in pairwise(known) if high - low >= side]
    if not steps or min(steps) > _FURTHEST * side:
        return known
    step = min(steps)
    places: list[float] = []
    for low, high in pairwise(known):
        count = max(1, round((high - low) / step))
        places += [low + (high - low) * k / count for k in range(count)]
    return [*places, known[-1]]
