"""The outline that is shown: round for a round avatar, whole where only a bar of text was cut off."""

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.geometry import area_of, rectangle
from isthisme.engine.ground import plain_ground
from isthisme.engine.outline import outline, widened
from isthisme.engine.overlay import Frame, lay_over
from isthisme.engine.scaling import Layers
from isthisme.evaluation.scenes import scene

PHOTO = scene(11, 400, 400)


def framed(query: NDArray[np.uint8]) -> Frame:
    ground = plain_ground(query)
    frame = lay_over(Layers(PHOTO), Layers(query), None if ground is None else Layers(ground), np.eye(3), None)
    assert frame is not None
    return frame


def test_a_disc_on_plain_ground_is_outlined_as_a_disc() -> None:
    disc = np.zeros((400, 400), np.uint8)
    cv2.circle(disc, (200, 200), 196, 1, cv2.FILLED)
    query = np.where(disc[..., None] > 0, PHOTO, np.uint8(255)).astype(np.uint8)
    found = outline(framed(query), np.eye(3))
    assert 8 <= len(found) <= 32
    assert abs(area_of(found) / (np.pi * 196**2) - 1) < 0.05


def test_a_whole_picture_is_outlined_as_it_is() -> None:
    assert area_of(outline(framed(PHOTO), np.eye(3))) > 0.98 * 400 * 400


def test_a_part_is_widened_where_the_copy_goes_on_and_not_where_it_ends() -> None:
    upper = ((0.0, 0.0), (400.0, 0.0), (400.0, 240.0), (0.0, 240.0))
    assert area_of(widened(upper, framed(PHOTO), np.eye(3))) > 0.98 * area_of(rectangle(400, 400))
    query = PHOTO.copy()
    query[240:] = scene(12, 400, 400)[240:]
    assert area_of(widened(upper, framed(query), np.eye(3))) < 1.05 * area_of(upper)
