"""A rough map is refined on brightness, tilted ones too."""

import cv2
import numpy as np
import pytest

from isthisme.engine.geometry import apply, rectangle
from isthisme.engine.refinement import refined
from isthisme.evaluation.scenes import scene

PHOTO = np.asarray(cv2.cvtColor(scene(11, 448, 336), cv2.COLOR_RGB2GRAY), np.uint8)
CORNERS = rectangle(448, 336)


def farthest(found: np.ndarray, truth: np.ndarray) -> float:
    """Pixels between where the two maps put the photo's corners."""
    return float(np.linalg.norm(np.subtract(apply(found, CORNERS), apply(truth, CORNERS)), axis=1).max())


@pytest.mark.parametrize("pull", [0.0, 45.0])
def test_a_tilted_and_blurred_copy_is_found_from_a_rough_map(pull: float) -> None:
    target = np.array([(20, 10 + pull), (430, 10), (430, 330), (20, 330 - pull)], np.float32)
    truth = cv2.getPerspectiveTransform(np.array(CORNERS, np.float32), target)
    query = cv2.GaussianBlur(cv2.warpPerspective(PHOTO, truth, (460, 345)), (0, 0), 3)
    rough = np.array([[0.9, 0, 18], [0, 0.9, 16], [0, 0, 1.0]])
    found = refined(PHOTO, np.asarray(query, np.uint8), rough)
    assert found is not None
    assert farthest(found, truth) < 8 < farthest(rough, truth)


def test_what_does_not_correlate_is_not_refined() -> None:
    flat = np.full((336, 448), 128, np.uint8)
    assert refined(PHOTO, flat, np.eye(3)) is None
