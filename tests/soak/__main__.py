"""The command line of the soak: scripts/soak."""
# ruff: noqa: T201 it speaks to a person

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.soak.disk import disk_at
from tests.soak.document import around_the_run, take_in
from tests.soak.plan import long_plan, short_plan
from tests.soak.report import table, write
from tests.soak.run import run


def main() -> int:
    options = _options()
    if options.document is not None:
        around_the_run(options.document)  # an hour later would be too late to find that it has no place
    seed = random.randrange(10**6) if options.seed is None else options.seed
    chosen = long_plan(seed, options.images, options.minutes, options.faults)
    plan = short_plan(seed) if options.short else chosen
    out = options.out or Path(tempfile.mkdtemp(prefix="isthisme-soak-results-"))
    out.mkdir(parents=True, exist_ok=True)
    print(f"seed {seed}; results go to {out}", flush=True)
    with tempfile.TemporaryDirectory(prefix="isthisme-soak-") as folder, disk_at(Path(folder) / "home") as disk:
        try:
            made = asyncio.run(run(plan, Path(folder), disk, lambda words: print(words, flush=True)))
        finally:
            for log in (Path(folder) / "home").glob("daemon.log*"):
                (out / log.name).write_bytes(log.read_bytes())
    report = write(made, out)
    if options.document is not None:
        take_in(options.document, out)
    print(table(report))
    return 0 if made.findings.are_good else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/soak",
        description="Simulates browsing against the real daemon while things go wrong, and says which promises held.",
        epilog="Ends with 0 where all held, 1 where one was broken.",
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="in which the pictures are asked about (60)")
    parser.add_argument("--images", type=int, default=100_000, help="pictures of pages, in all (100000)")
    parser.add_argument("--seed", type=int, help="repeats a plan; drawn by lot and told where there is none")
    parser.add_argument("--faults", choices=("none", "some", "all"), default="all", help="what goes wrong (all)")
    parser.add_argument("--out", type=Path, help="folder for soak.txt, .json, .md, .png and the daemon's log")
    parser.add_argument("--document", type=Path, help="docs/reliability.md, to tell this run in place of the one there")
    parser.add_argument("--short", action="store_true", help="half a minute, each kind of fault once, without a model")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
