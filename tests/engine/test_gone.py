"""What moved away between two pictures of one place is told from what was laid over one of them."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from isthisme.engine.comparison import structure
from isthisme.engine.gone import gone
from isthisme.engine.laid_over import laid_over
from isthisme.engine.overlay import lay_over
from isthisme.engine.scaling import Layers
from isthisme.evaluation.scenes import scene

type Pixels = NDArray[np.uint8]

PLACE = scene(11, 448, 336)


def somebody(place: Pixels, x: int, y: int) -> Pixels:
    """The place with a figure in it, as high as a fifth of the picture."""
    picture = place.copy()
    figure = np.zeros(place.shape[:2], np.uint8)
    cv2.ellipse(figure, (x, y), (17, 34), 0, 0, 360, 255, cv2.FILLED)
    cv2.circle(figure, (x, y - 42), 12, 255, cv2.FILLED)
    clothes = cv2.GaussianBlur(scene(4, 448, 336), (0, 0), 4)
    soft = cv2.GaussianBlur(figure, (0, 0), 0.8)[..., None] / 255
    return np.asarray(picture * (1 - soft) + clothes * 0.5 * soft, np.uint8)


def lost(photo: Pixels, query: Pixels) -> float:
    """What is gone where both are compared as they are in the engine: without what is drawn over the copy."""
    frame = lay_over(
        Layers(photo), Layers(query), None, np.diag([query.shape[1] / 448, query.shape[0] / 336, 1.0]), None
    )
    assert frame is not None
    covered = laid_over(frame, structure(frame).grid)
    if covered is not None:
        frame = frame.without(covered)
    return gone(frame, structure(frame).grid)


def test_nobody_is_gone_from_a_copy() -> None:
    photo = somebody(PLACE, 130, 180)
    assert lost(photo, photo) == 0
    assert lost(photo, np.clip(photo.astype(float) * [0.8, 0.9, 1.05] + 12, 0, 255).astype(np.uint8)) == 0
    assert lost(photo, np.asarray(cv2.GaussianBlur(photo, (0, 0), 2), np.uint8)) == 0
    assert lost(photo, np.asarray(cv2.resize(photo, (168, 126), interpolation=cv2.INTER_AREA), np.uint8)) == 0


@pytest.mark.parametrize("at", [(130, 180), (250, 120), (350, 240)])
def test_somebody_who_walked_on_is_gone(at: tuple[int, int]) -> None:
    photo = somebody(PLACE, *at)
    assert 0.008 < lost(photo, PLACE) < 0.05
    assert 0.008 < lost(photo, somebody(PLACE, 60, 250)) < 0.05
    darker = np.clip(somebody(PLACE, 60, 250) * 0.8, 0, 255).astype(np.uint8)
    assert lost(photo, darker) > 0.008


@pytest.mark.parametrize("at", [(130, 180), (250, 120), (350, 240)])
def test_what_is_laid_over_somebody_is_no_sign_of_it(at: tuple[int, int]) -> None:
    query = somebody(PLACE, *at)
    cv2.circle(query, (at[0], at[1] - 30), 40, (255, 204, 50), cv2.FILLED, cv2.LINE_AA)
    cv2.putText(query, "SALE", (at[0] - 60, at[1] + 60), cv2.FONT_HERSHEY_DUPLEX, 1.6, (255, 255, 255), 3)
    assert lost(somebody(PLACE, *at), query) == 0
