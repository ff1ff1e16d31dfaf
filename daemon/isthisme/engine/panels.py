"""Looking for pictures inside a picture: what stands on a plain background, and what straight edges enclose."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

_LOOK_SIDE = 256  # pixels; long side of the copy that is looked at
_COLOUR_STEP = 14  # levels of 255 that set something apart from the background
_EDGE_STEP = 10  # levels of 255 across a straight edge
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
        shared = Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )
        if shared.width <= 0 or shared.height <= 0:
            return 0.0
        return shared.area / (self.area + other.area - shared.area)


def find_panels(pixels: NDArray[np.uint8], limit: int) -> tuple[Box, ...]:
    """At most `limit` parts of the picture (H, W, 3) that look like pictures of their own, largest first."""
    height, width = pixels.shape[:2]
    scale = min(1.0, _LOOK_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    if min(size) < 16:
        return ()
    found = [*_on_background(small), *_between_edges(small)]
    whole = Box(0, 0, *size)
    kept: list[Box] = []
    for box in sorted(found, key=lambda each: -each.area):
        if box.overlap(whole) > 0.93 or any(box.overlap(other) > 0.85 for other in kept):
            continue
        kept.append(box)
    across, down = width / size[0], height / size[1]
    return tuple(Box(b.left * across, b.top * down, b.right * across, b.bottom * down) for b in kept[:limit])


def _on_background(small: NDArray[np.uint8]) -> list[Box]:
    """What stands apart from each plain colour that fills much of the border or of the picture."""
    boxes: list[Box] = []
    for colour in _background_colours(small):
        apart = (np.abs(small.astype(np.int16) - colour).max(axis=2) > _COLOUR_STEP).astype(np.uint8)
        for reach in (3, 7):
            closed = cv2.morphologyEx(apart, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
            opened = np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((reach, reach), np.uint8)), np.uint8)
            boxes.extend(_component_boxes(opened))
    return boxes


def _background_colours(small: NDArray[np.uint8]) -> list[NDArray[np.int16]]:
    ring = np.concatenate(
        [small[:2].reshape(-1, 3), small[-2:].reshape(-1, 3), small[:, :2].reshape(-1, 3), small[:, -2:].reshape(-1, 3)]
    )
    colours: list[NDArray[np.int16]] = []
    for pixels, needed in ((ring, 0.35), (small.reshape(-1, 3), 0.08)):
        coarse = (pixels >> 4).astype(np.int32)
        keys = coarse[:, 0] * 256 + coarse[:, 1] * 16 + coarse[:, 2]
        counts = np.bincount(keys, minlength=4096)
        for key in np.argsort(counts)[::-1][:2]:
            if counts[key] < needed * len(keys):
                continue
            colour = np.median(pixels[keys == key], axis=0).astype(np.int16)
            if all(np.abs(colour - other).max() > _COLOUR_STEP for other in colours):
                colours.append(colour)
    return colours[:3]


def _component_boxes(mask: NDArray[np.uint8]) -> list[Box]:
    least = _SMALLEST_SHARE * max(mask.shape)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    boxes = []
    for left, top, width, height, area in stats[1:]:
        if width >= least and height >= least and area >= 0.4 * width * height:
            boxes.append(Box(float(left), float(top), float(left + width), float(top + height)))
    return boxes


def _between_edges(small: NDArray[np.uint8]) -> list[Box]:
    """Rectangles between straight upright edges, the picture's own sides among them."""
    height, width = small.shape[:2]
    image = small.astype(np.int16)
    uprights = _edges(np.abs(np.diff(image, axis=1)).max(axis=2))
    levels = _edges(np.abs(np.diff(image, axis=0)).max(axis=2).T)
    uprights = [(0, 0, height), *uprights, (width, 0, height)]
    levels = [(0, 0, width), *levels, (height, 0, width)]
    least = _SMALLEST_SHARE * max(width, height)
    slack = 0.03 * max(width, height)
    scored: list[tuple[float, Box]] = []
    for i, (left, left_from, left_to) in enumerate(uprights):
        for right, right_from, right_to in uprights[i + 1 :]:
            if right - left < least:
                continue
            shared_from, shared_to = max(left_from, right_from), min(left_to, right_to)
            if shared_to - shared_from < least:
                continue
            crossing = [
                y
                for y, x_from, x_to in levels
                if x_from <= left + slack and x_to >= right - slack and shared_from - slack <= y <= shared_to + slack
            ]
            for top, bottom in pairwise(crossing):
                if bottom - top >= least:
                    box = Box(float(left), float(top), float(right), float(bottom))
                    scored.append((box.area, box))
    scored.sort(key=lambda each: -each[0])
    return [box for _, box in scored[:24]]


def _edges(steps: NDArray[np.int16]) -> list[tuple[int, int, int]]:
    """(position, from, to) of straight upright edges in steps (rows, columns - 1): long runs down one column."""
    rows = steps.shape[0]
    strong = (steps > _EDGE_STEP).astype(np.uint8)
    wide = strong.copy()
    wide[:, :-1] |= strong[:, 1:]  # an edge may fall between two columns
    gap = max(3, rows // 24) | 1
    length = max(12, int(rows * 0.16))
    joined = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((gap, 1), np.uint8))
    runs = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    support = cv2.boxFilter(wide.astype(np.float32), -1, (1, length))
    runs[support < 0.6] = 0
    _, _, stats, centres = cv2.connectedComponentsWithStats(runs, connectivity=8)
    found = [
        (round(float(centre[0])) + 1, int(top), int(top + tall))
        for (_, top, across, tall, _), centre in zip(stats[1:], centres[1:], strict=True)
        if tall >= length and across <= 5
    ]
    found.sort(key=lambda each: -(each[2] - each[1]))
    return sorted(found[:14])
