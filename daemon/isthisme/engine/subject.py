"""The part of a photo that holds all there is to compare: a ring on a white ground, a bird in the sky."""

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE = 224  # pixels; structure is looked for at this size
_WINDOW = (7, 7)  # pixels, for contrast
_LEAST_CONTRAST = 6.0  # levels of 255; a soft shadow has less
_ABOVE_NOISE = 3.0  # times the median contrast, where that is more
_SPECK = np.ones((3, 3), np.uint8)
_LEFT_OUT = 0.004  # of the structure, at each side
_AROUND = 0.12  # of the subject's longer side, kept around it
_MOST = 0.5  # of the photo; a larger subject is compared well enough with the rest
_LEAST_SIDE = 32  # pixels of the preview

type Box = tuple[int, int, int, int]  # left, top, right, bottom, pixels


def small_subject(grey: NDArray[np.uint8]) -> Box | None:
    """Where a photo's structure is, with a little of what is around; None when that is most of it, or nothing."""
    height, width = grey.shape
    factor = min(1.0, _SIDE / max(height, width))
    small = cv2.resize(
        grey, (max(8, round(width * factor)), max(8, round(height * factor))), interpolation=cv2.INTER_AREA
    )
    values = small.astype(np.float32)
    mean = cv2.blur(values, _WINDOW)
    contrast = np.sqrt(np.maximum(cv2.blur(values * values, _WINDOW) - mean * mean, 0))
    is_structured = contrast > max(_LEAST_CONTRAST, _ABOVE_NOISE * float(np.median(contrast)))
    kept = cv2.morphologyEx(is_structured.astype(np.uint8), cv2.MORPH_OPEN, _SPECK)
    spans = []
    for axis, length in ((0, width), (1, height)):
        along = np.cumsum(kept.sum(axis=axis, dtype=np.float64))
        if along[-1] == 0:
            return None
        first, last = np.searchsorted(along / along[-1], (_LEFT_OUT, 1 - _LEFT_OUT))
        spans.append((first / len(along) * length, (last + 1) / len(along) * length))
    (left, right), (top, bottom) = spans
    around = _AROUND * max(right - left, bottom - top)
    box = (
        max(0, int(left - around)),
        max(0, int(top - around)),
        min(width, int(np.ceil(right + around))),
        min(height, int(np.ceil(bottom + around))),
    )
    is_small = (box[2] - box[0]) * (box[3] - box[1]) < _MOST * width * height
    return box if is_small and min(box[2] - box[0], box[3] - box[1]) >= _LEAST_SIDE else None
