"""The daemon's thread that keeps the index up to date: at the start, when files change, when somebody asks."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from isthisme.catalog import Catalog
from isthisme.errors import Busy, IsThisMeError
from isthisme.indexer import Indexer, indexing_lock
from isthisme.server.sleep_watch import SleepWatch
from isthisme.watcher import Watcher

_log = logging.getLogger(__name__)

_CALM_SECONDS = 1.0  # files still being written are left alone
_LONGEST_WAIT_SECONDS = 5.0  # however busy a folder is
_LOOK_THROUGH_SECONDS = 3600.0  # network folders give no events
_BUSY_SECONDS = 2.0
_GLANCE_SECONDS = 20.0  # between looks whether the computer slept


class IndexKeeper:
    def __init__(
        self,
        catalog: Catalog,
        make_indexer: Callable[[threading.Event, Callable[[float], bool]], Indexer],
        lock: Path,
        *,
        watches: bool,
        sleep_watch: SleepWatch | None = None,
        glance_seconds: float = _GLANCE_SECONDS,
    ) -> None:
        """`make_indexer` gets what stops a run, and how it rests: seconds, to whether something else comes first."""
        self._catalog = catalog
        self._make_indexer = make_indexer
        self._lock = lock
        self._stop = threading.Event()
        self._woken = threading.Condition()
        self._sleep_watch = sleep_watch or SleepWatch()
        self._glance_seconds = glance_seconds
        self._wants_refresh = True  # what changed while nobody looked
        self._wants_rebuild = False
        self._last_change = 0.0
        self.absent_folders: list[Path] = []  # when they were last looked through
        self.problem: str | None = None  # why the last run failed, in words
        self._watcher = Watcher(self.refresh) if watches else None
        self._thread = threading.Thread(target=self._serve, name="index-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def refresh(self) -> None:
        """Something changed; looks through the folders once it is calm."""
        with self._woken:
            self._wants_refresh = True
            self._last_change = time.monotonic()
            self._woken.notify()

    def rebuild(self) -> None:
        with self._woken:
            self._wants_rebuild = True
            self._woken.notify()

    def close(self) -> None:
        """Stops at the next photo; the work that is done is kept."""
        self._stop.set()
        with self._woken:
            self._woken.notify()
        if self._watcher is not None:
            self._watcher.close()
        if self._thread.is_alive():
            self._thread.join()

    def _serve(self) -> None:
        while not self._stop.is_set():
            with suppress(IsThisMeError):
                self._catalog.verdicts.drop_expired()
            if self._watcher is not None:
                with suppress(IsThisMeError):
                    self._watcher.watch(folder.path for folder in self._catalog.folders.all() if folder.is_present)
            rebuilds = self._next_wish()
            if self._stop.is_set():
                return
            try:
                with indexing_lock(self._lock):
                    indexer = self._make_indexer(self._stop, self._rest)
                    outcome = indexer.rebuild() if rebuilds else indexer.refresh()
                self.absent_folders = outcome.absent_folders
                self.problem = None
                if outcome.added or outcome.gone:
                    _log.info("indexed %d files, %d gone, in %.1f s", outcome.added, outcome.gone, outcome.seconds)
            except Busy:
                self._ask_again(rebuilds=rebuilds)
            except IsThisMeError as error:
                _log.error("the index cannot be brought up to date: %s", error)
                self.problem = str(error)
            except Exception as error:  # noqa: BLE001 the thread must live on; the status says what happened
                _log.exception("the index cannot be brought up to date")
                self.problem = f"a fault of ours stopped indexing: {error}"

    def _next_wish(self) -> bool:
        """Waits until there is something to do; whether it is a rebuild."""
        with self._woken:
            self._wait_for_work(_LOOK_THROUGH_SECONDS)
            began = time.monotonic()
            while not self._stop.is_set() and not self._wants_rebuild:
                calm = self._last_change + _CALM_SECONDS - time.monotonic()
                if calm <= 0 or time.monotonic() - began > _LONGEST_WAIT_SECONDS:
                    break
                self._woken.wait(calm)
            rebuilds, self._wants_refresh, self._wants_rebuild = self._wants_rebuild, False, False
            return rebuilds

    def _rest(self, seconds: float) -> bool:
        """Waits so long, or until there is something to do before bulk work that waits; whether there is."""
        with self._woken:
            return self._wait_for_work(seconds)

    def _wait_for_work(self, seconds: float) -> bool:
        """Waits so long, or until there is something to do; whether there is. To be called with the condition held."""
        end = time.monotonic() + seconds
        while not (self._stop.is_set() or self._wants_refresh or self._wants_rebuild):
            left = end - time.monotonic()
            if left <= 0:
                return False
            self._woken.wait(min(left, self._glance_seconds))
            # What changed in sleep, on a drive that was plugged in elsewhere or by the network, nobody told.
            self._wants_refresh |= self._sleep_watch.has_slept()
        return True

    def _ask_again(self, *, rebuilds: bool) -> None:
        self._stop.wait(_BUSY_SECONDS)
        with self._woken:
            self._wants_refresh = True
            self._wants_rebuild |= rebuilds
