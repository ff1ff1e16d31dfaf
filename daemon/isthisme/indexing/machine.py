"""The computer that we run on: its power, and who takes how much of its processor."""

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

_POWER_SUPPLIES = Path("/sys/class/power_supply")
_COUNTS_NICED_APART = sys.platform == "linux"


@dataclass(frozen=True, slots=True)
class ProcessorTimes:
    """Processor seconds, summed over all cores since some time in the past; only differences mean something."""

    ours: float  # of this process and its workers
    others: float  # of all other programs, save for those that give way themselves (niced), where that can be told


class Machine:
    def __init__(
        self, worker_ids: Callable[[], Iterable[int]] = tuple, *, power_supplies: Path = _POWER_SUPPLIES
    ) -> None:
        self.cores = os.cpu_count() or 1
        self._worker_ids = worker_ids
        self._power_supplies = power_supplies
        self._process = psutil.Process()

    def is_on_battery(self) -> bool:
        """Whether it runs down a battery. False where there is none, or where that cannot be told."""
        if sys.platform == "linux":
            # Not psutil's answer: there the battery of a wireless mouse counts, too, and few names of mains adapters.
            return _runs_down_a_battery(self._power_supplies)
        battery = psutil.sensors_battery()
        return battery is not None and battery.power_plugged is False

    def processor_times(self) -> ProcessorTimes:
        own = self._process.cpu_times()
        # Workers that ended are counted by their parent.
        ours = own.user + own.system + own.children_user + own.children_system
        plain = own.system + own.children_system + (0.0 if self._process.nice() > 0 else own.user)
        for worker_id in self._worker_ids():
            try:
                worker = psutil.Process(worker_id)
                times, niceness = worker.cpu_times(), worker.nice()
            except psutil.Error:  # it ended this moment
                continue
            ours += times.user + times.system
            plain += times.system + (0.0 if niceness > 0 else times.user)
        everyone = psutil.cpu_times()
        busy = everyone.user + everyone.system + getattr(everyone, "irq", 0.0) + getattr(everyone, "softirq", 0.0)
        return ProcessorTimes(ours, busy - (plain if _COUNTS_NICED_APART else ours))


def _runs_down_a_battery(power_supplies: Path) -> bool:
    is_discharging = False
    try:
        supplies = sorted(power_supplies.iterdir())
    except OSError:
        return False
    for supply in supplies:
        if _word(supply / "scope") == "Device":  # of a mouse or a headset
            continue
        kind = _word(supply / "type")
        if kind in ("Mains", "USB") and _word(supply / "online") not in ("", "0"):
            return False
        is_discharging |= kind == "Battery" and _word(supply / "status") == "Discharging"
    return is_discharging


def _word(path: Path) -> str:
    """The file's one word; '' where there is no such file, or the driver does not answer."""
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
