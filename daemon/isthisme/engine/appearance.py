"""How the query's pixels differ from the photo's where one lies over the other: colours, things on top, sharpness."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.overlay import Frame
from isthisme.engine.relighting import relit_like

_LEAST_SHOWN = 200  # pixels
_EDGE = 9  # pixels of the frame's border, where the two are rarely aligned
_RIM_SHARE = 0.09  # of the frame: twice the width of a ring around an avatar, which belongs to the avatar
# A thing on top differs by more than noise and the photo's own contrast explain. Thin ones (letters of a watermark) are
# sought in the residual without its slow part, thick ones (stickers) by how much they differ. The share of such pixels:
# of 439 copies with nothing on top 95 % come to 0.0031 at most, of 80 with text, stickers or a tiled watermark 79 to
# more than 0.005 (measured 2026-11-22 on edits by other code).
_THIN_REACH = 13  # pixels
_THIN_TIMES = 5.0  # the explained difference
_THIN_LEAST = 5.0  # levels of 255 on top of that
_EVERY = 7  # pixels, for medians
_THICK_TIMES = 6.0
_THICK_LEAST = 28.0
_THICK_STEP = 30.0  # levels of 255, mean over the edge of a body
# The band that tells how sharp a copy is, by standard deviations of pixels: finer detail depends on the alignment.
_BAND = (0.8, 1.6)
_OTHERS_NEAR = 5  # pixels around things on top


@dataclass(frozen=True, slots=True)
class Appearance:
    """What changed in the look."""

    colour_shift: float  # mean difference of the channel that differs most, levels of 255
    tint: float  # the largest difference of a channel's mean, levels of 255: compression leaves it alone
    overlaid_share: float  # of the frame, where something lies on top, 0 to 1
    sharpness: float  # how much of the photo's detail the query shows, 1 when all of it


def look_at(frame: Frame) -> Appearance:
    """The change in look over the part that shows."""
    shown = _well_inside(frame)
    if shown.sum() < _LEAST_SHOWN:
        return Appearance(0.0, 0.0, 0.0, 1.0)
    relit = relit_like(frame.photo, frame.query, shown)
    bent = np.asarray(cv2.cvtColor(relit.picture, cv2.COLOR_RGB2GRAY), np.float32)
    query = np.asarray(cv2.cvtColor(frame.query, cv2.COLOR_RGB2GRAY), np.float32)
    on_top = (_thin(query - bent, bent, shown) | _thick(relit.picture, frame.query, bent, shown)) & shown
    left = shown & (cv2.dilate(on_top.astype(np.uint8), _square(_OTHERS_NEAR)) == 0)
    if left.sum() < _LEAST_SHOWN:
        left = shown
    return Appearance(relit.shift, relit.tint, float(on_top.sum() / shown.sum()), _sharpness(bent, query, left))


def differing(frame: Frame, where: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(H, W) by how many levels of 255 the query leaves the photo, its colours and light learnt `where`."""
    relit = relit_like(frame.photo, frame.query, where)
    return _largest_difference(relit.picture, frame.query)


def _well_inside(frame: Frame) -> NDArray[np.bool_]:
    """(H, W) what is shown, without the border of the frame and the rim of what stands on plain ground."""
    shown = cv2.erode(frame.is_shown.astype(np.uint8), _square(_EDGE), borderValue=0).astype(bool)
    ground = (frame.is_visible & ~frame.is_shown).astype(np.uint8)
    if ground.any():
        shown &= cv2.dilate(ground, _square(1 + round(_RIM_SHARE * max(ground.shape)))) == 0
    return np.asarray(shown, np.bool_)


def _square(side: int) -> NDArray[np.uint8]:
    return np.ones((side, side), np.uint8)


def _contrast(picture: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    return np.asarray(cv2.dilate(picture, _square(side)) - cv2.erode(picture, _square(side)), np.float32)


def _explained(
    apart: NDArray[np.float32], contrast: NDArray[np.float32], shown: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """(H, W) the difference that noise and, through blur and misalignment, the photo's own contrast explain."""
    apart_here, contrast_here = apart[shown][::_EVERY], contrast[shown][::_EVERY]
    low, high = np.quantile(contrast_here, (0.3, 0.6))
    noise = float(np.median(apart_here[contrast_here <= low]))
    is_busy = contrast_here >= high
    slope = (float(np.median(apart_here[is_busy])) - noise) / (float(np.median(contrast_here[is_busy])) + 1e-3)
    return np.asarray(noise + max(0.0, slope) * contrast, np.float32)


def _thin(residual: NDArray[np.float32], bent: NDArray[np.float32], shown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(H, W) lines and letters on top."""
    amount = shown.astype(np.float32)
    around = (_THIN_REACH, _THIN_REACH)
    slow = cv2.blur(residual * amount, around) / (cv2.blur(amount, around) + 1e-3)
    apart = np.abs(cv2.blur((residual - slow) * amount, (3, 3))).astype(np.float32)
    explained = _explained(apart, _contrast(bent, 5), shown)
    return _opened(apart > _THIN_TIMES * explained + _THIN_LEAST, 2)


def _thick(
    picture: NDArray[np.uint8], query: NDArray[np.uint8], bent: NDArray[np.float32], shown: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """(H, W) bodies on top; they begin with a step, where colours that were cut off or a lamp begin slowly."""
    apart = _largest_difference(picture, query)
    explained = _explained(apart, _contrast(bent, 3), shown)
    mask = _opened((apart > np.maximum(_THICK_LEAST, _THICK_TIMES * explained)) & shown, 5)
    count, bodies = cv2.connectedComponents(mask.astype(np.uint8))
    if count < 2:
        return mask
    is_edge = mask & ~cv2.erode(mask.astype(np.uint8), _square(3)).astype(bool) & shown
    labels = bodies[is_edge]
    steps = np.bincount(labels, _contrast(apart, 5)[is_edge], count) / np.maximum(1, np.bincount(labels, None, count))
    return np.asarray((steps > _THICK_STEP)[bodies] & mask, np.bool_)


def _largest_difference(picture: NDArray[np.uint8], query: NDArray[np.uint8]) -> NDArray[np.float32]:
    apart = cv2.blur(query.astype(np.int16) - picture.astype(np.int16), (3, 3))
    red, green, blue = cv2.split(np.abs(apart))
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.float32)


def _opened(mask: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    return cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, _square(side)).astype(bool)


def _sharpness(bent: NDArray[np.float32], query: NDArray[np.float32], where: NDArray[np.bool_]) -> float:
    """The slope of the query's detail on the photo's in one band: noise and the edges of blocks do not add to it."""
    photo_band, query_band = (_band(each)[where] for each in (bent, query))
    return float((photo_band * query_band).sum() / ((photo_band * photo_band).sum() + 1.0))


def _band(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    fine, coarse = (cv2.GaussianBlur(grey, (0, 0), sigma) for sigma in _BAND)
    return np.asarray(fine - coarse, np.float32)
