"""Pictures made smaller or larger, never to nothing."""

import cv2
import numpy as np
from numpy.typing import NDArray


def scaled(image: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """`image` (H, W) or (H, W, 3) at `factor` times its size, at least one pixel each way."""
    if factor == 1:
        return image
    size = max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)
