"""Whether the parts of a picture are recognised where the alignment puts them, keypoints or none.

Keypoints are found by corners, which noise drowns and blur washes out. Here each part of the query with structure is
described as keypoints are and looked for in all of the photo. In a copy most parts are most like their own place; two
round things on plain ground have edges alike, and little more.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.comparison import has_structure
from isthisme.engine.overlay import Frame

_STEP = 8  # pixels of the frame, from place to place
_SIZE = 5.0  # of a keypoint, as OpenCV counts: its descriptor sees about six times as far
_SOFT = 1.0  # pixels
_EDGE = 12  # pixels, from which a descriptor sees nothing but the frame
_FEWEST = 100  # places; fewer prove nothing


def recognised(frame: Frame) -> float:
    """The share of the query's places with structure that are most like their own place in the photo, 0 to 1.

    0 where there are too few of them. A place's neighbours count as the place itself.
    """
    height, width = frame.photo.shape[:2]
    rows, columns = np.mgrid[_EDGE : height - _EDGE + 1 : _STEP, _EDGE : width - _EDGE + 1 : _STEP]
    chosen = has_structure(frame)[rows, columns].ravel() if rows.size else np.zeros(0, bool)
    if chosen.sum() < _FEWEST:
        return 0.0
    places = np.column_stack([columns.ravel(), rows.ravel()])
    own, seen = (_described(picture, places) for picture in (frame.photo, frame.query))
    nearest = (seen[chosen] @ own.T).argmax(axis=1)
    apart = np.abs(places[nearest] - places[chosen]).max(axis=1)
    return float((apart <= _STEP).mean())


def _described(picture: NDArray[np.uint8], places: NDArray[np.intp]) -> NDArray[np.float32]:
    """(N, 128) RootSIFT of the places (N, 2), upright and of one size."""
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), _SOFT)
    keypoints = [cv2.KeyPoint(float(x), float(y), _SIZE, 0.0) for x, y in places.tolist()]
    _, raw = cv2.SIFT.create().compute(grey, keypoints)
    sums = np.maximum(raw.sum(axis=1, keepdims=True), 1e-6)
    return np.asarray(np.sqrt(raw / sums), np.float32)
