import cv2
import numpy as np

from isthisme.engine.cards import find_cards, slopes
from isthisme.engine.scaling import Sizes
from isthisme.evaluation.metrics import overlap
from isthisme.evaluation.scenes import scene


def test_a_print_that_lies_askew_is_found_with_its_corners_in_order() -> None:
    table = np.full((600, 800, 3), (120, 90, 60), np.uint8)
    corners = np.array([[250, 120], [560, 180], [520, 420], [200, 350]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.array([[0, 0], [400, 0], [400, 300], [0, 300]], np.float32), corners)
    printed = cv2.copyMakeBorder(scene(1, 380, 280), 10, 10, 10, 10, cv2.BORDER_CONSTANT, value=(250, 250, 250))
    cv2.warpPerspective(printed, matrix, (800, 600), dst=table, borderMode=cv2.BORDER_TRANSPARENT)
    found = find_cards(Sizes(table), 4)
    best = max(found, key=lambda each: overlap(each, tuple(map(tuple, corners.tolist()))))
    assert overlap(best, tuple(map(tuple, corners.tolist()))) > 0.85
    assert np.hypot(*(np.array(best[0]) - corners[0])) < 25


def test_an_upright_picture_on_a_page_is_no_card() -> None:
    page = np.full((600, 800, 3), 250, np.uint8)
    page[100:400, 200:600] = 60
    assert find_cards(Sizes(page), 4) == ()


def test_a_tiny_picture_has_no_cards() -> None:
    assert find_cards(Sizes(np.zeros((5, 5, 3), np.uint8)), 4) == ()


def test_edges_of_slopes_are_those_that_opencv_finds_in_the_picture() -> None:
    for seed in range(4):
        picture = scene(seed, 160, 120)
        for low, high in ((30, 90), (80, 200)):
            assert np.array_equal(cv2.Canny(*slopes(picture), low, high), cv2.Canny(picture, low, high))
