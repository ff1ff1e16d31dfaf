"""What the progress claims: rates of the work itself, and nothing where there is no telling."""

import pytest

from isthisme.catalog.facts import Progress
from isthisme.indexing.progress_meter import ProgressMeter


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Metered:
    """A meter, its clock, and what it published."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.told: list[Progress] = []
        self.meter = ProgressMeter("indexing", self.told.append, clock=self.clock)

    def work(self, seconds: int, *, a_second: int) -> None:
        for _ in range(seconds):
            self.clock.now += 1
            for _ in range(a_second):
                self.meter.count(is_unreadable=False)
            self.meter.publish()

    @property
    def last(self) -> Progress:
        return self.told[-1]


@pytest.fixture
def metered() -> Metered:
    return Metered()


def test_a_look_that_is_over_at_once_is_not_told(metered: Metered) -> None:
    metered.meter.look(100)
    assert metered.told == []
    metered.clock.now += 0.5
    metered.meter.look(5000)
    assert (metered.last.step, metered.last.done, metered.last.total) == ("looking", 5000, 0)
    assert (metered.last.photos_per_second, metered.last.seconds_left) == (0.0, None)


def test_the_beginning_claims_neither_rate_nor_time(metered: Metered) -> None:
    metered.meter.begin(1000)
    assert (metered.last.done, metered.last.total, metered.last.seconds_left) == (0, 1000, None)
    metered.work(2, a_second=40)
    assert (metered.last.photos_per_second, metered.last.seconds_left) == (0.0, None)
    metered.work(2, a_second=40)
    assert metered.last.photos_per_second == 40.0
    assert metered.last.seconds_left == (1000 - 160) / 40


def test_the_rate_is_that_of_the_last_seconds(metered: Metered) -> None:
    metered.meter.begin(10_000)
    metered.work(60, a_second=100)
    metered.work(16, a_second=10)
    assert metered.last.photos_per_second == 10.0


def test_photos_that_take_long_each_still_have_a_rate(metered: Metered) -> None:
    metered.meter.begin(100)
    for _ in range(6):
        metered.clock.now += 20
        metered.meter.count(is_unreadable=True)
        metered.meter.publish()
    assert metered.last.photos_per_second == 0.05
    assert metered.last.seconds_left == pytest.approx(94 * 20)
    assert metered.last.unreadable == 6


def test_what_is_slower_than_it_can_be_told_has_no_time_left(metered: Metered) -> None:
    metered.meter.begin(100)
    metered.work(30, a_second=0)
    assert (metered.last.photos_per_second, metered.last.seconds_left) == (0.0, None)


def test_waiting_is_told_at_once_and_counts_in_no_rate(metered: Metered) -> None:
    metered.meter.begin(1000)
    metered.work(10, a_second=40)
    metered.meter.wait("on_battery")
    waiting = metered.last
    assert (waiting.waits_because, waiting.photos_per_second, waiting.seconds_left) == ("on_battery", 0.0, None)
    assert (waiting.done, waiting.total) == (400, 1000)
    for _ in range(3600):
        metered.clock.now += 1
        metered.meter.wait("on_battery")
    assert metered.last == waiting
    metered.meter.slow_to(50)
    assert (metered.last.waits_because, metered.last.cpu_percent, metered.last.seconds_left) == (None, 50, None)
    metered.work(4, a_second=20)
    assert metered.last.photos_per_second == 20.0


def test_waiting_is_renewed_so_that_nobody_takes_it_for_dead_and_rarely(metered: Metered) -> None:
    metered.meter.begin(1000)
    told = len(metered.told)
    for _ in range(120):
        metered.clock.now += 1
        metered.meter.wait("busy")
    assert len(metered.told) - told == 4  # the first, and one each 30 s


def test_a_night_asleep_counts_in_no_rate(metered: Metered) -> None:
    """For clocks that go on while the computer sleeps."""
    metered.meter.begin(1000)
    metered.work(10, a_second=40)
    metered.clock.now += 8 * 3600
    metered.work(1, a_second=40)
    assert (metered.last.photos_per_second, metered.last.seconds_left) == (0.0, None)
    metered.work(4, a_second=40)
    assert metered.last.photos_per_second == 40.0


def test_switching_is_a_step_of_its_own(metered: Metered) -> None:
    metered.meter.begin(80)
    metered.work(4, a_second=20)
    metered.meter.switch()
    assert (metered.last.step, metered.last.done, metered.last.seconds_left) == ("switching", 80, None)
