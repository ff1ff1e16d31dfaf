"""Structure is compared where the query can show any."""

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.comparison import Agreement, structure
from isthisme.engine.overlay import lay_over
from isthisme.engine.scaling import Layers
from isthisme.evaluation.scenes import scene

PHOTO = scene(11, 448, 336)


def compared(photo: NDArray[np.uint8], query: NDArray[np.uint8]) -> Agreement:
    frame = lay_over(Layers(photo), Layers(query), None, np.eye(3), None)
    assert frame is not None
    return structure(frame).in_full()


def burnt_out(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Half of it white."""
    middle = float(np.median(pixels))
    return np.clip(255 + 3 * (pixels.astype(float) - middle), 0, 255).astype(np.uint8)


def clouds(seed: int) -> NDArray[np.uint8]:
    """(336, 448, 3) of detail everywhere."""
    rng = np.random.default_rng(seed)
    layers = [cv2.GaussianBlur(rng.normal(size=(336, 448)), (0, 0), sigma) * sigma for sigma in (3, 9, 40)]
    return np.dstack([np.clip(128 + 45 * sum(layers), 0, 255).astype(np.uint8)] * 3)


def test_what_was_cut_off_at_white_speaks_neither_for_nor_against() -> None:
    photo = clouds(1)
    whole, burnt = compared(photo, photo), compared(photo, burnt_out(photo))
    assert burnt.agreeing > 0.97
    assert burnt.conflicting < 0.01
    assert burnt.windows < whole.windows  # and there is less to judge by


def test_a_blurred_and_dark_copy_seems_to_hold_no_less_of_the_photo() -> None:
    """Else a sharp neighbour of it would be taken for the larger part of the copy."""
    photo = clouds(1)
    dim = np.clip(cv2.GaussianBlur(photo, (0, 0), 5).astype(float) - 110, 0, 255).astype(np.uint8)
    clear, faint = (
        structure(frame)
        for query in (photo, dim)
        if (frame := lay_over(Layers(photo), Layers(query), None, np.eye(3), None))
    )
    assert faint.texture < 0.9 * clear.texture
    assert faint.own_texture == clear.own_texture


def test_another_picture_that_is_cut_off_agrees_no_more_than_before() -> None:
    photo, other = clouds(1), clouds(2)
    assert compared(photo, burnt_out(other)).agreeing < compared(photo, other).agreeing + 0.1
    assert compared(photo, burnt_out(other)).conflicting > 0.3
