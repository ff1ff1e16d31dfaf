"""Where a copy ends at a straight seam, the query's other side is left out."""

import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon
from isthisme.engine.comparison import compare
from isthisme.engine.overlay import lay_over
from isthisme.engine.scaling import Layers
from isthisme.engine.seams import cut_at_seams
from isthisme.evaluation.scenes import scene

PHOTO, OTHER = scene(11, 448, 336), scene(12, 448, 336)


def cut(query: NDArray[np.uint8]) -> Polygon | None:
    frame = lay_over(Layers(PHOTO), Layers(query), None, np.eye(3), None)
    assert frame is not None
    return cut_at_seams(frame, compare(frame).grid, np.eye(3))


def bounds(query: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    polygon = cut(query)
    assert polygon is not None
    across, down = zip(*polygon, strict=True)
    return min(across), min(down), max(across), max(down)


def test_a_whole_copy_has_no_seam() -> None:
    assert cut(PHOTO) is None


def test_the_half_of_a_before_and_after_picture_is_cut_at_its_gutter() -> None:
    query = PHOTO.copy()
    query[:, 200:] = OTHER[:, 200:]
    query[:, 200:206] = 255
    left, top, right, bottom = bounds(query)
    assert (left, top, bottom) == (0, 0, 336)
    assert abs(right - 200) < 8


def test_bars_above_and_below_are_cut_off() -> None:
    query = PHOTO.copy()
    query[:60], query[290:] = 250, 250
    query[20:40, 50:120], query[300:320, 30:60] = 30, 30
    left, top, right, bottom = bounds(query)
    assert (left, right) == (0, 448)
    assert abs(top - 60) < 8
    assert abs(bottom - 290) < 8


def test_something_else_without_a_straight_edge_is_not_cut_off() -> None:
    """As in another moment at the same place: the change is soft, and no reason to look away."""
    amount = np.clip((np.arange(448) - 180) / 80, 0, 1)[None, :, None]
    assert cut((OTHER * amount + PHOTO * (1 - amount)).astype(np.uint8)) is None
