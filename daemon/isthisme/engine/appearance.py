"""How the query's pixels differ from the photo's where one lies over the other: colours, things on top, sharpness."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.overlay import Frame

type Colours = NDArray[np.float32]  # (H, W, 3), 0 to 255

_SOFT = 3.0  # pixels; colours are compared without detail
_LIGHT_REACH = 0.12  # share of the frame: slower changes of light are no overlay
_STANDS_OUT = 22.0  # levels beyond what neighbours of the photo could show


@dataclass(frozen=True, slots=True)
class Appearance:
    """What changed in the look."""

    colour_shift: float  # mean difference of the channel that differs most, levels of 255
    overlaid_share: float  # of the frame, where something lies on top, 0 to 1
    sharpness: float  # detail of the query against the photo's, 1 when equal


def look_at(frame: Frame) -> Appearance:
    """The change in look over the part that shows."""
    photo, query = frame.photo.astype(np.float32), frame.query.astype(np.float32)
    shown = cv2.erode(frame.is_shown.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=0).astype(bool)
    if shown.sum() < 64:
        return Appearance(0.0, 0.0, 1.0)
    soft_photo, soft_query = (np.asarray(cv2.GaussianBlur(each, (0, 0), _SOFT), np.float32) for each in (photo, query))
    fitted = recoloured_like(photo, query, shown)
    beyond = _beyond(fitted, query, shown)
    on_top = cv2.morphologyEx((beyond > _STANDS_OUT).astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    untouched = shown & (cv2.dilate(on_top, np.ones((7, 7), np.uint8)) == 0)
    if untouched.sum() < 0.2 * shown.sum():
        untouched = shown
    return Appearance(
        float(np.abs(soft_photo - soft_query).max(axis=2)[untouched].mean()),
        float(on_top[shown].mean()),
        _detail(query, untouched) / max(1e-3, _detail(fitted, untouched)),
    )


def recoloured_like(photo: Colours, query: Colours, where: NDArray[np.bool_]) -> Colours:
    """The photo with its colours bent to the query's: a quadratic of all channels, fitted twice without outliers."""
    soft_photo, soft_query = (np.asarray(cv2.GaussianBlur(each, (0, 0), _SOFT), np.float32) for each in (photo, query))
    source, target = _terms(soft_photo[where]), soft_query[where]
    kept = np.ones(len(target), bool)
    weights = np.zeros((source.shape[1], 3))
    for _ in range(2):
        weights = np.linalg.lstsq(source[kept], target[kept], rcond=None)[0]
        apart = np.abs(source @ weights - target).max(axis=1)
        kept = apart <= max(12.0, float(np.median(apart)) * 2.5)
        if kept.sum() < 32:
            break
    fitted = _terms(photo.reshape(-1, 3)) @ weights
    return np.asarray(np.clip(fitted, 0, 255).reshape(photo.shape), np.float32)


def _terms(colours: NDArray[np.float32]) -> NDArray[np.float64]:
    values = colours.astype(np.float64) / 255
    return np.column_stack([np.ones(len(values)), values, values**2])


def _beyond(fitted: Colours, query: Colours, shown: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(H, W) by how much the query leaves what the photo's nearest pixels span, beyond slow changes of light."""
    kernel = np.ones((3, 3), np.uint8)
    smooth = cv2.blur(query, (3, 3))
    high, low = cv2.dilate(fitted, kernel), cv2.erode(fitted, kernel)
    signed = np.where(smooth > high, smooth - high, np.where(smooth < low, smooth - low, 0.0)).astype(np.float32)
    amount = shown.astype(np.float32)[..., None]
    reach = _LIGHT_REACH * max(shown.shape)
    slow = cv2.GaussianBlur(signed * amount, (0, 0), reach)
    slow = slow / (cv2.GaussianBlur(amount, (0, 0), reach)[..., None] + 1e-3)
    return np.asarray(np.abs(signed - slow).max(axis=2) * shown, np.float32)


def _detail(picture: Colours, where: NDArray[np.bool_]) -> float:
    """Strength of the finest structure against all structure."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    fine = grey - cv2.GaussianBlur(grey, (0, 0), 1.2)
    return float(fine[where].std() / (grey[where].std() + 1.0))
