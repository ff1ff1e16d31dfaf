"""The daemon's thread that keeps the index's files in step with the catalog, so that searching never waits for them."""

import logging
import threading
from collections.abc import Callable

from isthisme.catalog import Catalog
from isthisme.catalog.generations import IndexMark
from isthisme.errors import IsThisMeError
from isthisme.index_files import IndexFiles

_log = logging.getLogger(__name__)

_EVERY_SECONDS = 20.0


class IndexUpkeep:
    def __init__(self, catalog: Catalog, files: IndexFiles, tell_server: Callable[[], None]) -> None:
        """`tell_server` brings a server that holds the index as well into step, where there is one."""
        self._catalog = catalog
        self._files = files
        self._tell_server = tell_server
        self._seen: tuple[IndexMark, int] | None = None
        self._told: tuple[IndexMark, int] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="index-upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                self._settle()
                self._tell()
            except IsThisMeError as error:
                _log.warning("the index is left as it is for now: %s", error)
            except Exception:  # noqa: BLE001 the thread must live on; searching goes on without it
                _log.exception("the index is left as it is for now")
            if self._stop.wait(_EVERY_SECONDS):
                return

    def _settle(self) -> None:
        """A rebuild writes to the generation beside the current one; its growth is told by its size alone."""
        building = self._catalog.generations.building()
        seen = self._catalog.generations.mark(), 0 if building is None else self._catalog.generations.size(building)
        if seen == self._seen:
            return
        has_removed = self._seen is not None and self._seen[0].removals != seen[0].removals
        self._files.settle(at_once=has_removed)
        if has_removed:
            self._catalog.forgetting.wipe()  # a folder was removed: nothing of its photos is to stay
        self._seen = seen

    def _tell(self) -> None:
        """By itself, and later than the files: a server that is away must not keep what was forgotten on this disk."""
        seen = self._seen
        if seen != self._told:
            self._tell_server()
            self._told = seen
