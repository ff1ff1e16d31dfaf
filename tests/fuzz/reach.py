"""How much of the modules that a target is after its inputs reach: lines and branches, as coverage.py counts."""

import contextlib
import json
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.target import Attack


@dataclass(frozen=True, slots=True)
class Reach:
    """Shares of what there is, 0 to 1."""

    lines: float
    branches: float


def reach_of(name: str, most_runs: int, number: int) -> Reach | None:
    """Of the seeds and some runs, in this process, which must not have loaded the modules before; None of no module."""
    import coverage

    from tests.fuzz.attempts import opened, until
    from tests.fuzz.campaign import go_through
    from tests.fuzz.catalogue import load

    with tempfile.TemporaryDirectory(prefix="isthisme-fuzz-") as scratch:
        watch = coverage.Coverage(data_file=None, branch=True, config_file=False, messages=False)
        watch.start()
        with opened(load(name, Path(scratch))) as target:
            runs = min(most_runs, 10 * target.runs_in_ci)
            go_through(target, lambda data: _quietly(target.attack, data), until(runs, None), number)
        watch.stop()
        files = [spec.origin for module in target.covers if (spec := find_spec(module)) and spec.origin]
        if not files:
            return None
        report = Path(scratch) / "reach.json"
        watch.json_report(morfs=files, outfile=str(report))
        totals = json.loads(report.read_text())["totals"]
    return Reach(
        totals["covered_lines"] / max(1, totals["num_statements"]),
        totals["covered_branches"] / max(1, totals["num_branches"]),
    )


def _quietly(attack: Attack, data: bytes) -> None:
    with contextlib.suppress(Exception):  # the campaign tells what fails
        attack(data)
