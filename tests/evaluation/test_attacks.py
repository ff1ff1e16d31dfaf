from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from isthisme.domain import Verdict
from isthisme.evaluation.adversary import COLLIDE, HIDE, Attempt, attack_table
from isthisme.evaluation.attacks import attack, away_from, square_side, towards
from isthisme.evaluation.scenes import scene
from isthisme.evaluation.sheet import Pixels, scaled_to

PHOTO = scene(1, 120, 90)


def coarse(pictures: Sequence[Pixels]) -> NDArray[np.float32]:
    """(N, 48) unit vectors: a model small enough to see through."""
    rows = np.stack([scaled_to(each, 4, 4).ravel() for each in pictures]).astype(np.float32) - 128
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("reach", [4, 16])
def test_no_value_changes_by_more_than_the_reach(reach: int) -> None:
    made = attack(PHOTO, away_from(coarse([PHOTO])[0], coarse), reach, 30, np.random.default_rng(1))
    assert int(np.abs(made.pixels.astype(int) - PHOTO).max()) <= reach


def test_hiding_lowers_the_similarity_and_colliding_raises_it() -> None:
    other = scene(2, 120, 90)
    target = coarse([PHOTO])[0]
    hidden = attack(PHOTO, away_from(target, coarse), 16, 200, np.random.default_rng(1))
    dressed = attack(other, towards(target, coarse), 16, 200, np.random.default_rng(1))
    assert coarse([hidden.pixels])[0] @ target < hidden.before - 0.01
    assert coarse([dressed.pixels])[0] @ target > -dressed.before + 0.01
    assert hidden.after == pytest.approx(float(coarse([hidden.pixels])[0] @ target))


def test_the_same_seed_makes_the_same_picture() -> None:
    goal = away_from(coarse([PHOTO])[0], coarse)
    first, again, other = (attack(PHOTO, goal, 8, 20, np.random.default_rng(seed)).pixels for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_squares_shrink_as_the_queries_are_used_up() -> None:
    sides = [square_side(progress) for progress in np.linspace(0, 1, 20)]
    assert sides == sorted(sides, reverse=True)
    assert sides[0] > 40 > 10 > sides[-1] >= 2


def test_the_table_counts_what_became_of_the_attacks() -> None:
    found = [
        Attempt("square", HIDE, 8, 0.9, 0.4, True, Verdict.COPY, Verdict.COPY),
        Attempt("square", HIDE, 8, 0.8, 0.2, False, Verdict.NO_COPY, Verdict.POSSIBLE_COPY),
        Attempt("square", COLLIDE, 8, 0.0, 0.5, True, Verdict.NO_COPY, Verdict.NO_COPY),
    ]
    hidden, dressed = attack_table(found).splitlines()[1:]
    assert hidden.split()[-8:] == ["2", "0.85", "0.30", "1", "1", "0", "1", "1"]
    assert dressed.split()[-8:] == ["1", "0.00", "0.50", "1", "0", "0", "0", "0"]
