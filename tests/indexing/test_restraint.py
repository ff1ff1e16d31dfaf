"""Restraint: what waits, what goes at once, and how the ceiling is kept. The computer and its clock are fakes."""

import threading
from collections.abc import Callable

import pytest

from isthisme.config import Settings
from isthisme.indexing.restraint import Reason, Restraint, Turns
from tests.fake_machine import FakeMachine, FakeWishes


class FakeMeter:
    def __init__(self) -> None:
        self.told: list[Reason | int | None] = []

    def wait(self, because: Reason) -> None:
        self.told.append(because)

    def slow_to(self, cpu_percent: int | None) -> None:
        self.told.append(cpu_percent)


class Desk:
    """A restraint with all that it looks at."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.machine = FakeMachine()
        self.wishes = FakeWishes()
        self.meter = FakeMeter()
        self.stop = threading.Event()
        self.settled = 0
        self.restraint = Restraint(settings or Settings(), self.machine, self.wishes, clock=self.machine.clock)

    def run(self, photos: list[str], rest: Callable[[float], bool] | None = None) -> tuple[list[str], Turns]:
        """One run: which of the photos were described, and its turns."""
        turns = self.restraint.turns(self.meter, self.stop, rest or self._never_rest)
        turns.begin(len(photos))
        return [photo for photo in photos if turns.comes(photo, self._settle)], turns

    def let_pass(self, seconds: int) -> Reason | None:
        """Time goes by, looked at each second; what is the matter at its end."""
        for _ in range(seconds):
            self.machine.pass_time(1.0)
            self.restraint.reason()
        return self.restraint.reason()

    def _settle(self) -> None:
        self.settled += 1

    def _never_rest(self, _seconds: float) -> bool:
        raise AssertionError("there was nothing to wait for")


def photos(count: int, name: str = "photo") -> list[str]:
    return [f"{name} {number}" for number in range(count)]


def test_on_mains_and_calm_everything_goes() -> None:
    desk = Desk()
    assert desk.run(photos(100))[0] == photos(100)
    assert set(desk.meter.told) == {None}


def test_on_battery_many_photos_wait_and_a_handful_does_not() -> None:
    desk = Desk()
    desk.machine.on_battery = True
    assert desk.run(photos(20))[0] == photos(20)
    assert desk.run(photos(21, "more"))[0] == []


def test_a_new_photo_goes_at_once_past_those_that_wait() -> None:
    desk = Desk()
    desk.machine.on_battery = True
    waiting = photos(5000)
    assert desk.run(waiting)[0] == []
    for number in range(3):
        new = f"new {number}"
        assert desk.run([*waiting[:2000], new, *waiting[2000:]])[0] == [new]


def test_a_flood_that_comes_in_drops_is_a_flood() -> None:
    desk = Desk()
    desk.machine.on_battery = True
    described = []
    for second in range(60):
        desk.machine.pass_time(1.0)
        described += desk.run(photos(5, f"second {second}"))[0]
    assert 20 <= len(described) <= 20 + 60 / 3
    desk.machine.pass_time(60.0)
    assert len(desk.run(photos(20, "an hour later"))[0]) == 20


def test_plugging_in_is_noticed_within_a_second() -> None:
    desk = Desk()
    desk.machine.on_battery = True
    assert desk.restraint.reason() == "on_battery"
    desk.machine.on_battery = False
    desk.machine.pass_time(1.0)
    assert desk.restraint.reason() is None


def test_other_programs_that_take_half_the_processor_make_bulk_work_wait_until_they_are_calm() -> None:
    desk = Desk()
    assert desk.let_pass(10) is None
    desk.machine.busy_cores_of_others = 1.1
    assert desk.let_pass(4) == "busy"
    assert desk.let_pass(600) == "busy"
    desk.machine.busy_cores_of_others = 0.4
    assert desk.let_pass(15) == "busy", "it may go on in a moment"
    assert desk.let_pass(10) is None


def test_our_own_work_and_lesser_work_of_others_is_no_reason_to_wait() -> None:
    desk = Desk()
    desk.machine.busy_cores_of_ours = 2.0
    desk.machine.busy_cores_of_others = 0.9
    assert desk.let_pass(60) is None


def test_what_others_did_while_nobody_looked_is_no_reason_to_wait() -> None:
    desk = Desk()
    desk.let_pass(5)
    desk.machine.others += 10_000
    desk.machine.pass_time(3600)
    assert desk.let_pass(1) is None


def test_settings_say_what_is_a_reason_to_wait() -> None:
    desk = Desk(Settings(index_on_battery=True, index_while_busy=True))
    desk.machine.on_battery = True
    desk.machine.busy_cores_of_others = 2.0
    assert desk.let_pass(10) is None
    desk = Desk(Settings(busy_percent=10))
    desk.machine.busy_cores_of_others = 0.3
    assert desk.let_pass(10) == "busy"


def test_going_on_anyway_holds_until_the_work_is_done() -> None:
    desk = Desk()
    desk.machine.on_battery = True
    assert desk.run(photos(100))[0] == []
    desk.wishes.hurried = True
    desk.machine.pass_time(1.0)
    assert desk.run(photos(100))[0] == photos(100)
    desk.restraint.finish()
    assert not desk.wishes.hurried
    desk.machine.pass_time(1.0)
    assert desk.run(photos(100, "more"))[0] == []


def test_while_others_are_busy_a_run_waits_in_its_place_and_goes_on() -> None:
    desk = Desk()
    desk.let_pass(5)
    desk.machine.busy_cores_of_others = 2.0
    desk.let_pass(5)
    rests = 0

    def rest(seconds: float) -> bool:
        nonlocal rests
        rests += 1
        desk.machine.pass_time(seconds)
        desk.machine.busy_cores_of_others = 2.0 if rests < 30 else 0.0
        return False

    described, _ = desk.run(photos(100), rest)
    assert described == photos(100)
    assert 50 <= rests <= 60, "30 s busy, and 20 s to be sure that it is calm"
    assert desk.settled == rests, "what was under way is kept before each wait"
    assert desk.meter.told[:rests] == ["busy"] * rests


def test_whoever_is_wanted_elsewhere_leaves_the_rest_and_the_run() -> None:
    desk = Desk()
    desk.let_pass(5)
    desk.machine.busy_cores_of_others = 2.0
    desk.let_pass(5)
    described, turns = desk.run(photos(100), lambda _seconds: True)
    assert described == []
    assert not turns.come_again()
    described, _ = desk.run([*photos(100), "new"])
    assert described == ["new"], "without a rest before what was left the last time"


def test_what_was_left_may_be_done_when_the_reason_is_gone() -> None:
    desk = Desk()
    desk.machine.on_battery = True

    def rest(seconds: float) -> bool:
        desk.machine.pass_time(seconds)
        desk.machine.on_battery = desk.machine.now < 1100
        return False

    described, turns = desk.run(photos(100), rest)
    assert described == []
    assert turns.come_again()
    assert set(desk.meter.told[:-1]) == {"on_battery"}
    assert desk.meter.told[-1] is None
    assert desk.run(photos(100), rest)[0] == photos(100)


def test_who_is_told_to_stop_does_not_wait() -> None:
    desk = Desk()
    desk.machine.on_battery = True
    desk.stop.set()
    described, turns = desk.run(photos(100))
    assert described == []
    assert not turns.come_again()


class PacedStop(threading.Event):
    """Waiting for it lets the machine's time pass instead of the test's."""

    def __init__(self, machine: FakeMachine) -> None:
        super().__init__()
        self._machine = machine

    def wait(self, timeout: float | None = None) -> bool:
        self._machine.pass_time(timeout or 0.0)
        return self.is_set()


@pytest.mark.parametrize(("percent", "cores"), [(50, 2), (25, 2), (50, 8), (10, 4)])
def test_the_ceiling_is_kept(percent: int, cores: int) -> None:
    desk = Desk(Settings(indexing_cpu_percent=percent))
    desk.machine.cores = cores
    desk.restraint = Restraint(
        Settings(indexing_cpu_percent=percent), desk.machine, desk.wishes, clock=desk.machine.clock
    )
    desk.stop = PacedStop(desk.machine)
    turns = desk.restraint.turns(desk.meter, desk.stop)
    turns.begin(2000)
    began = desk.machine.now
    for photo in photos(2000):
        assert turns.comes(photo, lambda: None)
        desk.machine.ours += 0.040  # a photo's work, on all cores at once
        desk.machine.now += 0.040 / cores
    share = desk.machine.ours / (desk.machine.now - began) / cores
    assert share == pytest.approx(percent / 100, rel=0.05)
    assert desk.meter.told[-1] == percent


def test_a_daemon_that_takes_more_than_the_ceiling_by_answering_still_indexes() -> None:
    desk = Desk(Settings(indexing_cpu_percent=1))
    desk.machine.busy_cores_of_ours = 1.0
    desk.stop = PacedStop(desk.machine)
    turns = desk.restraint.turns(desk.meter, desk.stop)
    turns.begin(100)
    began = desk.machine.now
    assert all(turns.comes(photo, lambda: None) for photo in photos(100))
    assert desk.machine.now - began <= 100


def test_work_below_the_ceiling_is_not_slowed() -> None:
    desk = Desk(Settings(indexing_cpu_percent=50))
    desk.stop = PacedStop(desk.machine)
    turns = desk.restraint.turns(desk.meter, desk.stop)
    began = desk.machine.now
    for photo in photos(200):
        assert turns.comes(photo, lambda: None)
        desk.machine.ours += 0.040
        desk.machine.now += 0.050  # it waits for the disk
    assert desk.machine.now - began == pytest.approx(200 * 0.050)
    assert set(desk.meter.told) == {None}


def test_without_a_ceiling_and_in_a_hurry_nothing_is_slowed() -> None:
    for settings, hurried in ((Settings(indexing_cpu_percent=100), False), (Settings(indexing_cpu_percent=1), True)):
        desk = Desk(settings)
        desk.wishes.hurried = hurried
        desk.machine.busy_cores_of_ours = 2.0
        for photo in photos(200):
            desk.machine.pass_time(0.020)
            assert desk.run([photo])[0] == [photo]
        assert set(desk.meter.told) == {None}


def test_what_was_taken_before_a_pause_in_the_work_is_not_held_against_it() -> None:
    desk = Desk(Settings(indexing_cpu_percent=50))
    desk.restraint.pause_seconds()
    desk.machine.ours += 1000
    desk.machine.pass_time(3600)
    assert desk.restraint.pause_seconds() == 0.0
