"""Mends what can be mended in the home folder, one change at a time, each of which somebody may refuse."""

import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from isthisme.catalog import Catalog, kept_files
from isthisme.catalog.salvage import Salvage, salvage
from isthisme.config import Paths
from isthisme.encryption import Vault
from isthisme.errors import Busy, CatalogDamaged, UsageError
from isthisme.index_files import IndexFiles
from isthisme.indexing.lock import indexing_lock
from isthisme_host.connect import AlreadyRunningError, DaemonLock, MeetingError, check_home, daemon_lock, prepare_home
from isthisme_host.ownership import MODES_TELL, foreign_owner, is_open_to_others

if sys.platform != "win32":
    from isthisme_host.way_home import weaknesses

_ENDING_SECONDS = 5.0
_SAID = ("folders", "photos", "descriptions", "sightings", "pauses")


@dataclass(frozen=True, slots=True)
class Repair:
    """Something that is wrong and can be mended."""

    wrong: str
    change: str  # what would be done
    mend: Callable[[], str]  # does it, and says what was done


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Neither daemon nor indexer can run meanwhile. Raises Busy when one does."""
    with ExitStack() as stack:
        try:
            stack.enter_context(_lock_in_time(home))  # its end removes the socket of a daemon that died
        except AlreadyRunningError as error:
            process = (home / "daemon.lock").read_text().strip()
            raise Busy(
                f"the companion runs; close your browsers and end it (kill {process}), then try again"
            ) from error
        except MeetingError as error:
            raise UsageError(str(error)) from error
        stack.enter_context(indexing_lock(Paths(home).indexing_lock))
        yield


def _lock_in_time(home: Path) -> DaemonLock:
    """A browser tries again and again to start a companion that cannot work: each of these ends in a moment."""
    give_up = time.monotonic() + _ENDING_SECONDS
    while True:
        try:
            return daemon_lock(home)
        except AlreadyRunningError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)


def home_repairs(home: Path) -> Iterator[Repair]:
    """What must be right before anything else can be looked at; needs no lock."""
    if sys.platform != "win32":
        for weakness in list(weaknesses(home)):
            if weakness.may_be_closed:
                folder = Path(weakness.path)
                yield Repair(f"on the way to {home}, {weakness}", "close it to them", partial(_take_writing, folder))
    if not home.exists():
        prepare_home(home)
    if home.is_dir() and foreign_owner(home.stat()) is None and is_open_to_others(home.stat()):
        yield Repair(f"{home} is open to other users", "close it to them", lambda: _make_private([home]))


def file_repairs(paths: Paths) -> Iterator[Repair]:
    """Files that have wrong permissions or are left of something that did not end. To be asked in `alone`."""
    check_home(paths.home)
    ours = (path for path in sorted(paths.home.rglob("*")) if path != paths.settings)  # that one the user writes
    wrong = [path for path in ours if _has_wrong_permissions(path)]
    if wrong:
        wrong_words = f"{_named(wrong)} may be read by other users, or not by you"
        yield Repair(wrong_words, "make them yours alone", lambda: _make_private(wrong))
    left = kept_files.leftovers(paths.catalog)
    if left:

        def remove() -> str:
            kept_files.remove(left)
            return f"removed {_named(left)}"

        yield Repair(f"{_named(left)} was left by a program that was stopped at its work", "remove it", remove)


def catalog_repairs(paths: Paths, vault: Vault) -> Iterator[Repair]:
    """A damaged catalog. To be asked in `alone`, with no catalog open. Raises CatalogUnusable where it cannot be used
    for other reasons."""
    damage = damage_of(paths, vault)
    if damage is not None:
        yield Repair(
            f"the catalog is damaged: {damage}",
            "save what can be read of it into a new one, and keep the damaged one beside it",
            lambda: _told(salvage(paths.catalog, vault.catalog_key(paths.catalog))),
        )


def damage_of(paths: Paths, vault: Vault) -> str | None:
    """What is wrong with the catalog's file; None when it is sound, or there is none yet. Reads all of it."""
    if not paths.catalog.exists():
        return None
    try:
        with _catalog(paths, vault) as catalog:
            return catalog.damage()
    except CatalogDamaged as error:
        return str(error.__cause__ or error)


def index_repairs(paths: Paths, vault: Vault) -> Iterator[Repair]:
    """Index files that differ from the catalog. To be asked in `alone`."""
    if not paths.catalog.exists() or damage_of(paths, vault) is not None:
        return  # without a catalog there is nothing to write them from
    with _catalog(paths, vault) as catalog:
        damage = IndexFiles(catalog, paths.index, vault).damage()

    def mend() -> str:
        with _catalog(paths, vault) as catalog:
            IndexFiles(catalog, paths.index, vault).make_anew()
        return "written anew from the catalog"

    if damage is not None:
        yield Repair(damage, "write the index's files anew from the catalog", mend)


def lacks_descriptions(paths: Paths, vault: Vault) -> str | None:
    """What indexing would bring in order, in words; None when there is nothing."""
    with _catalog(paths, vault) as catalog:
        if catalog.generations.building() is not None:
            return "a rebuild was interrupted"
        current = catalog.generations.current()
        if catalog.photos.count() and (current is None or catalog.generations.undescribed(current)):
            return "photos lack their descriptions"
    return None


def _catalog(paths: Paths, vault: Vault) -> closing[Catalog]:
    return closing(Catalog(paths.catalog, key=vault.catalog_key(paths.catalog)))


def _told(done: Salvage) -> str:
    saved = ", ".join(f"{done.saved[name]:,} {name}" for name in _SAID)
    lost = []
    if done.broken:
        lost.append(f"{done.broken:,} rows could not be read whole, and pages that are gone cannot be counted")
    if done.lost.total():
        lost.append(f"{done.lost.total():,} rows belonged to what is gone")
    if not done.saved["folders"]:
        lost.append("no folder could be saved: add yours again with 'isthisme folders add'")
    words = [f"saved {saved}", *lost, "what is lost and still in your folders comes back with the next indexing"]
    return "; ".join(words) + f". The damaged catalog is kept as {done.aside}; delete it when you miss nothing"


def _has_wrong_permissions(path: Path) -> bool:
    found = path.lstat()
    if not MODES_TELL or foreign_owner(found) is not None or stat.S_ISLNK(found.st_mode):
        return False
    needed = 0o700 if stat.S_ISDIR(found.st_mode) else 0o600
    return found.st_mode & 0o077 != 0 or found.st_mode & needed != needed


def _make_private(paths: list[Path]) -> str:
    for path in paths:
        mode = path.lstat().st_mode
        path.chmod(0o700 if stat.S_ISDIR(mode) else 0o600 | (mode & stat.S_IXUSR))
        if path.lstat().st_mode & 0o077:
            raise UsageError(
                f"{path} stays open to other users: its disk keeps no permissions; move the folder to one that does, "
                "and name it in ISTHISME_HOME"
            )
    return f"{_named(paths)}: yours alone now"


def _take_writing(folder: Path) -> str:
    folder.chmod(stat.S_IMODE(folder.lstat().st_mode) & ~0o022)
    return f"{folder}: only you may change it now"


def _named(paths: list[Path]) -> str:
    return str(paths[0]) if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1:,} more"
