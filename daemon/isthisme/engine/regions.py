"""The parts of a query image worth describing: the whole in four turns, what looks like a panel, and a fixed grid."""

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon, Region
from isthisme.engine.cards import find_cards
from isthisme.engine.cells import find_cells
from isthisme.engine.panels import Box, find_panels
from isthisme.engine.scaling import Sizes, reduced

PANEL = "panel"
CARD = "card"
MAX_REGIONS = 20  # of a passing look; each costs one run of the small model
MAX_REGIONS_DEEP = 48
_GRID = 2  # parts of the grid in a passing look: of 550 hard copies the others proposed two that nothing else did
_CORE = 0.42  # of the shorter side; a print on a table is photographed in the middle, and fills a part of it
_MOST_CELLS = 12
_PANELS_BESIDE_CELLS = 3
_SAME = 0.8  # overlap from which a panel is a cell
_WORK_SIDE = 640  # pixels; big regions are cut from a copy of this size


def propose_regions(picture: Sizes, *, deep: bool) -> tuple[Region, ...]:
    """Regions of the picture, the most telling first."""
    width, height = picture.size
    limit = MAX_REGIONS_DEEP if deep else MAX_REGIONS
    whole = Box(0.0, 0.0, float(width), float(height))
    regions = [Region("whole", _corners(whole))]
    regions += [Region(f"whole turned {90 * turn}", _corners(whole, turn)) for turn in (1, 2, 3)]
    cells = find_cells(picture, 24 if deep else _MOST_CELLS)
    regions += [Region(PANEL, _corners(cell)) for cell in cells]
    panels = [
        panel
        for panel in find_panels(picture, 24 if deep else 10)
        if all(panel.overlap(cell) < _SAME for cell in cells)
    ]
    if cells and not deep:
        panels = panels[:_PANELS_BESIDE_CELLS]
    regions += [Region(CARD, card) for card in find_cards(picture, 4 if deep else 2)]
    regions += [Region(PANEL, _corners(panel)) for panel in panels]
    if deep:
        regions += [Region(f"panel turned {90 * turn}", _corners(p)) for p in panels[:4] for turn in (1, 3)]
    taken = [whole, *cells, *panels]
    for name, box in _grid(width, height)[: None if deep else 1 if cells else _GRID]:
        if all(box.overlap(other) < 0.8 for other in taken):
            regions.append(Region(name, _corners(box)))
            taken.append(box)
    return tuple(regions[:limit])


def cut(picture: Sizes, regions: tuple[Region, ...], side: int) -> list[NDArray[np.uint8]]:
    """Each region as (side, side, 3), turned upright as its corners say."""
    small = picture.fitted(_WORK_SIDE)
    ratio = small.shape[1] / picture.size[0]
    upright: dict[Box, NDArray[np.uint8]] = {}  # the whole is asked for in four turns, and scaled once
    squares = []
    for region in regions:
        box = box_of(region)
        if region.name == CARD:
            squares.append(_flattened(small, region.corners, ratio, side))
            continue
        if box not in upright:
            upright[box] = _scaled(picture.pixels, small, box, side)
        squares.append(np.ascontiguousarray(np.rot90(upright[box], _turn_of(region.corners))))
    return squares


def box_of(region: Region) -> Box:
    """The upright rectangle around a region."""
    across, down = zip(*region.corners, strict=True)
    return Box(min(across), min(down), max(across), max(down))


def _scaled(pixels: NDArray[np.uint8], small: NDArray[np.uint8], box: Box, side: int) -> NDArray[np.uint8]:
    """What the box holds as (side, side, 3)."""
    ratio = small.shape[1] / pixels.shape[1]
    source, factor = (small, ratio) if min(box.width, box.height) * ratio >= side else (pixels, 1.0)
    top, bottom = int(box.top * factor), max(int(box.top * factor) + 1, round(box.bottom * factor))
    left, right = int(box.left * factor), max(int(box.left * factor) + 1, round(box.right * factor))
    part = source[top:bottom, left:right]
    less = reduced(part, (min(part.shape[1], side), min(part.shape[0], side)))
    return np.asarray(cv2.resize(less, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)


def _flattened(small: NDArray[np.uint8], corners: Polygon, ratio: float, side: int) -> NDArray[np.uint8]:
    source = np.asarray(corners, np.float32) * np.float32(ratio)
    target = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    return np.asarray(cv2.warpPerspective(small, matrix, (side, side), flags=cv2.INTER_LINEAR), np.uint8)


def _corners(box: Box, turn: int = 0) -> Polygon:
    """Corners clockwise from what is the top left after turning the region `turn` quarters anticlockwise."""
    corners = ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))
    return corners[turn:] + corners[:turn]


def _turn_of(corners: Polygon) -> int:
    """How many quarters anticlockwise make the first corner the top left."""
    (x0, y0), (x1, y1) = corners[0], corners[1]
    if abs(x1 - x0) >= abs(y1 - y0):
        return 0 if x1 >= x0 else 2
    return 1 if y1 > y0 else 3


def _grid(width: int, height: int) -> list[tuple[str, Box]]:
    """Parts by position: centre, core, quadrants, halves, ninths; shares of the sides."""
    across, down = (_CORE * min(width, height) / (2 * side) for side in (width, height))
    shares = [
        ("centre", 0.15, 0.15, 0.85, 0.85),
        ("core", 0.5 - across, 0.5 - down, 0.5 + across, 0.5 + down),
        ("top left", 0.0, 0.0, 0.6, 0.6),
        ("top right", 0.4, 0.0, 1.0, 0.6),
        ("bottom left", 0.0, 0.4, 0.6, 1.0),
        ("bottom right", 0.4, 0.4, 1.0, 1.0),
        ("left half", 0.0, 0.0, 0.5, 1.0),
        ("right half", 0.5, 0.0, 1.0, 1.0),
        ("top half", 0.0, 0.0, 1.0, 0.5),
        ("bottom half", 0.0, 0.5, 1.0, 1.0),
    ]
    thirds = [(f"ninth {3 * j + i + 1}", i / 3, j / 3, (i + 1) / 3, (j + 1) / 3) for j in range(3) for i in range(3)]
    return [
        (name, Box(left * width, top * height, right * width, bottom * height))
        for name, left, top, right, bottom in [*shares, *thirds]
    ]
