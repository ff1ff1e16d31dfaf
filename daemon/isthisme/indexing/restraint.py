"""Keeps indexing from getting in the way: on battery and while others are busy bulk work waits, else it is paced.

A handful of new photos is never bulk: they are found at once whatever the computer does.
"""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Literal, Protocol

from isthisme.config import Settings

type Reason = Literal["on_battery", "busy"]

_HANDFUL = 20  # new photos taken in at once
_SECONDS_A_PHOTO = 3.0  # until another one may be, beyond the handful
_GLANCE_SECONDS = 1.0  # between looks at the computer
_LOAD_SECONDS = 3.0  # of other programs' work that tell whether they are busy
_CALM_SECONDS = 20.0  # of no such load before they count as calm again
_PACE_SECONDS = 0.1  # between looks at our own processor time
_SAVED_SECONDS = 0.5  # of the ceiling not made use of, which may be caught up on
_SHORTEST_PAUSE_SECONDS = 0.005
_LONGEST_PAUSE_SECONDS = 1.0
_SLOWED_SECONDS = 5.0  # after a pause it still counts as slowed
_OLD_SECONDS = 10.0  # readings further apart tell nothing of what happens now


class ProcessorTimes(Protocol):
    @property
    def ours(self) -> float: ...  # processor seconds, of all cores
    @property
    def others(self) -> float: ...


class Machine(Protocol):
    @property
    def cores(self) -> int: ...
    def is_on_battery(self) -> bool: ...
    def processor_times(self) -> ProcessorTimes: ...


class Wishes(Protocol):
    def is_hurried(self) -> bool:
        """Whether the user wants what is being indexed done at full speed."""
        ...

    def put_hurry(self, *, is_wanted: bool) -> None: ...


class Meter(Protocol):
    """Hears what indexing does."""

    def wait(self, because: Reason) -> None: ...
    def slow_to(self, cpu_percent: int | None) -> None: ...


