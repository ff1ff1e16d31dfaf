"""The plain ground that a query image stands on: the corners of a round avatar, padding, a page."""

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.scaling import averaged

_LOOK_SIDE = 256  # pixels
_CLOSE = 10  # levels of 255 from the ground's colour
_LEAST_SHARE = 0.02  # of the picture; less is no ground


def plain_ground(pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """(H, W) 255 where the ground shows: one colour reaching in from at least two corners. None when there is none."""
    height, width = pixels.shape[:2]
    factor = min(1.0, _LOOK_SIDE / max(height, width))
    size = max(3, round(width * factor)), max(3, round(height * factor))
    small = averaged(pixels, size)
    corners = np.array([small[1, 1], small[1, -2], small[-2, 1], small[-2, -2]], np.int16)
    colour = np.median(corners, axis=0)
    alike = [number for number, corner in enumerate(corners) if np.abs(corner - colour).max() <= _CLOSE]
    if len(alike) < 2:
        return None
    near = cv2.inRange(small, np.clip(colour - _CLOSE, 0, 255), np.clip(colour + _CLOSE, 0, 255))
    _, labels = cv2.connectedComponents(np.asarray(near), connectivity=4)
    places = ((1, 1), (1, size[0] - 2), (size[1] - 2, 1), (size[1] - 2, size[0] - 2))
    reached = np.isin(labels, [labels[places[number]] for number in alike if labels[places[number]]])
    if reached.mean() < _LEAST_SHARE:
        return None
    mask = cv2.dilate((reached * 255).astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
