"""Movement between two aligned pictures: none in copies, some between two moments."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from isthisme.engine.decode import decode
from isthisme.engine.flow import Movement, follow, movement, straightened
from isthisme.engine.overlay import Frame, lay_over
from isthisme.engine.scaling import Layers
from isthisme.evaluation.scenes import encoded, scene

PHOTO = scene(11, 448, 336)


def aligned(query: NDArray[np.uint8]) -> Frame:
    """The photo and a query of its size, laid over each other as they are."""
    frame = lay_over(Layers(PHOTO), Layers(query), None, np.eye(3), None)
    assert frame is not None
    return frame


def moved(query: NDArray[np.uint8]) -> Movement:
    flow = follow(aligned(query))
    assert flow is not None
    return movement(flow)


def test_nothing_moves_in_a_copy_whatever_was_done_to_its_colours() -> None:
    dim = np.clip(PHOTO.astype(float) * 0.6 + 20, 0, 255).astype(np.uint8)
    grey = np.repeat(cv2.cvtColor(PHOTO, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    pressed = decode(encoded(PHOTO, quality=30), target_side=448).pixels
    for copy in (PHOTO, dim, grey, pressed):
        assert moved(copy).share < 0.02
        assert moved(copy).pieces < 0.002


def test_a_part_that_moved_is_seen() -> None:
    """The right half is where it was; the left one has moved by a fiftieth."""
    query = PHOTO.copy()
    query[:, 9:220] = PHOTO[:, :211]
    assert moved(query).share > 0.1


def test_a_small_piece_that_moved_far_counts_by_how_surely_it_fits_there() -> None:
    query = PHOTO.copy()
    query[110:220, 150:290] = PHOTO[110:220, 141:281]
    assert moved(query).pieces > 0.011
    assert moved(query).share < 0.08


def test_a_map_that_is_a_little_off_moves_nothing() -> None:
    shifted = cv2.warpAffine(PHOTO, np.float32([[1, 0, 2], [0, 1, 1]]), (448, 336), borderMode=cv2.BORDER_REFLECT)
    assert moved(np.asarray(shifted, np.uint8)).share < 0.05
    assert moved(np.asarray(shifted, np.uint8)).pieces < 0.002


def test_where_nothing_can_be_followed_nothing_is_said() -> None:
    assert follow(aligned(np.full_like(PHOTO, 128))) is None


def test_a_map_that_is_off_is_put_right() -> None:
    true = np.array([[1.02, 0.01, 3.0], [-0.01, 0.98, 4.0], [0.0, 0.0, 1.0]])
    frame = aligned(np.asarray(cv2.warpPerspective(PHOTO, true, (448, 336), borderMode=cv2.BORDER_REFLECT), np.uint8))
    flow = follow(frame)
    assert flow is not None
    better = straightened(frame, np.eye(3), flow)
    for corner in ((0, 0, 1), (447, 0, 1), (447, 335, 1), (0, 335, 1)):
        found, wanted = better @ corner, true @ corner
        assert found[:2] / found[2] == pytest.approx(wanted[:2] / wanted[2], abs=2.0)
