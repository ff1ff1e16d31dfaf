import numpy as np
import pytest

from isthisme.evaluation.metrics import Share, calibration, micro_average_precision, overlap, recall_at

SQUARE = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))


def test_a_copy_that_scores_as_high_as_a_stranger_does_not_count() -> None:
    assert recall_at(np.array([0.9, 0.5]), np.array([0.5, 0.1]), 0.0).count == 1


def test_the_allowed_strangers_are_left_out() -> None:
    assert recall_at(np.array([0.9, 0.5, 0.3]), np.array([0.8, 0.2]), 0.5).count == 3


def test_micro_average_precision_of_a_perfect_ranking_is_one() -> None:
    assert micro_average_precision(np.array([0.9, 0.8, 0.1]), np.array([True, True, False]), 2) == 1.0


def test_ties_count_against_us() -> None:
    assert micro_average_precision(np.array([0.9, 0.9]), np.array([True, False]), 1) == 0.5


def test_copies_that_were_never_named_lower_the_precision() -> None:
    assert micro_average_precision(np.array([0.9]), np.array([True]), 2) == 0.5


def test_overlap_of_a_square_with_itself_and_with_its_half() -> None:
    assert overlap(SQUARE, SQUARE) == pytest.approx(1)
    assert overlap(SQUARE, SQUARE[::-1]) == pytest.approx(1)
    assert overlap(SQUARE, ((0.0, 0.0), (5.0, 0.0), (5.0, 10.0), (0.0, 10.0))) == pytest.approx(0.5)
    assert overlap(SQUARE, ((20.0, 0.0), (30.0, 0.0), (30.0, 10.0), (20.0, 10.0))) == 0


def test_an_interval_holds_its_share_and_shrinks_with_more_pictures() -> None:
    few, many = Share(0, 20).interval, Share(0, 2000).interval
    assert few[0] == many[0] == 0
    assert many[1] < 0.01 < few[1]


def test_calibration_bins_hold_every_score() -> None:
    points = calibration(np.array([0.05, 0.95, 1.0]), np.array([False, True, True]))
    assert [share.total for _, share in points] == [1, 2]
