"""File-system events below the photo folders, boiled down to the paths of pictures and folders."""

import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from isthisme.indexing.photo_files import names_a_picture

_log = logging.getLogger(__name__)

# No others: when we read a photo, the system would tell us of that, too. That a folder is modified is told of by what
# happened in it.
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileClosedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened to a picture, or a folder came or went."""

    path: bytes
    is_written: bool  # its writer is likely done with it


@dataclass(frozen=True, slots=True)
class Move:
    """A picture or a folder has another path now."""

    source: bytes
    target: bytes


type Hears = Callable[[Change | Move | None], None]  # None: something happened that does not concern us


@dataclass(frozen=True, slots=True)
class _Watch:
    watch: ObservedWatch
    identity: tuple[int, int]  # device and inode: a drive that comes back is another one


class Watcher:
    """Tells `hears` what happens, from threads of its own. Folders come and go with `watch`."""

    def __init__(self, hears: Hears, *, observer: BaseObserver | None = None) -> None:
        # Of folders that are made while those above them are being added: it watches them all the same.
        warnings.filterwarnings("ignore", "Callback with id .* already exists", RuntimeWarning)
        self._handler = _Handler(hears)
        self._observer = observer or Observer()
        self._observer.daemon = True
        self._watches: dict[Path, _Watch] = {}
        self._half_watched: set[Path] = set()
        self.unwatched: list[Path] = []  # folders that are there and that the system refuses to watch, or only in part
        self._observer.start()

    def watch(self, folders: Iterable[Path]) -> list[Path]:
        """Watches these folders and no others; those that were not watched until now, about which anything may be
        new. One that cannot be watched is left to the regular look-through."""
        wanted = {path: identity for path in folders if (identity := _identity(path)) is not None}
        for path, known in list(self._watches.items()):
            if wanted.get(path) != known.identity:
                del self._watches[path]  # first: what goes wrong at its end does so once
                self._half_watched.discard(path)
                self._observer.unschedule(known.watch)
        begun = [path for path in wanted if path not in self._watches and self._begin(path, wanted[path])]
        self.unwatched = [path for path in wanted if path not in self._watches or path in self._half_watched]
        return begun

    def close(self) -> None:
        self._observer.stop()
        self._observer.join()

    def _begin(self, path: Path, identity: tuple[int, int]) -> bool:
        try:
            watch = self._observer.schedule(self._handler, str(path), recursive=True, event_filter=_EVENTS)
        except OSError as error:
            self._say_unwatched(path, error)
            return False
        self._watches[path] = _Watch(watch, identity)
        try:
            self._check_room()
        except OSError as error:
            self._say_unwatched(path, error)
            self._half_watched.add(path)
        return True

    def _check_room(self) -> None:
        """Raises OSError where the system watches nothing more. watchdog says so of a folder, and passes over those in
        it."""
        if sys.platform == "linux":
            self._observer.unschedule(self._observer.schedule(self._handler, "/", event_filter=_EVENTS))

    def _say_unwatched(self, path: Path, error: OSError) -> None:
        """Once: it is tried again every few seconds."""
        if path not in self.unwatched:
            _log.warning("not all changes below %s can be noticed (%s); it is looked through hourly", path, error)


class _Handler(FileSystemEventHandler):
    def __init__(self, hears: Hears) -> None:
        self._hears = hears

    def on_any_event(self, event: FileSystemEvent) -> None:
        source, target = os.fsencode(event.src_path), os.fsencode(event.dest_path)
        matters = [path for path in (source, target) if path and (event.is_directory or _is_picture(path))]
        if len(matters) == 2:
            self._hears(Move(source, target))
        elif matters:  # a picture that is renamed from or to another kind of name is a new or a lost one
            is_written = event.is_directory or event.event_type in ("closed", "moved", "deleted")
            self._hears(Change(matters[0], is_written))
        else:
            self._hears(None)


def _is_picture(path: bytes) -> bool:
    return names_a_picture(os.path.basename(path))  # noqa: PTH119 bytes, as the file system has them


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
