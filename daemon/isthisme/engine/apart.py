"""Where photo and query are apart, in the same colours and light, by more than what is around explains."""

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.channels import largest_channel
from isthisme.engine.overlay import Frame
from isthisme.engine.relighting import relit_like

type Colours = NDArray[np.float32]  # (H, W, 3), 0 to 255

_AGREES = 0.5  # mean correlation of a place that tells how the colours changed
_STANDS_OUT = 24.0  # levels of 255 beyond what neighbours could show
_STANDS_OUT_OF_NOISE = 4.0  # times the median of that


def relit(frame: Frame, grid: NDArray[np.float32]) -> Colours:
    """The photo as the query shows it, learnt where they agree (`grid`: mean correlation by place)."""
    return relit_like(frame.photo, frame.query, _telling(grid, frame.is_shown)).picture.astype(np.float32)


def beyond(one: Colours, other: Colours) -> NDArray[np.float32]:
    """(H, W) by how much `other` leaves what the neighbouring pixels of `one` span, levels of 255."""
    kernel = np.ones((5, 5), np.uint8)
    smooth = cv2.blur(other, (3, 3))
    return _largest(np.maximum(smooth - cv2.dilate(one, kernel), cv2.erode(one, kernel) - smooth))


def standing_out(by: NDArray[np.float32], shown: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """(H, W) 1 where `by` is more than noise, gaps closed."""
    among = by * shown
    least = max(_STANDS_OUT, _STANDS_OUT_OF_NOISE * float(np.median(among[shown])))
    return np.asarray(
        cv2.morphologyEx((among > least).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), np.uint8
    )


def steps_of(picture: Colours) -> NDArray[np.float32]:
    """(H, W) the range of the nine pixels around each, in the channel where it is widest."""
    kernel = np.ones((3, 3), np.uint8)
    return _largest(cv2.dilate(picture, kernel) - cv2.erode(picture, kernel))


def _telling(grid: NDArray[np.float32], shown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(H, W) the places that agree, for the colours; all that is shown where these are few."""
    agrees = np.nan_to_num(grid, nan=0.0) > _AGREES
    size = shown.shape[1], shown.shape[0]
    places = cv2.resize(agrees.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(bool) & shown
    return places if places.sum() > 0.1 * shown.sum() else shown


def _largest(channels: cv2.typing.MatLike) -> NDArray[np.float32]:
    return np.asarray(np.maximum(largest_channel(channels), 0), np.float32)
