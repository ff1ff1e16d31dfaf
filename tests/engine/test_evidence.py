"""What holds a score back, and what keeps it from falling."""

from dataclasses import replace

import numpy as np
import pytest

from isthisme.domain import Candidate
from isthisme.engine.comparison import Agreement, structure
from isthisme.engine.evidence import Doubt, Evidence
from isthisme.engine.flow import Movement
from isthisme.engine.geometry import Alignment, Support, decompose
from isthisme.engine.overlay import lay_over
from isthisme.engine.scaling import Layers
from isthisme.engine.thresholds import CERTAIN_SCORE, COPY_SCORE, POSSIBLE_SCORE
from isthisme.evaluation.scenes import scene

PHOTO = scene(11, 448, 336)


def evidence(inliers: int, similarity: float, inlier_share: float = 0.7, **agreement: float) -> Evidence:
    """Of a copy laid over its photo, with these quantities in place of its own."""
    frame = lay_over(Layers(PHOTO), Layers(PHOTO), None, np.eye(3), None)
    assert frame is not None
    found: Agreement = replace(structure(frame).in_full(), **agreement)
    return Evidence(
        Candidate(1, None, 0.7, 0.5),
        Alignment(np.eye(3), inliers, False, "keypoints"),
        Support(inliers, inlier_share),
        decompose(np.eye(3), (448, 336)),
        frame,
        found,
        similarity,
        0.0,
    )


@pytest.mark.parametrize(
    ("inliers", "similarity", "agreeing"), [(8, 0.3, 0.93), (0, 0.7, 0.93), (5, 0.5, 0.93), (0, 0.5, 0.98)]
)
def test_brightness_is_believed_where_something_else_bears_it_out(
    inliers: int, similarity: float, agreeing: float
) -> None:
    assert evidence(inliers, similarity, agreeing=agreeing).score >= COPY_SCORE


@pytest.mark.parametrize(("inliers", "similarity", "agreeing"), [(7, 0.3, 0.99), (1, 0.64, 0.93), (0, 0.49, 0.99)])
def test_brightness_alone_is_not_believed(inliers: int, similarity: float, agreeing: float) -> None:
    assert evidence(inliers, similarity, agreeing=agreeing).score < POSSIBLE_SCORE


def test_what_is_certain_without_likeness_stays_certain_whatever_the_likeness() -> None:
    found = evidence(200, 0.9, 0.95)
    assert found.is_certain_without_likeness
    assert all(replace(found, aligned_similarity=each).score > CERTAIN_SCORE for each in (None, 0.0, 1.0))


@pytest.mark.parametrize(("inliers", "agreeing"), [(7, 1.0), (200, 0.3)])
def test_without_correspondences_or_agreement_nothing_is_certain_without_likeness(
    inliers: int, agreeing: float
) -> None:
    assert not evidence(inliers, 0.9, 0.95, agreeing=agreeing, narrow_agreeing=agreeing).is_certain_without_likeness


def test_a_curve_that_fits_another_is_not_enough() -> None:
    bare = evidence(0, 0.6, agreeing=0.99)
    assert bare.score >= COPY_SCORE
    assert evidence(0, 0.6, agreeing=0.99, windows=8.0).score < POSSIBLE_SCORE


def test_what_hides_much_may_be_another_thing_however_many_correspondences_surround_it() -> None:
    found = evidence(100, 0.9)
    assert replace(found, frame=replace(found.frame, covered_amid=0.25)).doubt is None
    assert replace(found, frame=replace(found.frame, covered_amid=0.35)).doubt is Doubt.PART_DIFFERS


def test_what_is_gone_leaves_a_possible_copy() -> None:
    found = replace(evidence(200, 0.9, 0.95), gone=0.01)
    assert found.doubt is Doubt.PART_DIFFERS
    assert POSSIBLE_SCORE <= found.score < COPY_SCORE


@pytest.mark.parametrize("movement", [Movement(0.1, 0.0), Movement(0.02, 0.015)])
def test_parts_that_moved_leave_a_possible_copy(movement: Movement) -> None:
    still = replace(evidence(100, 0.9), movement=Movement(0.02, 0.004))
    assert still.doubt is None
    moved = replace(still, movement=movement)
    assert moved.doubt is Doubt.PARTS_MOVED
    assert POSSIBLE_SCORE <= moved.score < COPY_SCORE <= still.score


def test_a_small_picture_in_which_a_little_moved_two_ways_is_a_possible_copy() -> None:
    """Each alone is chance: a few loose correspondences and a pixel of displacement, or a little flow."""
    small = evidence(44, 0.8, inlier_share=0.6, displacement=0.015)
    frame = replace(small.frame, photo=small.frame.photo[:64, :95])
    torn = replace(small, frame=frame, movement=Movement(0.01, 0.0))
    assert torn.doubt is None
    assert replace(torn, movement=Movement(0.07, 0.0)).doubt is Doubt.PARTS_MOVED
    assert replace(evidence(44, 0.8, inlier_share=0.9), movement=Movement(0.07, 0.0)).doubt is None


def test_correspondences_that_were_left_behind_leave_a_possible_copy() -> None:
    """They voted for the map of the background, and what agrees is the subject, elsewhere."""
    found = evidence(100, 0.9)
    assert found.doubt is None
    assert replace(found, support=Support(70, 0.7)).doubt is None
    assert replace(found, support=Support(40, 0.4)).doubt is Doubt.PARTS_MOVED
    few = evidence(20, 0.9)
    assert replace(few, support=Support(9, 0.4)).doubt is None
