"""The progress that processes share: seen while its process lives, whatever the clock does."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from isthisme.catalog.database import Connection
from isthisme.catalog.facts import Facts, Progress

PROGRESS = Progress("indexing", "describing", 3, 9, 2.5, 2.4, 1, None, 50)


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def facts(tmp_path: Path, clock: Clock) -> Iterator[Facts]:
    with closing(Connection(tmp_path / "catalog.db")) as connection:
        yield Facts(connection, wall_clock=clock)


def test_progress_is_read_as_it_was_put_and_goes_when_it_is_over(facts: Facts) -> None:
    assert facts.progress() is None
    facts.put_progress(PROGRESS)
    assert facts.progress() == PROGRESS
    facts.put_progress(None)
    assert facts.progress() is None


@pytest.mark.parametrize("seconds", [-3600, -121, 121, 8 * 3600])
def test_progress_that_was_not_renewed_is_dropped_whichever_way_the_clock_went(
    facts: Facts, clock: Clock, seconds: int
) -> None:
    facts.put_progress(PROGRESS)
    clock.now += seconds
    assert facts.progress() is None
    facts.put_progress(PROGRESS)
    assert facts.progress() == PROGRESS, "renewed, it counts again"


@pytest.mark.parametrize("seconds", [-100, 100])
def test_a_photo_that_takes_long_leaves_the_progress_there(facts: Facts, clock: Clock, seconds: int) -> None:
    facts.put_progress(PROGRESS)
    clock.now += seconds
    assert facts.progress() == PROGRESS


def test_the_progress_of_a_process_that_was_killed_is_dropped_at_once(facts: Facts, tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from isthisme.catalog.database import Connection\n"
        "from isthisme.catalog.facts import Facts, Progress\n"
        "facts = Facts(Connection(__import__('pathlib').Path(sys.argv[1])), wall_clock=lambda: 1_800_000_000.0)\n"
        f"facts.put_progress({PROGRESS!r})\n"
        "assert facts.progress() is not None\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "catalog.db"], check=False)
    assert done.returncode == -9
    assert facts.progress() is None


def test_progress_that_an_older_program_wrote_is_not_misread(facts: Facts) -> None:
    facts._put("progress", f'{{"at": {Clock.now}, "process": {os.getpid()}, "task": "indexing", "done": 3}}')
    assert facts.progress() is None
