"""Parts of a copy are recognised at their own places, through noise and blur; parts of another picture are not."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from isthisme.engine.overlay import lay_over
from isthisme.engine.recognition import recognised
from isthisme.engine.scaling import Layers
from isthisme.engine.thresholds import RECOGNISED
from isthisme.evaluation.scenes import scene

PHOTO = scene(11, 448, 336)


def share(photo: NDArray[np.uint8], query: NDArray[np.uint8]) -> float:
    frame = lay_over(Layers(photo), Layers(query), None, np.eye(3), None)
    assert frame is not None
    return recognised(frame)


def noisy(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    noise = np.random.default_rng(3).normal(0, 35, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def blurred(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 3.5), np.uint8)


@pytest.mark.parametrize("edit", [noisy, blurred, lambda pixels: pixels // 3 + 120])
def test_a_copy_is_recognised_all_over(edit) -> None:  # type: ignore[no-untyped-def]
    assert share(PHOTO, edit(PHOTO)) > RECOGNISED


def test_another_picture_is_not_recognised_nor_is_the_photo_moved_aside() -> None:
    assert share(PHOTO, scene(12, 448, 336)) < 0.3
    assert share(PHOTO, np.ascontiguousarray(np.roll(PHOTO, 60, axis=1))) < RECOGNISED


def test_one_small_thing_on_plain_ground_proves_nothing() -> None:
    plain = np.full((336, 448, 3), 240, np.uint8)
    cv2.circle(plain, (224, 168), 40, (200, 40, 40), cv2.FILLED, cv2.LINE_AA)
    assert share(plain, plain) == 0.0
