"""A daemon whose home folder was deleted ends, and no other does."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from isthisme.server.eviction import until_evicted
from tests.companion import client, running_daemon


class Looks:
    """What each look finds, in order."""

    def __init__(self, *found: bool) -> None:
        self._found: Iterator[bool] = iter(found)
        self.count = 0

    def __call__(self) -> bool:
        self.count += 1
        return next(self._found)


def test_one_look_that_finds_nothing_is_not_enough() -> None:
    looks = Looks(True, False, False, True, False, False, False)
    asyncio.run(until_evicted(looks, look_seconds=0))
    assert looks.count == 7


@pytest.mark.slow
def test_a_daemon_whose_home_was_deleted_ends_by_itself(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    with running_daemon(home) as process:
        with client(home) as asker:
            assert asker.ask("status")["type"] == "status"
        shutil.rmtree(home.rename(tmp_path / "trash"), ignore_errors=True)  # at once: it may be writing
        assert process.wait(60) == 0
        assert not home.exists(), "and it makes nothing anew there"
