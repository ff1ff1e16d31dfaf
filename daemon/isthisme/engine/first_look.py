"""A first look at a candidate that does not stand out far: whether verifying it is worth the time."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon, Region
from isthisme.engine.geometry import Matrix, from_correspondences, is_sane, rectangle
from isthisme.engine.keypoints import correspond, keypoints_of_size, mirrored
from isthisme.engine.query_view import MOST_ROUGH, ROUGH_SIDE, QueryView, glance
from isthisme.engine.refinement import onto, placed
from isthisme.engine.regions import CARD, PANEL
from isthisme.engine.scaling import Layers
from isthisme.engine.thresholds import FIRST_LOOK_GAIN, FIRST_LOOK_VOTES

_MOST_PLACES = 3  # found by correlation


def is_worth_verifying(view: QueryView, region: Region | None, photo: Layers, grey: NDArray[np.uint8]) -> bool:
    """Whether the photo, laid on the region or on a few corresponding keypoints, agrees with it at all."""
    corners = region.corners if region else rectangle(*view.size)
    clip = corners if region and region.name in (PANEL, CARD) else None
    if agrees_there(view, corners, clip, photo, grey):
        return True
    size = grey.shape[1], grey.shape[0]
    own, seen = keypoints_of_size(grey, ROUGH_SIDE, MOST_ROUGH), view.rough_keypoints(corners)
    for keypoints, is_mirrored in ((own, False), (mirrored(own, size[0]), True)):
        pairs = correspond(keypoints, seen)
        alignment = from_correspondences(keypoints, seen, pairs, size, is_mirrored=is_mirrored)
        if alignment and (
            alignment.votes >= FIRST_LOOK_VOTES
            or any(glance(view, photo, alignment.matrix, each) >= FIRST_LOOK_GAIN for each in {None, clip})
        ):
            return True
    return False


def agrees_there(
    view: QueryView, corners: Polygon, clip: Polygon | None, photo: Layers, grey: NDArray[np.uint8]
) -> bool:
    """Whether the photo, laid on the corners or where the two correlate, agrees with the query image within `clip`."""
    return any(glance(view, photo, each, clip) >= FIRST_LOOK_GAIN for each in on_region(view, corners, grey))


def on_region(view: QueryView, corners: Polygon, grey: NDArray[np.uint8]) -> Iterator[Matrix]:
    """Maps that lay the photo (its brightness) on a region: on its corners, then where the two correlate."""
    size = grey.shape[1], grey.shape[0]
    yield from (each for each in onto(corners, size) if is_sane(each, size))
    yield from (each for each in placed(grey, view.grey, corners, _MOST_PLACES) if is_sane(each, size))
