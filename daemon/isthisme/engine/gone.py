"""What the photo shows and the query does not, though nothing was laid over it: somebody walked on, an arm went down.

What is laid over a picture brings an outline of its own, and crosses those of the picture wherever it happens to lie.
Where something moved away or changed, the outline of what differs is the photo's at least as much as the query's.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.apart import beyond, relit, standing_out, steps_of
from isthisme.engine.laid_over import is_drawn, textured
from isthisme.engine.overlay import Frame
from isthisme.engine.thresholds import GONE_AREA, GONE_OUTLINES

_LEAST_SHOWN = 64  # pixels
_REACH = np.ones((3, 3), np.uint8)  # pixels that an outline may be off by
_RIM = np.ones((5, 5), np.uint8)
_MOST_AT_RIM = 0.1  # of its outline; beside the copy the query may go on with something else


def gone(frame: Frame, grid: NDArray[np.float32]) -> float:
    """The share of what shows, 0 to 1, in places whose outline the photo has and the query has lost.

    `grid`: mean correlation by place, nan where there is no structure (`Agreement.grid`).
    """
    shown = frame.is_shown
    amount = int(shown.sum())
    if amount < _LEAST_SHOWN:
        return 0.0
    photo, query = relit(frame, grid), frame.query.astype(np.float32)
    apart = standing_out(np.maximum(beyond(photo, query), beyond(query, photo)), shown)
    near, own_near = (np.asarray(cv2.dilate(steps_of(each), _REACH), np.float32) for each in (query, photo))
    is_textured = textured(steps_of(query))
    agreement = cv2.resize(np.nan_to_num(grid, nan=1.0), (shown.shape[1], shown.shape[0]))
    at_rim = cv2.erode(shown.astype(np.uint8), _REACH, borderValue=0) == 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(apart)
    lost = 0
    for number in range(1, count):
        area = int(stats[number, cv2.CC_STAT_AREA])
        place = labels == number
        if area < GONE_AREA * amount:
            continue
        thing = place.astype(np.uint8)
        outline = (cv2.dilate(thing, _RIM) > cv2.erode(thing, _REACH)) & shown
        if (place & at_rim).sum() > _MOST_AT_RIM * outline.sum():
            continue
        ratio = float(own_near[outline].mean()) / max(1.0, float(near[outline].mean()))
        correlation = float(agreement[place].mean())
        is_gone = any(correlation < most and ratio >= least for most, least in GONE_OUTLINES)
        if is_gone and not is_drawn(thing, frame.query, near, is_textured):
            lost += area
    return lost / amount
