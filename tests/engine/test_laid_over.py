"""What lies on top of a copy is told from another subject in its place."""

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.comparison import structure
from isthisme.engine.laid_over import laid_over
from isthisme.engine.overlay import Frame, lay_over
from isthisme.engine.scaling import Layers
from isthisme.evaluation.scenes import scene

PHOTO = scene(11, 448, 336)
CENTRE, RADIUS = (220, 160), 70


def framed(query: NDArray[np.uint8]) -> Frame:
    frame = lay_over(Layers(PHOTO), Layers(query), None, np.eye(3), None)
    assert frame is not None
    return frame


def found(query: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
    frame = framed(query)
    return laid_over(frame, structure(frame).grid)


def with_sticker() -> NDArray[np.uint8]:
    query = PHOTO.copy()
    cv2.circle(query, CENTRE, RADIUS, (255, 204, 50), cv2.FILLED, cv2.LINE_AA)
    for x in (-25, 25):
        cv2.circle(query, (CENTRE[0] + x, CENTRE[1] - 20), 10, (60, 40, 10), cv2.FILLED, cv2.LINE_AA)
    return query


def test_nothing_lies_on_a_plain_copy_nor_on_a_recoloured_one() -> None:
    assert found(PHOTO) is None
    assert found(np.clip(PHOTO.astype(float) * 0.6 + 30, 0, 255).astype(np.uint8)) is None


def test_a_sticker_is_found_where_it_is() -> None:
    mask = found(with_sticker())
    assert mask is not None
    truth = np.zeros(PHOTO.shape[:2], np.uint8)
    cv2.circle(truth, CENTRE, RADIUS, 1, cv2.FILLED)
    wanted = cv2.resize(truth, mask.shape[::-1], interpolation=cv2.INTER_NEAREST).astype(bool)
    assert (mask & wanted).sum() / (mask | wanted).sum() > 0.8


def test_what_is_left_agrees_and_the_frame_knows_how_much_is_hidden() -> None:
    frame = framed(with_sticker())
    before = structure(frame).in_full()
    mask = laid_over(frame, before.grid)
    assert mask is not None
    uncovered = frame.without(mask)
    after = structure(uncovered).in_full()
    assert after.conflicting < 0.02 < before.conflicting
    assert after.agreeing > 0.97 > before.agreeing
    assert 0.08 < uncovered.covered_share < 0.16


def test_a_bar_beside_the_copy_lies_not_amid_it() -> None:
    """Nothing says that the photo goes on under a bar at the edge: so is a crop with a caption below."""
    amid, beside = (np.zeros((168, 224), bool) for _ in range(2))
    amid[60:110, 40:180], beside[100:] = True, True
    frame = framed(PHOTO)
    assert frame.photo.shape[:2] == (168, 224)
    covered, barred = frame.without(amid), frame.without(beside)
    assert covered.covered_amid == covered.covered_share > 0.15
    assert barred.covered_share > 0.4
    assert barred.covered_amid < 0.01


def test_stickers_of_many_colours_that_overlap_are_found_together() -> None:
    query = PHOTO.copy()
    colours = ((255, 204, 50), (255, 60, 120), (80, 200, 255), (150, 90, 255), (255, 255, 255), (30, 160, 60))
    for place, colour in enumerate(colours):
        cv2.circle(query, (130 + 32 * place, 160 + 26 * (place % 2)), 34, colour, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(query, (130 + 32 * place, 160 + 26 * (place % 2)), 12, colour[::-1], cv2.FILLED, cv2.LINE_AA)
    mask = found(query)
    truth = (query != PHOTO).any(axis=2).astype(np.uint8)
    assert mask is not None
    wanted = cv2.resize(truth, mask.shape[::-1], interpolation=cv2.INTER_NEAREST).astype(bool)
    assert (mask & wanted).sum() / (mask | wanted).sum() > 0.8


def test_a_sticker_in_the_greys_of_the_picture_around_it_is_found() -> None:
    grey = cv2.cvtColor(cv2.GaussianBlur(with_sticker(), (0, 0), 2), cv2.COLOR_RGB2GRAY)
    mask = found(np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8))
    assert mask is not None
    assert 0.06 < mask.mean() < 0.16


def test_another_subject_in_the_same_place_is_nothing_laid_over() -> None:
    other, soft = scene(12, 448, 336), np.zeros(PHOTO.shape[:2], np.float32)
    cv2.circle(soft, CENTRE, RADIUS, 1.0, cv2.FILLED)
    amount = cv2.GaussianBlur(soft, (0, 0), 6)[..., None]
    assert found((other * amount + PHOTO * (1 - amount)).astype(np.uint8)) is None
