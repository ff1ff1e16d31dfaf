"""Sites that want to be left alone are."""

import pytest

from isthisme.acquire.backoff import Backoff
from isthisme.errors import TooManyRequests
from tests.acquire.test_answers import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def backoff(clock: Clock) -> Backoff:
    return Backoff(clock)


def is_left_alone(backoff: Backoff, host: str = "a.example") -> bool:
    try:
        backoff.check(host)
    except TooManyRequests:
        return True
    return False


def test_a_host_is_left_alone_as_long_as_it_says(backoff: Backoff, clock: Clock) -> None:
    backoff.refused("a.example", 120)
    clock.now += 119
    with pytest.raises(TooManyRequests, match=r"a\.example asked for fewer requests; it is asked again in 1 s"):
        backoff.check("a.example")
    assert not is_left_alone(backoff, "b.example")
    clock.now += 1
    assert not is_left_alone(backoff)


def test_without_a_word_each_time_takes_twice_as_long_until_a_picture_comes(backoff: Backoff, clock: Clock) -> None:
    waited = []
    for _ in range(4):
        backoff.refused("a.example", None)
        began = clock.now
        while is_left_alone(backoff):
            clock.now += 1
        waited.append(clock.now - began)
    assert waited == [30, 60, 120, 240]
    backoff.answered("a.example")
    backoff.refused("a.example", None)
    clock.now += 30
    assert not is_left_alone(backoff)


def test_nobody_is_left_alone_for_ever(backoff: Backoff, clock: Clock) -> None:
    backoff.refused("a.example", 10**9)
    clock.now += 3_600
    assert not is_left_alone(backoff)


def test_a_flood_of_hosts_is_not_remembered_for_ever(backoff: Backoff) -> None:
    for number in range(1_001):
        backoff.refused(f"{number}.example", 60)
    assert not is_left_alone(backoff, "0.example")
    assert is_left_alone(backoff, "1000.example")
