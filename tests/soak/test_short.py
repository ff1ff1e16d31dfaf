"""The short form: half a minute of browsing while every kind of fault comes once. The long form: scripts/soak."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.soak.faults import HARSH_FAULTS, MILD_FAULTS

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(1_300)
def test_every_promise_holds_while_everything_goes_wrong_once(tmp_path: Path) -> None:
    """In a process of its own, whose mounts nobody else sees."""
    seed = os.environ.get("ISTHISME_SEED", str(random.randrange(10**6)))
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", "--short", "--seed", seed, "--out", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1_200,
        check=False,
    )
    assert done.returncode == 0, f"ISTHISME_SEED={seed}\n{done.stdout}\n{done.stderr}"
    told = json.loads((tmp_path / "soak.json").read_text())
    faults = {name.removeprefix("fault: ").replace(" ", "_") for name in told["counts"] if name.startswith("fault: ")}
    assert faults == {*HARSH_FAULTS, *MILD_FAULTS}
    checked = {row["promise"]: row["checked"] for row in told["promises"]}
    assert [promise for promise, times in checked.items() if not times and "flat" not in promise] == []
    assert (tmp_path / "soak.png").stat().st_size > 0
