"""How much, for how long, and what goes wrong meanwhile."""

from dataclasses import dataclass

from tests.soak.patience import OF_A_TEST, Patience

_WARM_UP_SECONDS = 420.0  # what a site says nothing about is kept for five minutes, and given up within another


@dataclass(frozen=True, slots=True)
class Plan:
    seed: int
    images: int  # of pages, asked about in all
    seconds: float  # in which they are asked about, where the machine is quick enough
    most_seconds: float  # after which it ends where the machine is not
    faults: str  # none, some or all
    fault_every_seconds: float
    daemon_dies_until: float  # share of the run after which no fault ends the daemon, so that its memory can be watched
    scale: float  # how long a fault lasts; 1 is a few seconds
    photos: int
    model: str
    workers: int  # 0: one for each processor core
    tabs: int  # of each of the two browsers
    acts_per_visit: float  # things that the user does besides
    sample_seconds: float
    warm_up_seconds: float  # of each process, before its memory counts
    patience: Patience

    @property
    def fault_count(self) -> int:
        return max(16, int(self.seconds / self.fault_every_seconds))

    @property
    def has_slopes(self) -> bool:
        """Whether it is long enough to tell growth from noise."""
        return self.seconds >= 900


def long_plan(seed: int, images: int, minutes: float, faults: str) -> Plan:
    return Plan(
        seed=seed,
        images=images,
        seconds=minutes * 60,
        most_seconds=minutes * 75,
        faults=faults,
        fault_every_seconds=18.0,
        daemon_dies_until=0.25,
        scale=1.0,
        photos=600,
        model="packaged",
        workers=0,
        tabs=4,
        acts_per_visit=0.7,
        sample_seconds=5.0,
        warm_up_seconds=_WARM_UP_SECONDS,
        patience=Patience(),
    )


def short_plan(seed: int) -> Plan:
    """All kinds of faults once, in half a minute."""
    return Plan(
        seed=seed,
        images=700,
        seconds=8.0,
        most_seconds=60.0,
        faults="all",
        fault_every_seconds=0.5,
        daemon_dies_until=0.7,
        scale=0.1,
        photos=24,
        model="none",
        workers=1,  # what costs most is starting them, and all are killed or stopped by turns
        tabs=2,
        acts_per_visit=1.0,
        sample_seconds=1.0,
        warm_up_seconds=5.0,
        patience=OF_A_TEST,
    )
