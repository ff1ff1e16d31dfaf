"""Which photos are worth verifying: where another one lies for certain, and where nothing but a hash proposed them."""

import cv2
import numpy as np
import pytest

from isthisme.engine.first_look import agrees_there, is_worth_verifying
from isthisme.engine.geometry import rectangle
from isthisme.engine.query_view import QueryView
from isthisme.engine.scaling import Layers
from isthisme.evaluation.scenes import scene

PHOTO = scene(21, 640, 480)
VIEW = QueryView(np.asarray(np.clip(PHOTO[20:460, 30:610] * 0.9, 0, 255), np.uint8), ())


def agrees(photo: np.ndarray) -> bool:
    grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), np.uint8)
    return agrees_there(VIEW, rectangle(*VIEW.size), None, Layers(photo), grey)


@pytest.mark.parametrize("shift", [0, 20, 40])
def test_a_near_duplicate_of_what_lies_there_agrees(shift: int) -> None:
    assert agrees(np.ascontiguousarray(PHOTO[: 480 - shift, shift:]))


@pytest.mark.parametrize("number", range(22, 28))
def test_another_photo_does_not(number: int) -> None:
    assert not agrees(scene(number, 640, 480))


def is_worth_it(photo: np.ndarray) -> bool:
    grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), np.uint8)
    return is_worth_verifying(VIEW, None, Layers(photo), grey)


def test_a_photo_that_a_hash_proposes_is_verified_where_it_agrees_with_the_whole() -> None:
    assert is_worth_it(PHOTO)
    assert is_worth_it(np.ascontiguousarray(PHOTO[:, ::-1]))
    assert is_worth_it(np.ascontiguousarray(np.rot90(PHOTO)))


@pytest.mark.parametrize("number", range(22, 28))
def test_a_chance_hash_is_not(number: int) -> None:
    assert not is_worth_it(scene(number, 640, 480))
