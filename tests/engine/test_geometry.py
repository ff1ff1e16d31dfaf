import cv2
import numpy as np
import pytest

from isthisme.engine.geometry import area_of, clipped, decompose, from_correspondences, is_sane, projected, rectangle
from isthisme.engine.keypoints import correspond, find_keypoints, mirrored
from isthisme.evaluation.scenes import scene

SIZE = (480, 360)


def turned(degrees: float, scale: float) -> np.ndarray:
    return np.vstack([cv2.getRotationMatrix2D((240, 180), -degrees, scale), [0, 0, 1]])


@pytest.mark.parametrize("degrees", [0, 17, 90, 180, 305])
@pytest.mark.parametrize("is_mirrored", [False, True])
def test_the_map_of_a_turned_and_mirrored_copy_is_found(degrees: float, is_mirrored: bool) -> None:
    picture = cv2.cvtColor(scene(1, *SIZE), cv2.COLOR_RGB2GRAY)
    truth = turned(degrees, 0.7)
    if is_mirrored:
        truth = truth @ np.array([[-1.0, 0, SIZE[0] - 1], [0, 1, 0], [0, 0, 1]])
    query = find_keypoints(cv2.warpPerspective(picture, truth, SIZE), 400)
    own = find_keypoints(picture, 400)
    source = mirrored(own, SIZE[0]) if is_mirrored else own
    found = from_correspondences(source, query, correspond(source, query), SIZE, is_mirrored=is_mirrored)
    assert found is not None
    assert np.abs(np.asarray(projected(found.matrix, SIZE)) - np.asarray(projected(truth, SIZE))).max() < 6
    parts = decompose(found.matrix, SIZE)
    assert parts.is_mirrored == is_mirrored
    assert abs((parts.rotation_degrees - degrees + 180) % 360 - 180) < 2
    assert parts.scale == pytest.approx(0.7, abs=0.03)


def test_two_pictures_that_share_nothing_have_few_inliers() -> None:
    one, other = (find_keypoints(cv2.cvtColor(scene(seed), cv2.COLOR_RGB2GRAY), 400) for seed in (2, 3))
    found = from_correspondences(one, other, correspond(one, other), SIZE, is_mirrored=False)
    assert found is None or found.votes < 12


def test_folded_and_sliver_maps_are_refused() -> None:
    assert is_sane(np.eye(3), SIZE)
    assert not is_sane(np.diag([1.0, 0.05, 1.0]), SIZE)
    assert not is_sane(np.array([[1.0, 0, 0], [0, 1, 0], [0.01, 0, 1]]), SIZE)
    assert not is_sane(np.diag([0.001, 0.001, 1.0]), SIZE)


def test_clipping_keeps_the_shared_part() -> None:
    shared = clipped(rectangle(100, 100), ((50.0, 50.0), (150.0, 50.0), (150.0, 150.0), (50.0, 150.0)))
    assert area_of(shared) == pytest.approx(2500)
    assert clipped(rectangle(10, 10), ((50.0, 50.0), (60.0, 50.0), (60.0, 60.0), (50.0, 60.0))) == ()
