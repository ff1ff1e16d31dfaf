"""Pictures that hold too little to tell anything: blank, gradients, tiny."""

import cv2
import numpy as np

from isthisme.domain import Reason
from isthisme.engine.scaling import Sizes
from isthisme.engine.thresholds import LEAST_SIDE, PLAIN_DEVIATION, PLAIN_SHARE

TOO_PLAIN = "too_plain"
_LOOK_SIDE = 160  # pixels


def too_plain(picture: Sizes) -> Reason | None:
    """Why the picture cannot be told from others, or None when it can."""
    width, height = picture.size
    if min(height, width) < LEAST_SIDE:
        return Reason(TOO_PLAIN, f"The picture is only {width} x {height} pixels; too small to tell.")
    small = cv2.cvtColor(picture.fitted(_LOOK_SIDE), cv2.COLOR_RGB2GRAY).astype(np.float32)
    detail = np.abs(small - cv2.GaussianBlur(small, (0, 0), 4))
    if float(small.std()) < PLAIN_DEVIATION or float((detail > PLAIN_DEVIATION).mean()) < PLAIN_SHARE:
        return Reason(TOO_PLAIN, "The picture is nearly plain; it holds too little to tell whose it is.")
    return None
