"""A closer look at what was found to be a match: where exactly it lies and what it looks like, for words and outline.

Made only for matches, after the decision: twice the size of the frames that decide.
"""

from dataclasses import dataclass

import numpy as np

from isthisme.domain import Polygon
from isthisme.engine.appearance import Appearance, look_at
from isthisme.engine.geometry import Alignment, apply, area_of
from isthisme.engine.outline import outline, widened, without_false_ground
from isthisme.engine.overlay import Frame, lay_over
from isthisme.engine.scaling import Layers

_SIDE = 448  # pixels: the letters of a watermark are two pixels thick


@dataclass(frozen=True, slots=True)
class CloseUp:
    """The match as it is shown and told."""

    query_region: Polygon  # where the photo shows in the query, query pixels
    photo_region: Polygon  # and which part of it does, preview pixels
    query_share: float  # of the query's area, 0 to 1
    photo_share: float  # of the photo's area, 0 to 1
    extent: float  # of the query's area, what the region spans with its upright bounding box, 0 to 1
    appearance: Appearance


def close_up(
    photo: Layers, query: Layers, ground: Layers | None, alignment: Alignment, decided: Frame
) -> CloseUp | None:
    """The closer look at the alignment that `decided` is the frame of; None where nothing is left to see."""
    matrix = alignment.matrix
    whole = lay_over(photo, query, None, matrix, None)
    if whole is None:
        return None
    part = widened(decided.query_region, whole, matrix)
    frame = lay_over(photo, query, ground, matrix, part, _SIDE)
    if frame is None:
        return None
    frame = without_false_ground(frame)
    region = outline(frame, matrix)
    photo_region = apply(np.linalg.inv(matrix), region)
    photo_area, query_area = (each.full.shape[0] * each.full.shape[1] for each in (photo, query))
    across, down = zip(*region, strict=True)
    return CloseUp(
        region,
        photo_region,
        min(1.0, area_of(region) / query_area),
        min(1.0, area_of(photo_region) / photo_area),
        min(1.0, (max(across) - min(across)) * (max(down) - min(down)) / query_area),
        look_at(frame),
    )
