"""What dense optical flow tells of two aligned pictures: how to align them better, and whether parts have moved.

In a copy everything stays where one map puts it, whatever was done to the colours; between two photos of one moment
something has moved, and fits better elsewhere.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.geometry import Matrix
from isthisme.engine.overlay import Frame

_CONTRAST_REACH = 8.0  # pixels; standard deviation of the neighbourhood that contrast is measured in
_LEAST_CONTRAST = 10.0  # levels of 255; below it nothing can be seen to move
_CONSISTENT = 1.0  # pixels; forward and backward flow must lead back as near as this
_WINDOW = (13, 13)  # pixels, for correlation
_FITS = 0.7  # correlation from which a part is found again
_FITS_BETTER = 0.15  # gain in correlation by moving that cannot be chance
_FITS_ONLY_THERE = 0.4  # and one that noise, blur and watermarks do not reach over a piece
_PIECE = np.ones((5, 5), np.uint8)  # pixels that hang together
_LEAST_MOVE = 0.008  # of the frame's longer side
_LEAST_AREA = 200  # pixels that can be judged
_EVERY = 3  # pixels, between the points that the map is fitted to
_ON_MAP = 1.0  # pixels from where the map puts a point


@dataclass(frozen=True, slots=True)
class Flow:
    """Where the photo's pixels are found in the query, both in pixels of the frame."""

    there: NDArray[np.float32]  # (H, W, 2) x, y
    is_followed: NDArray[np.bool_]  # (H, W) found again for certain
    gain: NDArray[np.float32]  # (H, W) by how much the correlation is higher there than where it was
    map: Matrix  # the projective map that most of it follows


@dataclass(frozen=True, slots=True)
class Movement:
    """Shares of what was followed, 0 to 1."""

    share: float  # that fits better elsewhere
    pieces: float  # in pieces of some size that fit elsewhere and not where they should be


def follow(frame: Frame) -> Flow | None:
    """The flow from the photo to the query, or None where too little can be followed.

    Dense inverse search (Kroeger et al., ECCV 2016) on locally normalised brightness, both ways.
    """
    photo, photo_contrast = _normalised(frame.photo)
    query, _ = _normalised(frame.query)
    height, width = photo.shape
    if min(height, width) < 32:
        return None
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    search.setFinestScale(0)
    # The stubs do not know that a first guess may be left out.
    there = np.asarray(search.calc(photo, query, None), np.float32)  # type: ignore[call-overload]
    back = np.asarray(search.calc(query, photo, None), np.float32)  # type: ignore[call-overload]
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    at = columns + there[..., 0], rows + there[..., 1]
    returned = cv2.remap(back, *at, cv2.INTER_LINEAR, borderValue=(99.0, 99.0))
    moved_query = np.asarray(cv2.remap(query, *at, cv2.INTER_LINEAR), np.uint8)
    is_consistent = np.hypot(*np.moveaxis(there + returned, 2, 0)) < _CONSISTENT
    staying, moving = _correlation(photo, query), _correlation(photo, moved_query)
    followed = is_consistent & (photo_contrast > _LEAST_CONTRAST) & frame.is_shown & (moving > _FITS)
    if followed.sum() < _LEAST_AREA:
        return None
    fitted = _fitted(np.dstack([columns, rows]), there, followed)
    return None if fitted is None else Flow(there, followed, moving - staying, fitted)


def straightened(frame: Frame, matrix: Matrix, flow: Flow) -> Matrix:
    """The map from photo to query pixels that puts the parts where the flow found most of them."""
    return np.asarray(matrix @ frame.to_photo @ flow.map @ np.linalg.inv(frame.to_photo))


def movement(flow: Flow) -> Movement:
    """What fits clearly better off the map that most of the flow follows."""
    height, width = flow.is_followed.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    points = np.dstack([columns, rows])
    mapped = cv2.perspectiveTransform(points.reshape(-1, 1, 2), flow.map).reshape(points.shape)
    far = np.hypot(*np.moveaxis(points + flow.there - mapped, 2, 0)) > max(_ON_MAP, _LEAST_MOVE * max(height, width))
    moved = flow.is_followed & far
    sure = cv2.morphologyEx((moved & (flow.gain > _FITS_ONLY_THERE)).astype(np.uint8), cv2.MORPH_OPEN, _PIECE)
    followed = float(flow.is_followed.sum())
    return Movement(float((moved & (flow.gain > _FITS_BETTER)).sum()) / followed, float(sure.sum()) / followed)


def _fitted(points: NDArray[np.float32], there: NDArray[np.float32], followed: NDArray[np.bool_]) -> Matrix | None:
    chosen = np.zeros_like(followed)
    chosen[::_EVERY, ::_EVERY] = followed[::_EVERY, ::_EVERY]
    if chosen.sum() < 12:
        return None
    cv2.setRNGSeed(1)
    fitted, _ = cv2.findHomography(points[chosen], (points + there)[chosen], cv2.RANSAC, _ON_MAP, maxIters=300)
    return None if fitted is None else np.asarray(fitted, np.float64)


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
