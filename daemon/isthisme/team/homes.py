"""A team's folder: its members and log in one catalog, and for each owner a home of their own below it.

What is known of one owner lies in a catalog that holds nothing of any other: no number, no row, no count is shared.
"""

import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from isthisme.catalog import Catalog
from isthisme.config import Paths
from isthisme.domain import Moment
from isthisme.encryption import open_vault
from isthisme.errors import Busy, NotFound, UsageError
from isthisme.index_files import IndexFiles
from isthisme.live_index import LiveIndex
from isthisme.names import checked_name
from isthisme.notices.review_rule import is_reviewed, require_review
from isthisme_host.connect import AlreadyRunningError, DaemonLock, MeetingError, daemon_lock, prepare_home

_TEAM = ("team", "home")
_OWNER = "team-owner"
_MOST_OPEN = 64  # catalogs at once, apart from those in use


def open_catalog(paths: Paths) -> Catalog:
    """Of a home that may be encrypted."""
    return Catalog(paths.catalog, key=open_vault(paths.home).catalog_key(paths.catalog))


@dataclass(frozen=True, slots=True)
class OwnerHome:
    """What the team keeps about one owner. A home folder like any other: `isthisme index` and `scan` work in it."""

    owner: str
    paths: Paths
    catalog: Catalog
    live_index: LiveIndex
    lock: DaemonLock  # so that no companion works in it, and none of its files is encrypted meanwhile

    def close(self) -> None:
        self.catalog.close()
        self.lock.close()


@dataclass(slots=True)
class _Opened:
    home: OwnerHome
    record: str  # as it was when this was opened: an owner who was removed and added again has another
    users: int = 0


class TeamHome:
    """Threads may share it. Raises UsageError where the folder is no team's."""

    def __init__(self, folder: Path, catalog: Catalog, model: Callable[[], str | None] = lambda: None) -> None:
        """`model` names what describes pictures now."""
        if catalog.records.get(*_TEAM) is None:
            raise UsageError(
                f"{folder} is no team's folder; 'isthisme team new' makes an empty one into that, and ISTHISME_HOME "
                "names another"
            )
        self.catalog = catalog
        self._folder = folder / "owners"
        self._model = model
        self._opened: OrderedDict[str, _Opened] = OrderedDict()
        self._lock = threading.Lock()

    @staticmethod
    def make(folder: Path, catalog: Catalog) -> None:
        """Raises UsageError where the folder is somebody's own already."""
        if catalog.records.get(*_TEAM) is not None:
            return
        if is_reviewed(catalog) or catalog.folders.all() or catalog.sightings.count():
            raise UsageError(f"{folder} has photos or sightings of one person; name an empty folder in ISTHISME_HOME")
        catalog.records.put(*_TEAM, f"{Moment.now().at}")

    def owners(self) -> list[str]:
        return list(self.catalog.records.all(_OWNER))

    def has(self, owner: str) -> bool:
        return self.catalog.records.get(_OWNER, owner) is not None

    def add(self, owner: str) -> Path:
        """Gives the owner's home folder. Raises UsageError where there is such an owner."""
        if self.has(checked_name(owner)):
            raise UsageError(f"there is an owner {owner!r} already")
        self.sweep()
        folder = self._folder / owner
        try:
            prepare_home(self._folder)
            prepare_home(folder)
        except MeetingError as error:
            raise UsageError(str(error)) from error
        with closing(open_catalog(Paths(folder))) as catalog:
            require_review(catalog, owner)
        self.catalog.records.put(_OWNER, owner, f"{Moment.now().at} {os.urandom(8).hex()}")
        return folder

    def forget(self, owner: str) -> None:
        """Takes the owner off the list; `sweep` removes what is left. Raises NotFound."""
        if not self.has(owner):
            raise NotFound(f"there is no owner {owner!r}")
        self.catalog.records.drop(_OWNER, owner)

    def sweep(self) -> None:
        """Removes the folders of owners who were removed: a removal that was interrupted is finished so."""
        known = set(self.owners())
        with self._lock:
            for owner in [name for name, opened in self._opened.items() if name not in known and not opened.users]:
                self._opened.pop(owner).home.close()
        for folder in sorted(self._folder.glob("*")) if self._folder.is_dir() else []:
            if folder.name not in known and not folder.is_symlink():
                shutil.rmtree(folder)

    @contextmanager
    def opened(self, owner: str) -> Iterator[OwnerHome]:
        """The owner's home, open as long as it is used. Raises NotFound."""
        entry = self._take(owner)
        try:
            yield entry.home
        finally:
            with self._lock:
                entry.users -= 1
                self._close_idle(_MOST_OPEN)

    def close(self) -> None:
        with self._lock:
            self._close_idle(0)

    def _take(self, owner: str) -> _Opened:
        record = self.catalog.records.get(_OWNER, owner)
        if record is None:
            raise NotFound(f"there is no owner {owner!r}")
        with self._lock:
            entry = self._opened.get(owner)
            if entry is None or entry.record != record:
                if entry is not None and not entry.users:
                    entry.home.close()
                entry = _Opened(self._open(owner), record)
                self._opened[owner] = entry
            self._opened.move_to_end(owner)
            entry.users += 1
            return entry

    def _open(self, owner: str) -> OwnerHome:
        paths = Paths(self._folder / owner)
        try:
            lock = daemon_lock(paths.home)
        except AlreadyRunningError as error:
            raise Busy(f"a companion runs in {paths.home}; stop it: the team's daemon does its work") from error
        try:
            catalog = open_catalog(paths)
        except BaseException:
            lock.close()
            raise
        files = IndexFiles(catalog, paths.index, open_vault(paths.home))
        return OwnerHome(owner, paths, catalog, LiveIndex(catalog, self._model, files), lock)

    def _close_idle(self, most: int) -> None:
        idle = [name for name, entry in self._opened.items() if not entry.users]
        for name in idle[: max(0, len(idle) - most)]:
            self._opened.pop(name).home.close()
