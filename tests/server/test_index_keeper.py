"""The daemon's thread that keeps the index: what it does besides indexing."""

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from isthisme.catalog import Catalog
from isthisme.indexer import Indexer, Outcome
from isthisme.server.index_keeper import IndexKeeper
from isthisme.server.sleep_watch import SleepWatch
from tests.companion import wait_until


class _NothingToDo(Indexer):
    def __init__(self) -> None:
        pass

    def refresh(self) -> Outcome:
        return Outcome()


def test_verdicts_past_their_time_go_while_the_daemon_runs(tmp_path: Path) -> None:
    with closing(Catalog(tmp_path / "catalog.db", verdict_days=0)) as catalog:

        def kept() -> int:
            return len(catalog._connection.rows("select 1 from verdicts"))

        def make_indexer(_stop: threading.Event, _rest: Callable[[float], bool]) -> Indexer:
            return _NothingToDo()

        with closing(IndexKeeper(catalog, make_indexer, tmp_path / "lock", watches=False)) as keeper:
            keeper.start()
            catalog.verdicts.remember("http://a/", catalog.generations.mark(), "{}")
            keeper.refresh()
            wait_until(lambda: kept() == 0, "the verdict is gone")


class _Waits(Indexer):
    """Waits for ever, as on battery, until something else comes first."""

    def __init__(self, rest: Callable[[float], bool], runs: list[str]) -> None:
        self._rest_of_keeper = rest
        self._runs = runs

    def refresh(self) -> Outcome:
        self._runs.append("refresh")
        if len(self._runs) > 1:
            return Outcome()
        while not self._rest_of_keeper(60.0):
            pass
        return Outcome(was_interrupted=True)


def test_a_run_that_waits_makes_way_for_what_changed_meanwhile(tmp_path: Path) -> None:
    runs: list[str] = []
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:

        def make_indexer(_stop: threading.Event, rest: Callable[[float], bool]) -> Indexer:
            return _Waits(rest, runs)

        with closing(IndexKeeper(catalog, make_indexer, tmp_path / "lock", watches=False)) as keeper:
            keeper.start()
            wait_until(lambda: runs == ["refresh"], "the first run waits")
            keeper.refresh()
            wait_until(lambda: runs == ["refresh", "refresh"], "the second run looked at what changed")


def test_a_run_that_waits_ends_when_the_daemon_does(tmp_path: Path) -> None:
    runs: list[str] = []
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:

        def make_indexer(_stop: threading.Event, rest: Callable[[float], bool]) -> Indexer:
            return _Waits(rest, runs)

        with closing(IndexKeeper(catalog, make_indexer, tmp_path / "lock", watches=False)) as keeper:
            keeper.start()
            wait_until(lambda: runs == ["refresh"], "the run waits")
    assert runs == ["refresh"]


class _SleepsOnce(SleepWatch):
    """Says that the computer slept, once that is asked for."""

    is_asleep = False

    def has_slept(self) -> bool:
        said, self.is_asleep = self.is_asleep, False
        return said


@pytest.mark.parametrize("waits", [False, True])
def test_after_sleep_the_folders_are_looked_through(tmp_path: Path, waits: bool) -> None:
    runs: list[str] = []
    watch = _SleepsOnce()
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:

        def make_indexer(_stop: threading.Event, rest: Callable[[float], bool]) -> Indexer:
            if waits:
                return _Waits(rest, runs)
            runs.append("refresh")
            return _NothingToDo()

        with closing(
            IndexKeeper(catalog, make_indexer, tmp_path / "lock", watches=False, sleep_watch=watch, glance_seconds=0.01)
        ) as keeper:
            keeper.start()
            wait_until(lambda: runs == ["refresh"], "the first run")
            watch.is_asleep = True
            wait_until(lambda: runs == ["refresh", "refresh"], "the run after sleep")
