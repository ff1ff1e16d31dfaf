"""Times, and the tables that show them."""

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of repeated runs."""

    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    @property
    def p95(self) -> float:
        return sorted(self.runs)[min(len(self.runs) - 1, int(0.95 * len(self.runs)))]


_FEWEST = 3  # runs of which a median says something


def timed(
    work: Callable[[], object],
    *,
    repeats: int,
    seconds: float = math.inf,
    clock: Callable[[], float] = time.perf_counter,
) -> Timing:
    """The work's times, after one run that is not counted. After so many seconds it is enough, with three at least.

    A clock of the processor's time is right on a busy machine.
    """
    work()
    runs: list[float] = []
    while len(runs) < repeats and (len(runs) < _FEWEST or sum(runs) < 1000 * seconds):
        started = clock()
        work()
        runs.append(1000 * (clock() - started))
    return Timing(tuple(runs))


@dataclass
class Comparison:
    """One table: what we measure, the peer, and how many times as fast we are."""

    title: str
    unit: str
    more_is_better: bool
    rows: list[tuple[str, float, str, float]] = field(default_factory=list)

    def add(self, name: str, ours: float, peer_name: str, peer: float) -> None:
        self.rows.append((name, ours, peer_name, peer))

    def print(self, console: Console) -> None:
        table = Table("what", f"ours, {self.unit}", "peer", f"peer, {self.unit}", "times as fast", title=self.title)
        for name, ours, peer_name, peer in self.rows:
            ratio = ours / peer if self.more_is_better else peer / ours
            table.add_row(name, f"{ours:,.3g}", peer_name, f"{peer:,.3g}", f"{ratio:.2f}")
        console.print(table)
