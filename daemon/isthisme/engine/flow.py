"""Whether parts of one picture have moved in the other: dense optical flow between two aligned pictures.

In a copy everything stays where the map puts it, whatever was done to the colours; between two photos of one moment
something has moved, and fits better elsewhere.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.overlay import Frame

_CONTRAST_REACH = 8.0  # pixels; standard deviation of the neighbourhood that contrast is measured in
_LEAST_CONTRAST = 10.0  # levels of 255; below it nothing can be seen to move
_CONSISTENT = 1.0  # pixels; forward and backward flow must lead back as near as this
_WINDOW = (13, 13)  # pixels, for correlation
_FITS = 0.7  # correlation from which a part is found again
_FITS_BETTER = 0.15  # gain in correlation by moving that cannot be chance
_LEAST_MOVE = 0.008  # of the frame's longer side
_LEAST_AREA = 200  # pixels that can be judged


def moved_share(frame: Frame) -> float | None:
    """The share of what can be followed, 0 to 1, that fits clearly better elsewhere; None where too little can be.

    Dense inverse search (Kroeger et al., ECCV 2016) on locally normalised brightness, both ways.
    """
    photo, photo_contrast = _normalised(frame.photo)
    query, _ = _normalised(frame.query)
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    search.setFinestScale(0)
    # The stubs do not know that a first guess may be left out.
    there = np.asarray(search.calc(photo, query, None), np.float32)  # type: ignore[call-overload]
    back = np.asarray(search.calc(query, photo, None), np.float32)  # type: ignore[call-overload]
    height, width = photo.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    at = columns + there[..., 0], rows + there[..., 1]
    returned = cv2.remap(back, *at, cv2.INTER_LINEAR, borderValue=(99.0, 99.0))
    moved_query = np.asarray(cv2.remap(query, *at, cv2.INTER_LINEAR), np.uint8)
    is_consistent = np.hypot(*np.moveaxis(there + returned, 2, 0)) < _CONSISTENT
    staying, moving = _correlation(photo, query), _correlation(photo, moved_query)
    followed = is_consistent & (photo_contrast > _LEAST_CONTRAST) & frame.is_shown & (moving > _FITS)
    if followed.sum() < _LEAST_AREA:
        return None
    # The map itself may be a little off: what counts is movement against the rest.
    steps = there - np.median(there[followed], axis=0)
    far = np.hypot(*np.moveaxis(steps, 2, 0)) > _LEAST_MOVE * max(height, width)
    return float((followed & far & (moving - staying > _FITS_BETTER)).sum() / followed.sum())


def _normalised(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """(H, W) brightness with contrast made equal everywhere, slightly smoothed; and the contrast that it had."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    mean = cv2.GaussianBlur(grey, (0, 0), _CONTRAST_REACH)
    contrast = np.sqrt(cv2.GaussianBlur((grey - mean) ** 2, (0, 0), _CONTRAST_REACH)) + 6
    even = np.clip((grey - mean) / contrast * 40 + 128, 0, 255).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(even, (0, 0), 1), np.uint8), np.asarray(contrast, np.float32)


def _correlation(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W) normalised correlation in the window around each pixel, -1 to 1."""
    first, second = one.astype(np.float32), other.astype(np.float32)
    first_mean, second_mean = cv2.blur(first, _WINDOW), cv2.blur(second, _WINDOW)
    together = cv2.blur(first * second, _WINDOW) - first_mean * second_mean
    apart = (cv2.blur(first * first, _WINDOW) - first_mean**2 + 20) * (
        cv2.blur(second * second, _WINDOW) - second_mean**2 + 20
    )
    return np.asarray(together / np.sqrt(np.maximum(apart, 1.0)), np.float32)
