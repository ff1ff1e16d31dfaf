"""File-system events below the photo folders, boiled down to: something changed."""

import logging
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

from isthisme.photo_files import PICTURE_ENDINGS

_log = logging.getLogger(__name__)
_CHANGES = frozenset({"created", "modified", "moved", "deleted", "closed"})


class Watcher:
    """Calls `changed` from a thread of its own at every change. Folders come and go with `watch`."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._handler = _Handler(changed)
        self._observer = Observer()
        self._observer.daemon = True
        self._watches: dict[Path, ObservedWatch] = {}
        self._observer.start()

    def watch(self, folders: Iterable[Path]) -> None:
        """Watches these folders and no others. One that cannot be watched is left to the regular look-through."""
        wanted = set(folders)
        for path in set(self._watches) - wanted:
            self._observer.unschedule(self._watches.pop(path))
        for path in wanted - set(self._watches):
            try:
                self._watches[path] = self._observer.schedule(self._handler, str(path), recursive=True)
            except OSError as error:
                _log.warning("changes below %s cannot be noticed (%s); it is looked through now and then", path, error)

    def close(self) -> None:
        self._observer.stop()
        self._observer.join()


class _Handler(FileSystemEventHandler):
    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in _CHANGES:
            return
        # A folder is modified by whatever happens in it, and that is told of by itself.
        if (event.is_directory and event.event_type != "modified") or any(
            _names_a_picture(path) for path in (event.src_path, event.dest_path)
        ):
            self._changed()


def _names_a_picture(path: bytes | str) -> bool:
    _, ending = os.path.splitext(os.fsencode(path))  # noqa: PTH122 bytes, as the file system has them
    return ending.lower() in PICTURE_ENDINGS
