"""Switched on or off and killed at every step, or on a full disk: nothing is lost, and the next run ends it."""

import random
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import isthisme.catalog.cipher  # noqa: F401 once, for all processes that are killed
from isthisme.encryption import RECORD_NAME
from isthisme.errors import CatalogUnusable, DiskFull, IsThisMeError
from tests.durability import doomed
from tests.durability.conftest import chance, mother, quick_path  # noqa: F401 fixtures
from tests.durability.doomed import Acknowledge, Mother
from tests.encryption.homes import KeptHome, at, contents, leaks, make_home, unfinished

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]  # hundreds of processes

_RANDOM_KILLS = 8


def turn_on(home: KeptHome, acknowledge: Acknowledge) -> None:
    home.turn_on()
    acknowledge("on")


def turn_off(home: KeptHome, acknowledge: Acknowledge) -> None:
    home.turn_off()
    acknowledge("off")


@pytest.fixture
def plain(quick_path: Path) -> KeptHome:  # noqa: F811
    return make_home(quick_path, with_bundle=False)


def copy_of(home: KeptHome, name: str) -> KeptHome:
    """Afresh, with its key."""
    folder = home.paths.home.parent.parent / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(home.paths.home.parent, folder)
    copied = at(folder / "home", home.secrets)
    record = copied.paths.home / RECORD_NAME
    if record.exists():
        record.write_text(record.read_text().replace(str(home.stick), str(copied.stick)))
    return copied


def kills(mother: Mother, work: doomed.Work, home: KeptHome, chance: random.Random) -> Iterator[KeptHome]:  # noqa: F811
    """Homes after a kill at each file that is opened, renamed or removed, and after some at any moment."""
    events = mother.events(work, copy_of(home, "trial"))
    assert events > 30
    for number in range(1, events + 1):
        trial = copy_of(home, "trial")
        assert mother.run(work, trial, dies_at=number).was_killed
        yield trial
    for _ in range(_RANDOM_KILLS):
        trial = copy_of(home, "trial")
        mother.run(work, trial, killed_after=chance.uniform(0, 0.1))
        yield trial


def test_switching_on_killed_anywhere_loses_nothing_and_the_next_run_leaves_nothing_plain(
    plain: KeptHome,
    mother: Mother,  # noqa: F811
    chance: random.Random,  # noqa: F811
) -> None:
    before = contents(plain)
    for trial in kills(mother, turn_on, plain, chance):
        assert contents(trial) == before
        if not (trial.paths.home / RECORD_NAME).exists():
            trial.stick.unlink(missing_ok=True)  # a key of nothing: a new one is made
        trial.turn_on()
        assert leaks(trial) == []
        assert unfinished(trial) == []
        assert contents(trial) == before


def test_switching_off_killed_anywhere_loses_nothing_and_the_next_run_ends_it(
    plain: KeptHome,
    mother: Mother,  # noqa: F811
    chance: random.Random,  # noqa: F811
) -> None:
    before = contents(plain)
    plain.turn_on()
    for trial in kills(mother, turn_off, plain, chance):
        assert contents(trial) == before
        if (trial.paths.home / RECORD_NAME).exists():
            trial.turn_off()
        assert unfinished(trial) == []
        assert contents(trial) == before
        assert not (trial.paths.home / RECORD_NAME).exists()


def in_little_space(home: KeptHome, limit: int, acknowledge: Acknowledge) -> None:
    """The limit is on the size of each file, which the system enforces for everybody."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        home.turn_on()
    except IsThisMeError as error:
        acknowledge((type(error).__name__, str(error)))
    else:
        acknowledge(("done", ""))


def test_on_a_full_disk_nothing_is_lost_and_it_goes_on_when_there_is_space(
    plain: KeptHome,
    mother: Mother,  # noqa: F811
) -> None:
    before = contents(plain)
    said = set()
    for limit in (1_000, 20_000, 80_000, plain.paths.catalog.stat().st_size - 4096):
        trial = copy_of(plain, "trial")
        ((name, words),) = mother.run(in_little_space, trial, limit).acknowledged
        said.add(name)
        assert "space" in words or "full" in words
        assert contents(trial) == before
        if not (trial.paths.home / RECORD_NAME).exists():
            trial.stick.unlink(missing_ok=True)
        trial.turn_on()
        assert leaks(trial) == []
        assert unfinished(trial) == []
        assert contents(trial) == before
    assert said <= {DiskFull.__name__, CatalogUnusable.__name__}