class Restraint:
    """What the settings ask for, on this computer. Lives as long as its process; one run at a time takes turns."""

    def __init__(
        self, settings: Settings, machine: Machine, wishes: Wishes, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._machine = machine
        self._wishes = wishes
        self._clock = clock
        self._neighbours = _Neighbours(settings.busy_percent / 100 * machine.cores)
        self._budget = _Budget(settings.indexing_cpu_percent / 100 * machine.cores)
        self._handful = _Handful(clock())
        self._put_off: set[int] = set()
        self._reason: Reason | None = None
        self._looked = self._paused = float("-inf")

    def turns(self, meter: Meter, stop: threading.Event, rest: Callable[[float], bool] | None = None) -> "Turns":
        """For a run that begins. `rest` waits that many seconds and says whether something else is to be done first."""
        return Turns(self, meter, stop, rest or stop.wait)

    def reason(self) -> Reason | None:
        """Why bulk work has to wait now; None when it may go on."""
        now = self._clock()
        if now - self._looked >= _GLANCE_SECONDS:
            self._looked = now
            self._reason = self._look(now)
        return self._reason

    def may_be_handful(self, photos: int) -> bool:
        """Whether so many photos to be described are a handful besides those that were put off before."""
        return photos - len(self._put_off) <= _HANDFUL

    def takes_one_more(self) -> bool:
        """Whether a new photo may go before bulk work may go on: few such came of late."""
        return self._handful.take(self._clock())

    def was_put_off(self, key: Hashable) -> bool:
        return hash(key) in self._put_off

    def put_off(self, key: Hashable) -> None:
        self._put_off.add(hash(key))

    def pause_seconds(self) -> float:
        """How long to wait before the next photo, for the ceiling's sake; 0.0 for not at all."""
        if self._settings.indexing_cpu_percent >= 100:
            return 0.0
        now = self._clock()
        if self._budget.is_due(now):
            self._budget.note(now, self._machine.processor_times().ours)
        seconds = self._budget.pause_seconds
        if seconds == 0.0 or self._wishes.is_hurried():
            return 0.0
        self._paused = now
        return seconds

    @property
    def slowed_to(self) -> int | None:
        """The ceiling in percent, while it makes a difference."""
        is_slowed = self._clock() - self._paused < _SLOWED_SECONDS
        return self._settings.indexing_cpu_percent if is_slowed else None

    def finish(self) -> None:
        """All is done: the user's wish for haste with it."""
        self._put_off.clear()
        if self._wishes.is_hurried():
            self._wishes.put_hurry(is_wanted=False)

    def _look(self, now: float) -> Reason | None:
        reason: Reason | None = None
        if not self._settings.index_on_battery and self._machine.is_on_battery():
            reason = "on_battery"
        elif not self._settings.index_while_busy and self._neighbours.are_busy(
            now, self._machine.processor_times().others
        ):
            reason = "busy"
        return None if reason is not None and self._wishes.is_hurried() else reason


class Turns:
    """One run's way through its photos: each asks for its turn."""

    def __init__(
        self, restraint: Restraint, meter: Meter, stop: threading.Event, rest: Callable[[float], bool]
    ) -> None:
        self._restraint = restraint
        self._meter = meter
        self._stop = stop
        self._rest = rest
        self._is_wanted_elsewhere = False
        self._is_handful = False

    def begin(self, photos: int) -> None:
        """So many photos are to be described."""
        self._is_handful = self._restraint.may_be_handful(photos)

    def comes(self, key: Hashable, settle: Callable[[], None]) -> bool:
        """Waits until the photo's turn comes; False where it is to be left for the end of the run.

        `settle` is called before a wait that may take long, for the photos under way.
        """
        while (reason := self._restraint.reason()) is not None:
            if self._restraint.was_put_off(key):
                return False  # what is new may come behind it
            if self._is_handful and self._restraint.takes_one_more():
                return True
            # Other programs may be calm again soon, and then the folders need not be looked through once more.
            if reason == "on_battery" or self._is_wanted_elsewhere or self._stop.is_set():
                self._restraint.put_off(key)
                return False
            settle()
            self._meter.wait(reason)
            self._is_wanted_elsewhere = self._rest(_GLANCE_SECONDS)
        # Once, however much the rest of this process takes meanwhile: a daemon that answers and answers still indexes.
        seconds = self._restraint.pause_seconds()
        if seconds > 0:
            self._stop.wait(seconds)
        self._meter.slow_to(self._restraint.slowed_to)
        return True

    def come_again(self) -> bool:
        """Waits until what was left may be done; False where something else is to be done first."""
        while not self._is_wanted_elsewhere and not self._stop.is_set():
            reason = self._restraint.reason()
            if reason is None:
                self._meter.slow_to(self._restraint.slowed_to)
                return True
            self._meter.wait(reason)
            self._is_wanted_elsewhere = self._rest(_GLANCE_SECONDS)
        return False


class _Neighbours:
    """Whether other programs need the processor."""

    def __init__(self, busy_cores: float) -> None:
        self._busy_cores = busy_cores
        self._time = float("-inf")
        self._seconds = 0.0
        self._busy_until = float("-inf")

    def are_busy(self, now: float, processor_seconds: float) -> bool:
        """With what they took so far, processor seconds; they are calm until that could be seen twice."""
        elapsed = now - self._time
        if elapsed >= _LOAD_SECONDS:
            is_recent = elapsed < _OLD_SECONDS
            if is_recent and processor_seconds - self._seconds >= self._busy_cores * elapsed:
                self._busy_until = now + _CALM_SECONDS
            self._time, self._seconds = now, processor_seconds
        return now < self._busy_until


class _Budget:
    """The processor time that we may take: what was taken above it is waited off."""

    def __init__(self, cores: float) -> None:
        self._cores = cores  # that we may keep busy, in the mean
        self._time = float("-inf")
        self._seconds = 0.0
        self._debt = 0.0  # processor seconds

    def is_due(self, now: float) -> bool:
        return now - self._time >= _PACE_SECONDS

    def note(self, now: float, processor_seconds: float) -> None:
        """What we took so far, processor seconds."""
        elapsed = now - self._time
        is_recent = elapsed < _OLD_SECONDS
        debt = self._debt + processor_seconds - self._seconds - self._cores * elapsed if is_recent else 0.0
        # Neither saved for long nor held against us for long.
        self._debt = max(-_SAVED_SECONDS * self._cores, min(debt, _LONGEST_PAUSE_SECONDS * self._cores))
        self._time, self._seconds = now, processor_seconds

    @property
    def pause_seconds(self) -> float:
        seconds = self._debt / self._cores
        return seconds if seconds >= _SHORTEST_PAUSE_SECONDS else 0.0


class _Handful:
    """So many photos at once; spent ones come back with time."""

    def __init__(self, now: float) -> None:
        self._left = float(_HANDFUL)
        self._time = now

    def take(self, now: float) -> bool:
        self._left = min(self._left + (now - self._time) / _SECONDS_A_PHOTO, _HANDFUL)
        self._time = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
