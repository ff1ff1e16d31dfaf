"""The daemon's thread that keeps the index up to date: at the start, when files change, when somebody asks."""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from isthisme.catalog import Catalog
from isthisme.errors import Busy, IsThisMeError
from isthisme.indexing.exclusions import DEFAULT_PATTERNS
from isthisme.indexing.indexer import Indexer, Outcome
from isthisme.indexing.lock import indexing_lock
from isthisme.indexing.settling import Calm, Settling
from isthisme.indexing.watcher import Change, Move, Watcher
from isthisme.presence import is_folder
from isthisme.server import problems
from isthisme.server.problems import Problem
from isthisme.server.sleep_watch import SleepWatch

_log = logging.getLogger(__name__)

_LOOK_THROUGH_SECONDS = 3600.0  # network folders give no events
_DRIVES_SECONDS = 5.0  # how often it is asked whether a drive was plugged in
_BUSY_SECONDS = 2.0
_GLANCE_SECONDS = 20.0  # between looks whether the computer slept
_AGAIN_SECONDS = 5.0  # after a failure, such as on a full disk; each time twice as long


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
        again_seconds: float = _AGAIN_SECONDS,
    ) -> None:
        """`make_indexer` gets what stops a run, and how it rests: seconds, to whether something else comes first."""
        self._catalog = catalog
        self._make_indexer = make_indexer
        self._lock = lock
        self._stop = threading.Event()
        self._woken = threading.Condition()
        self._sleep_watch = sleep_watch or SleepWatch()
        self._glance_seconds = glance_seconds
        self._again_seconds = again_seconds
        self._failures = 0  # in a row
        self._again_at = float("inf")
        self._again_rebuilds = False
        self._wants_refresh = True  # what changed while nobody looked
        self._wants_rebuild = False
        self._is_at_work = False
        self._settling = Settling()
        self._excluded = catalog.excluded.patterns(DEFAULT_PATTERNS)
        self._problem: Problem | None = None  # why the last run failed
        self._folder_problems: list[Problem] = []  # when they were last looked through
        self._unreadable_photos = 0
        self._logged = ""  # the last fault of ours
        self._watcher = Watcher(self._hear) if watches else None
        self._thread = threading.Thread(target=self._serve, name="index-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_behind(self) -> bool:
        """Whether something is being done or waits to be, also in the moment between two runs."""
        with self._woken:
            return self._is_at_work or self._wants_refresh or self._wants_rebuild

    def problems(self) -> list[Problem]:
        """What stands in the way of an index that is whole and up to date; the worst first."""
        unwatched = [] if self._watcher is None else self._watcher.unwatched
        return [
            *([] if self._problem is None else [self._problem]),
            *self._folder_problems,
            *problems.unwatched(unwatched),
            *problems.unreadable_photos(self._unreadable_photos),
        ]

    def refresh(self) -> None:
        """Looks through all folders, as soon as nothing else is under way."""
        with self._woken:
            self._wants_refresh = True
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
        looked_through = time.monotonic()
        while not self._stop.is_set():
            self._look_around()
            if time.monotonic() - looked_through > _LOOK_THROUGH_SECONDS:
                self.refresh()
            self._ask_again_after_failure()
            wish = self._next_wish()
            if wish is None or self._stop.is_set():
                continue
            if wish.everywhere:
                looked_through = time.monotonic()
            try:
                with indexing_lock(self._lock):
                    outcome = self._grant(wish, self._make_indexer(self._stop, self._rest))
                    self._unreadable_photos = len(self._catalog.photos.troubles())
                self._problem, self._failures = None, 0
                if outcome.was_interrupted:
                    self._ask_again(_Wish(Calm(everything=True)))
                if outcome.added or outcome.gone:
                    _log.info("indexed %d files, %d gone, in %.1f s", outcome.added, outcome.gone, outcome.seconds)
            except Busy as error:
                self._problem = problems.indexed_elsewhere(error)
                self._stop.wait(_BUSY_SECONDS)
                self._ask_again(wish)
            except IsThisMeError as error:
                _log.error("the index cannot be brought up to date: %s", error)
                self._problem = problems.indexing_failed(error)
                self._fail(wish)
            except Exception as error:  # noqa: BLE001 the thread must live on; the status says what happened
                _log.exception("the index cannot be brought up to date")
                self._problem = Problem("indexing_failed", f"a fault of ours stopped indexing: {error}")
                self._fail(wish)
            finally:
                with self._woken:
                    self._is_at_work = False

    def _look_around(self) -> None:
        """At what nobody tells. What cannot be done now is done in the next round, a few seconds later."""
        for duty in (self._catalog.verdicts.drop_expired, self._follow_exclusions, self._watch_present):
            try:
                duty()
            except IsThisMeError:
                continue  # somebody else holds the catalog, or its disk is full
            except Exception as error:  # noqa: BLE001 the thread must live on
                if repr(error) != self._logged:
                    _log.exception("the folders cannot be followed; they are looked through now and then")
                self._logged = repr(error)

    def _grant(self, wish: "_Wish", indexer: Indexer) -> Outcome:
        if not wish.everywhere:
            return indexer.look_at(wish.calm.paths, wish.calm.moves)
        if wish.calm.moves:
            indexer.look_at([], wish.calm.moves)
        outcome = indexer.rebuild() if wish.rebuilds else indexer.refresh()
        self._folder_problems = [
            *problems.absent(outcome.absent_folders),
            *problems.unreadable_folders(outcome.unreadable_folders),
        ]
        return outcome

    def _follow_exclusions(self) -> None:
        """The command line may have changed them, and need not tell."""
        before, self._excluded = self._excluded, self._catalog.excluded.patterns(DEFAULT_PATTERNS)
        if before != self._excluded:
            self.refresh()

    def _watch_present(self) -> None:
        """Watches what is there now; a folder that was not, such as a drive's, is looked through."""
        if self._watcher is None:
            return
        fresh = self._watcher.watch(root.shown for root in self._catalog.folders.roots() if is_folder(root.shown))
        with self._woken:
            for path in [] if self._wants_refresh else fresh:  # all is looked through anyway
                self._settling.note(os.fsencode(path), time.monotonic(), is_written=True)

    def _hear(self, event: Change | Move | None) -> None:
        """What the watcher tells, from its threads."""
        now = time.monotonic()
        with self._woken:
            self._settling.count(now)
            match event:
                case Change(path, is_written):
                    self._settling.note(path, now, is_written=is_written)
                case Move(source, target):
                    self._settling.note_move(source, target, now)
            self._woken.notify()

    def _next_wish(self) -> "_Wish | None":
        """Waits until there is something to do; None when there was nothing for a while."""
        with self._woken:
            if not self._wait_for_work(max(0.0, min(_DRIVES_SECONDS, self._again_at - time.monotonic()))):
                return None
            self._is_at_work = not self._stop.is_set()
            calm = self._settling.take(time.monotonic())  # first: what is new must not wait for a look at all the rest
            if calm != Calm():
                return _Wish(calm)
            rebuilds, self._wants_refresh, self._wants_rebuild = self._wants_rebuild, False, False
            return _Wish(Calm(everything=True), rebuilds)

    def _rest(self, seconds: float) -> bool:
        """Waits so long, or until there is something to do before bulk work that waits; whether there is."""
        with self._woken:
            return self._wait_for_work(seconds)

    def _wait_for_work(self, seconds: float) -> bool:
        """Waits so long, or until there is something to do; whether there is. To be called with the condition held."""
        end = time.monotonic() + seconds
        while not (self._stop.is_set() or self._wants_refresh or self._wants_rebuild):
            now = time.monotonic()
            due = self._settling.next_due()
            if due is not None and due <= now:
                return True
            if now >= end:
                return False
            self._woken.wait(min(end - now, self._glance_seconds, float("inf") if due is None else due - now))
            # What changed in sleep, on a drive that was plugged in elsewhere or by the network, nobody told.
            self._wants_refresh |= self._sleep_watch.has_slept()
        return True

    def _fail(self, wish: "_Wish") -> None:
        """What changed is not told a second time: all is looked through, as soon as that may go better."""
        seconds = min(self._again_seconds * 2.0 ** min(self._failures, 20), _LOOK_THROUGH_SECONDS)
        self._failures += 1
        self._again_at = time.monotonic() + seconds
        self._again_rebuilds |= wish.rebuilds

    def _ask_again_after_failure(self) -> None:
        if time.monotonic() < self._again_at:
            return
        self._again_at = float("inf")
        self.refresh()
        if self._again_rebuilds:
            self._again_rebuilds = False
            self.rebuild()

    def _ask_again(self, wish: "_Wish") -> None:
        with self._woken:
            self._wants_refresh |= wish.everywhere
            self._wants_rebuild |= wish.rebuilds
            now = time.monotonic()
            for source, target in wish.calm.moves:
                self._settling.note_move(source, target, now)
            for path in wish.calm.paths:
                self._settling.note(path, now, is_written=True)


@dataclass(frozen=True, slots=True)
class _Wish:
    calm: Calm
    rebuilds: bool = False

    @property
    def everywhere(self) -> bool:
        return self.calm.everything or self.rebuilds
