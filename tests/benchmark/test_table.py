"""What the tables of scripts/bench rest on: how often something is timed, and what all processes together spent."""

import subprocess
import sys

import pytest

from isthisme.benchmark.footprint import family_processor_seconds
from isthisme.benchmark.table import timed

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts those that have ended")


def test_work_is_timed_as_often_as_asked_for_after_a_run_that_is_not_counted() -> None:
    done: list[None] = []
    assert len(timed(lambda: done.append(None), repeats=7).runs) == 7
    assert len(done) == 8


def test_where_time_is_short_three_runs_are_enough() -> None:
    assert len(timed(lambda: None, repeats=50, seconds=0.0).runs) == 3
    assert len(timed(lambda: None, repeats=2, seconds=0.0).runs) == 2


@on_linux
def test_what_ended_processes_spent_is_counted_once() -> None:
    """A grandchild that has ended, while its parent lives, and then that parent."""
    spends = "import time\nwhile time.process_time() < 0.3: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {spends!r}]); print(flush=True); input()"
    before = family_processor_seconds()
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        alive = family_processor_seconds()
        child.communicate(b"\n")
    ended = family_processor_seconds()
    assert alive - before > 0.25  # the system counts in hundredths
    assert ended >= alive
    assert ended - before < 2 * (alive - before), "and not once more"
