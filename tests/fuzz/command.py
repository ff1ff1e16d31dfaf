"""scripts/fuzz TARGET|all [--runs N | --seconds S] [--seed K] ...: a campaign against each target, and a table."""

# ruff: noqa: T201 a command that prints a table

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.fuzz import guidance
from tests.fuzz.campaign import Outcome, Plan, carry_out
from tests.fuzz.catalogue import NAMES, load
from tests.fuzz.reach import Reach, reach_of

FOUND = Path("build") / "fuzz"
_RUNS = 10_000
_RUNS_FOR_REACH = 2_000


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description="Attacks the doors for hostile bytes.")
    parser.add_argument("target", choices=(*NAMES, "all"))
    parser.add_argument("--runs", type=int, help=f"inputs for each target ({_RUNS:,} where no time is named)")
    parser.add_argument("--seconds", type=float, help="for each target")
    parser.add_argument("--seed", type=int, default=1, help="the same number makes the same inputs")
    parser.add_argument("--plain", action="store_true", help="without atheris, also where it is installed")
    parser.add_argument("--reach", action="store_true", help="tell lines and branches reached (coverage.py)")
    parser.add_argument("--into", type=Path, default=FOUND, help="the folder for inputs that failed")
    parser.add_argument("--input", type=Path, help="do this one input, and nothing else")
    asked = parser.parse_args(arguments)
    names = NAMES if asked.target == "all" else (asked.target,)
    if asked.input is not None:
        return _once(names[0], asked.input)
    runs = asked.runs if asked.runs is not None or asked.seconds is not None else _RUNS
    is_guided = guidance.is_here() and not asked.plain
    by = "atheris" if is_guided else "plain mutation"
    print(f"| target | inputs ({by}, seed {asked.seed}) | held | a second | lines | branches | findings |")
    print("|---|---|---|---|---|---|---|", flush=True)
    is_clean = True
    for name in names:
        outcome = carry_out(Plan(name, runs, asked.seconds, asked.seed, asked.into.absolute(), is_guided))
        reach = _reach(name, asked.seed) if asked.reach else None
        print(_row(name, outcome, reach), flush=True)
        is_clean &= outcome.is_clean
    if not is_clean:
        print(f"\nThe inputs that failed, and how to do them again: {asked.into}/TARGET/", file=sys.stderr)
    return 0 if is_clean else 1


def _row(name: str, outcome: Outcome, reach: Reach | None) -> str:
    held = f"{outcome.units:,}"
    lines, branches = ("", "") if reach is None else (f"{reach.lines:.0%}", f"{reach.branches:.0%}")
    found = "; ".join(f"{times:,} x {place}" for place, times in outcome.places.items()) or "none"
    pace = outcome.runs / max(outcome.seconds, 1e-9)
    return f"| {name} | {outcome.runs:,} | {held} | {pace:,.0f} | {lines} | {branches} | {found.replace('|', '/')} |"


def _reach(name: str, number: int) -> Reach | None:
    """In a new process: nothing that is counted may be loaded before."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as one:
        return one.submit(reach_of, name, _RUNS_FOR_REACH, number).result()


def _once(name: str, path: Path) -> int:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="isthisme-fuzz-") as scratch:
        target = load(name, Path(scratch))
        try:
            held = target.attack(path.read_bytes())
        finally:
            target.close()
    print(f"{name} stood {path} ({held} {target.unit})")
    return 0
