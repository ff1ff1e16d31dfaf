"""A computer whose power, load and clock a test sets. Nothing in it takes time but what the test says."""

from dataclasses import dataclass


@dataclass(slots=True)
class Times:
    ours: float = 0.0
    others: float = 0.0


@dataclass(slots=True)
class FakeMachine:
    """Fits `isthisme.indexing.restraint.Machine`; `clock` is its clock."""

    cores: int = 2
    on_battery: bool = False
    now: float = 1000.0
    busy_cores_of_ours: float = 0.0
    busy_cores_of_others: float = 0.0
    ours: float = 0.0
    others: float = 0.0
    readings: int = 0

    def clock(self) -> float:
        return self.now

    def is_on_battery(self) -> bool:
        return self.on_battery

    def processor_times(self) -> Times:
        self.readings += 1
        return Times(self.ours, self.others)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.ours += self.busy_cores_of_ours * seconds
        self.others += self.busy_cores_of_others * seconds


class FakeWishes:
    """Fits `isthisme.indexing.restraint.Wishes`."""

    def __init__(self) -> None:
        self.hurried = False

    def is_hurried(self) -> bool:
        return self.hurried

    def put_hurry(self, *, is_wanted: bool) -> None:
        self.hurried = is_wanted
