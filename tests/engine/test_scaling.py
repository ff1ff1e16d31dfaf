import cv2
import numpy as np
import pytest

from isthisme.engine.scaling import Sizes, reduced
from isthisme.evaluation.scenes import scene


@pytest.mark.parametrize("size", [(640, 480), (320, 240), (300, 200), (160, 160), (97, 31), (1, 1)])
def test_a_reduced_picture_looks_as_by_averaging_areas(size: tuple[int, int]) -> None:
    picture = scene(5, 801, 601)
    averaged = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(reduced(picture, size).astype(int) - averaged).mean() < 4


def test_no_pixel_is_left_out() -> None:
    dots = np.zeros((400, 400, 3), np.uint8)
    dots[::7, ::7] = 255
    small = reduced(dots, (90, 90))
    assert small.mean() == pytest.approx(dots.mean(), rel=0.1)
    assert small.max() < 4 * dots.mean() + 30


def test_sizes_are_made_once_and_never_larger_than_the_picture() -> None:
    sizes = Sizes(scene(6, 500, 300))
    assert sizes.fitted(640) is sizes.pixels
    assert sizes.fitted(250).shape == (150, 250, 3)
    assert sizes.fitted(250) is sizes.fitted(250)
