"""Where a copy ends at a straight seam, the query's other side is left out."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon
from isthisme.engine.comparison import structure
from isthisme.engine.geometry import area_of, clipped
from isthisme.engine.overlay import lay_over
from isthisme.engine.scaling import Layers
from isthisme.engine.seams import cut_along_edge, cut_at_seams
from isthisme.evaluation.scenes import scene

PHOTO, OTHER = scene(11, 448, 336), scene(12, 448, 336)


def cut(query: NDArray[np.uint8]) -> Polygon | None:
    frame = lay_over(Layers(PHOTO), Layers(query), None, np.eye(3), None)
    assert frame is not None
    return cut_at_seams(frame, structure(frame).grid, np.eye(3))


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


def on_a_blurred_one() -> NDArray[np.uint8]:
    """The middle of the photo where it was, on an enlarged and blurred version of it: its edges hardly step."""
    query = cv2.GaussianBlur(cv2.resize(PHOTO[84:252, 112:336], (448, 336)), (0, 0), 24)
    query[50:290, 90:360] = PHOTO[50:290, 90:360]
    return query


def test_a_copy_on_a_blurred_version_of_itself_is_cut_where_the_detail_ends() -> None:
    left, top, right, bottom = bounds(on_a_blurred_one())
    assert np.allclose((left, top, right, bottom), (90, 50, 360, 290), atol=16)


def test_what_lies_on_a_copy_hides_no_seam() -> None:
    query = on_a_blurred_one()
    query[60:140, 180:350] = 255
    left, _, right, bottom = bounds(query)
    assert np.allclose((left, right, bottom), (90, 360, 290), atol=16)


def test_a_copy_that_is_blurred_in_part_is_not_cut_off_there() -> None:
    query = PHOTO.copy()
    query[:, 260:] = cv2.GaussianBlur(PHOTO, (0, 0), 2)[:, 260:]
    assert cut(query) is None


def clouds(seed: int) -> NDArray[np.uint8]:
    """(336, 448, 3) of detail at all scales, without a straight line."""
    rng = np.random.default_rng(seed)
    layers = [cv2.GaussianBlur(rng.normal(size=(336, 448, 3)), (0, 0), sigma) * sigma for sigma in (3, 6, 12, 40)]
    return np.clip(128 + 45 * sum(layers), 0, 255).astype(np.uint8)


CLOUDS, OTHER_CLOUDS = clouds(1), clouds(2)


def cut_askew(query: NDArray[np.uint8]) -> Polygon | None:
    frame = lay_over(Layers(CLOUDS), Layers(query), None, np.eye(3), None)
    assert frame is not None
    return cut_along_edge(frame, structure(frame).grid, np.eye(3))


def test_a_wedge_of_something_else_is_cut_off_along_its_sloped_edge() -> None:
    wedge = ((330, 0), (448, 0), (448, 336), (390, 336))
    query = cv2.fillConvexPoly(CLOUDS.copy(), np.array(wedge), (250, 250, 250), cv2.LINE_AA)
    polygon = cut_askew(np.asarray(np.where(query == 250, OTHER_CLOUDS // 3, CLOUDS), np.uint8))
    assert polygon is not None
    left_out = tuple((float(x), float(y)) for x, y in wedge)
    assert area_of(clipped(polygon, left_out)) < 0.03 * area_of(left_out)
    assert area_of(polygon) > 0.93 * (448 * 336 - area_of(left_out))


def test_an_edge_is_told_by_what_is_shown_of_it() -> None:
    """A turned copy on plain ground beside another picture: along most of the line there is nothing but ground."""
    wedge = np.array(((330, 0), (448, 0), (448, 336), (390, 336)))
    query = np.where(cv2.fillConvexPoly(np.zeros((336, 448, 1), np.uint8), wedge, 1) > 0, OTHER_CLOUDS // 3, CLOUDS)
    frame = lay_over(Layers(CLOUDS), Layers(query.astype(np.uint8)), None, np.eye(3), None)
    assert frame is not None
    ground = np.zeros(frame.is_shown.shape, bool)
    ground[: ground.shape[0] // 2] = True
    plain = replace(frame, is_shown=~ground, query=np.where(ground[..., None], np.uint8(255), frame.query))
    assert cut_along_edge(plain, structure(plain).grid, np.eye(3)) is not None


def test_an_edge_that_is_straight_for_a_while_is_no_border() -> None:
    """As the rim of a plate."""
    mask = cv2.ellipse(np.zeros(CLOUDS.shape, np.uint8), (120, 168), (210, 260), 0, 0, 360, (1, 1, 1), cv2.FILLED)
    assert cut_askew(np.asarray(np.where(mask > 0, CLOUDS, OTHER_CLOUDS // 3), np.uint8)) is None


def test_no_edge_is_cut_where_everything_agrees_or_the_change_is_soft() -> None:
    assert cut_askew(CLOUDS) is None
    down, across = np.mgrid[:336, :448]
    amount = np.clip((across + 0.2 * down - 230) / 80, 0, 1)[..., None]
    assert cut_askew((OTHER_CLOUDS * amount + CLOUDS * (1 - amount)).astype(np.uint8)) is None


def test_another_subject_without_straight_edges_is_not_cut_off() -> None:
    mask = cv2.circle(np.zeros(CLOUDS.shape, np.uint8), (330, 170), 100, (1, 1, 1), cv2.FILLED)
    assert cut_askew(np.asarray(np.where(mask > 0, OTHER_CLOUDS // 3, CLOUDS), np.uint8)) is None
