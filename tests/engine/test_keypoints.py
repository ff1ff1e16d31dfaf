import cv2
import numpy as np

from isthisme.engine.geometry import from_correspondences
from isthisme.engine.keypoints import (
    Keypoints,
    correspond,
    find_keypoints,
    keypoints_of_size,
    mirrored,
    soft_keypoints_of_size,
)
from isthisme.evaluation.scenes import scene


def grey(seed: int) -> np.ndarray:
    return cv2.cvtColor(scene(seed), cv2.COLOR_RGB2GRAY)


def test_mirrored_keypoints_are_those_of_the_mirror_image() -> None:
    picture = grey(1)
    predicted = mirrored(find_keypoints(picture, 300), picture.shape[1])
    found = find_keypoints(np.ascontiguousarray(picture[:, ::-1]), 300)
    pairs = correspond(predicted, found)
    apart = np.abs(predicted.points[pairs.photo] - found.points[pairs.query]).max(axis=1)
    turned = np.abs((predicted.angles[pairs.photo] - found.angles[pairs.query] + np.pi) % (2 * np.pi) - np.pi)
    assert len(pairs) > 0.8 * len(found)
    assert (apart < 2).mean() > 0.95
    assert (turned < 0.1).mean() > 0.95


def test_a_blank_picture_has_no_keypoints_and_no_correspondences() -> None:
    blank = find_keypoints(np.full((80, 80), 128, np.uint8), 100)
    assert len(blank) == 0
    assert len(correspond(blank, find_keypoints(grey(1), 100))) == 0
    assert len(correspond(find_keypoints(grey(1), 100), blank)) == 0


def votes(photo: Keypoints, query: Keypoints) -> int:
    found = from_correspondences(photo, query, correspond(photo, query), (448, 336), is_mirrored=False)
    return found.votes if found else 0


def test_soft_keypoints_are_found_again_under_noise_that_leaves_few_others() -> None:
    picture = cv2.resize(grey(1), (448, 336), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(5).normal(0, 60, picture.shape)
    noisy = np.clip(picture + noise, 0, 255).astype(np.uint8)
    sharp, soft = (
        votes(find(picture, 448, 150), find(noisy, 448, 150)) for find in (keypoints_of_size, soft_keypoints_of_size)
    )
    assert soft > 1.5 * sharp
    assert soft > 30


def test_keypoints_lie_where_something_is_drawn_and_are_those_of_the_same_thing_elsewhere() -> None:
    thing = cv2.resize(grey(1), (160, 120), interpolation=cv2.INTER_AREA)
    grain = np.random.default_rng(6).normal(0, 1, (480, 640))

    def before_plain_ground(left: int, top: int) -> np.ndarray:
        picture = np.full((480, 640), 236.0)
        picture[top : top + 120, left : left + 160] = thing
        return np.clip(picture + grain, 0, 255).astype(np.uint8)

    here, there = (find_keypoints(before_plain_ground(*at), 600) for at in ((40, 300), (420, 60)))
    for found, (left, top) in ((here, (40, 300)), (there, (420, 60))):
        outside = np.maximum(np.abs(found.points - (left + 80, top + 60)) - (80, 60), 0).max(axis=1)
        assert outside.max() < 40
    pairs = correspond(here, there)
    moved = there.points[pairs.query] - here.points[pairs.photo]
    assert (np.abs(moved - (380, -240)).max(axis=1) < 2).sum() > 60


def test_a_picture_that_is_drawn_all_over_is_searched_whole() -> None:
    picture = cv2.resize(grey(1), (640, 480), interpolation=cv2.INTER_AREA)
    points = find_keypoints(picture, 600).points
    assert points[:, 0].min() < 60
    assert points[:, 0].max() > 580
    assert points[:, 1].min() < 60
    assert points[:, 1].max() > 420
