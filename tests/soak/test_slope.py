"""Growth is told from noise, and from one process taking another's place."""

import random

import pytest

from tests.soak.slope import Point, slope_of


def life(
    per_hour: float, *, began: float = 0.0, start: float = 100.0, noise: float = 0.0, seed: int = 0
) -> list[Point]:
    """Half an hour, a value every five seconds."""
    chance = random.Random(seed)
    return [(began + at, start + per_hour * at / 3600 + chance.gauss(0, noise)) for at in range(0, 1800, 5)]


def test_a_steady_growth_is_told_by_the_hour() -> None:
    slope = slope_of([life(60.0)], warm_up_seconds=60, stretch_seconds=30)
    assert slope is not None
    assert slope.per_hour == pytest.approx(60.0)
    assert (slope.low, slope.high) == (pytest.approx(60.0), pytest.approx(60.0))


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(60):
        slope = slope_of([life(20.0, noise=5.0, seed=seed)], warm_up_seconds=60, stretch_seconds=30)
        assert slope is not None
        assert slope.high - slope.low < 20.0
        held += slope.low < 20.0 < slope.high
    assert held >= 52  # of 60; 57 where it is exact


def test_what_grows_only_while_it_starts_is_flat() -> None:
    points = [(at, min(value, 102.0)) for at, value in life(100.0)]
    slope = slope_of([points], warm_up_seconds=120, stretch_seconds=30)
    assert slope is not None
    assert slope.per_hour == 0.0


def test_a_larger_successor_is_no_growth() -> None:
    slope = slope_of([life(0.0), life(0.0, began=1800, start=300.0)], warm_up_seconds=60, stretch_seconds=30)
    assert slope is not None
    assert (slope.low, slope.per_hour, slope.high) == (0.0, 0.0, 0.0)


def test_too_little_tells_nothing() -> None:
    assert slope_of([life(60.0)[:40]], warm_up_seconds=60, stretch_seconds=30) is None
    assert slope_of([], warm_up_seconds=60, stretch_seconds=30) is None
