"""Pictures that hold too little to tell anything: blank, gradients, tiny."""

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Reason
from isthisme.engine.scaling import scaled
from isthisme.engine.thresholds import LEAST_SIDE, PLAIN_DEVIATION, PLAIN_SHARE

TOO_PLAIN = "too_plain"


def too_plain(pixels: NDArray[np.uint8]) -> Reason | None:
    """Why the picture (H, W, 3) cannot be told from others, or None when it can."""
    height, width = pixels.shape[:2]
    if min(height, width) < LEAST_SIDE:
        return Reason(TOO_PLAIN, f"The picture is only {width} x {height} pixels; too small to tell.")
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    factor = min(1.0, 160 / max(height, width))
    small = scaled(np.asarray(grey, np.uint8), factor).astype(np.float32)
    detail = np.abs(small - cv2.GaussianBlur(small, (0, 0), 4))
    if float(small.std()) < PLAIN_DEVIATION or float((detail > PLAIN_DEVIATION).mean()) < PLAIN_SHARE:
        return Reason(TOO_PLAIN, "The picture is nearly plain; it holds too little to tell whose it is.")
    return None
