"""The photo bent to the query's colours and light, so that only what was laid over differs."""

import cv2
import numpy as np
import pytest

from isthisme.engine.relighting import relit_like
from isthisme.evaluation.scenes import scene

PHOTO = scene(11, 448, 336)
EVERYWHERE = np.ones(PHOTO.shape[:2], bool)


def test_a_picture_of_the_same_colours_is_left_as_it_is() -> None:
    relit = relit_like(PHOTO, PHOTO, EVERYWHERE)
    assert relit.shift == pytest.approx(0, abs=0.1)
    assert np.abs(relit.picture.astype(int) - PHOTO).mean() < 1


def test_a_vignette_and_sepia_are_followed() -> None:
    down, across = np.mgrid[-1:1:336j, -1:1:448j]
    light = (1 - 0.4 * (across**2 + down**2))[..., None]
    sepia = PHOTO.astype(float) @ np.array([[0.39, 0.35, 0.27], [0.77, 0.69, 0.53], [0.19, 0.17, 0.13]])
    query = np.clip(np.clip(sepia, 0, 255) * light, 0, 255).astype(np.uint8)
    relit = relit_like(PHOTO, query, EVERYWHERE)
    assert relit.shift > 20
    assert np.abs(relit.picture.astype(int) - query).mean() < 6


def test_what_is_laid_over_does_not_bend_the_rest() -> None:
    query = PHOTO.copy()
    cv2.circle(query, (200, 150), 60, (255, 220, 40), cv2.FILLED)
    relit = relit_like(PHOTO, query, EVERYWHERE)
    assert np.abs(relit.picture.astype(int) - PHOTO).mean() < 3
