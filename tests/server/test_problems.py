"""What the daemon says is wrong while it goes on: each with its code, in words that do not change by the second."""

import errno
import fcntl
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from watchdog.observers import Observer

from isthisme.catalog import Catalog
from isthisme.errors import CatalogUnusable, DiskFull, IsThisMeError, ModelUnusable, WorkerCrashed
from isthisme.indexing.indexer import Indexer, Outcome
from isthisme.indexing.watcher import Watcher
from isthisme.server import problems
from isthisme.server.index_keeper import IndexKeeper
from tests.companion import wait_until


class _Scripted(Indexer):
    """One run after the other does what it is told."""

    def __init__(self, runs: list[Outcome | IsThisMeError]) -> None:
        self._runs = runs

    def refresh(self) -> Outcome:
        run = self._runs.pop(0) if len(self._runs) > 1 else self._runs[0]
        if isinstance(run, IsThisMeError):
            raise run
        return run


def codes(found: Sequence[problems.Problem]) -> list[str]:
    return [problem.code for problem in found]


def keeper_of(catalog: Catalog, folder: Path, *runs: Outcome | IsThisMeError) -> IndexKeeper:
    scripted = list(runs)

    def make_indexer(_stop: threading.Event, _rest: Callable[[float], bool]) -> Indexer:
        return _Scripted(scripted)

    return IndexKeeper(catalog, make_indexer, folder / "lock", watches=False)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ModelUnusable("no such model"), "model_unusable"),
        (DiskFull("no space is left"), "disk_full"),
        (CatalogUnusable("the disk refuses"), "catalog_unusable"),
        (WorkerCrashed("a worker died"), "indexing_failed"),
    ],
)
def test_why_indexing_failed_keeps_its_name_until_it_works(tmp_path: Path, error: IsThisMeError, code: str) -> None:
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:
        keeper = keeper_of(catalog, tmp_path, error, Outcome())
        with closing(keeper):
            keeper.start()
            wait_until(lambda: codes(keeper.problems()) == [code], "the problem is said")
            assert str(error) in keeper.problems()[0].message
            keeper.refresh()
            wait_until(lambda: keeper.problems() == [], "it is over")


def test_folders_that_are_away_or_may_not_be_read_are_named(tmp_path: Path) -> None:
    outcome = Outcome(absent_folders=[Path("/media/drive")], unreadable_folders=[Path("/home/a/private")])
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:
        keeper = keeper_of(catalog, tmp_path, outcome)
        with closing(keeper):
            keeper.start()
            wait_until(lambda: len(keeper.problems()) == 2, "both are said")
        away, private = keeper.problems()
    assert (away.code, private.code) == ("folder_absent", "folder_unreadable")
    assert "/media/drive" in away.message
    assert "/home/a/private" in private.message


def test_an_index_that_another_program_holds_is_said_to_be_held(tmp_path: Path) -> None:
    with closing(Catalog(tmp_path / "catalog.db")) as catalog, (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        keeper = keeper_of(catalog, tmp_path, Outcome())
        with closing(keeper):
            keeper.start()
            wait_until(lambda: codes(keeper.problems()) == ["index_locked"], "it is said")
            fcntl.flock(lock, fcntl.LOCK_UN)
            wait_until(lambda: keeper.problems() == [], "it is over")


def test_a_folder_that_the_system_refuses_to_watch_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class _Full(Observer):  # type: ignore[misc] # another class on each system
        def schedule(self, *_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "inotify watch limit reached")

    with closing(Watcher(lambda _event: None)) as watcher:
        assert watcher.watch([tmp_path]) == [tmp_path]
        assert watcher.unwatched == []
    with closing(Watcher(lambda _event: None, observer=_Full())) as watcher:
        for _ in range(3):
            assert watcher.watch([tmp_path, tmp_path / "nowhere"]) == []
            assert watcher.unwatched == [tmp_path]
        assert len(caplog.messages) == 1, "not at every look"
        (problem,) = problems.unwatched(watcher.unwatched)
    assert problem.code == "folder_unwatched"
    assert str(tmp_path) in problem.message


def test_a_folder_of_which_the_system_watches_a_part_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class _NearlyFull(Observer):  # type: ignore[misc] # another class on each system
        taken = 0

        def schedule(self, *given: object, **named: object) -> object:
            self.taken += 1
            if self.taken > 1:
                raise OSError(errno.ENOSPC, "inotify watch limit reached")
            return super().schedule(*given, **named)

    with closing(Watcher(lambda _event: None, observer=_NearlyFull())) as watcher:
        assert watcher.watch([tmp_path]) == [tmp_path]
        for _ in range(3):
            assert watcher.watch([tmp_path]) == []
            assert watcher.unwatched == [tmp_path]
    assert len(caplog.messages) == 1


def test_a_disk_that_is_nearly_full_is_said_without_a_figure_that_changes(tmp_path: Path) -> None:
    assert problems.little_space(tmp_path, little=1) == []
    (first,), (second,) = (problems.little_space(tmp_path, little=1 << 60) for _ in range(2))
    assert first == second
    assert first.code == "disk_nearly_full"
    assert problems.little_space(tmp_path / "nowhere") == []


def test_many_folders_are_named_in_part() -> None:
    (problem,) = problems.unreadable_folders([Path(f"/{number}") for number in range(5)])
    assert problem.message.startswith("/0, /1, /2 and 2 more ")
    assert problems.unreadable_photos(0) == problems.unwatched([]) == []
    assert "1,234" in problems.unreadable_photos(1234)[0].message
