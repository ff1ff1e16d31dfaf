"""The files beside the catalog: the copy from before a migration, damaged catalogs kept aside, what a crash left."""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from isthisme.catalog.connecting import connect
from isthisme.errors import CatalogUnusable
from isthisme_host.private_files import make_private, sync_folder

_SPARE_BYTES = 64 << 20  # left free beside a copy, for the migration itself
_PAGES_AT_ONCE = 4096  # between two such steps Ctrl-C is heard
_UNFINISHED = ".unfinished"


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def keep_copy(
    catalog: Path, version: int, key: bytes | None = None, *, free: Callable[[Path], int] = free_bytes
) -> Path:
    """Copies the catalog beside itself, as it is now, and gives the copy's path. To be called by who may write to it.

    The copy gets its name when it is whole and on the disk. Raises CatalogUnusable when there is too little space.
    """
    needed = sum(path.stat().st_size for path in _with_log(catalog)) + _SPARE_BYTES
    there = free(catalog.parent)
    if there < needed:
        raise CatalogUnusable(
            f"before {catalog} is changed for this version of the program a copy is made beside it; that takes "
            f"{_megabytes(needed)}, and {_megabytes(there)} are free; free some and try again, nothing was changed"
        )
    kept = catalog.with_name(f"{catalog.stem}-version-{version}{catalog.suffix}")
    unfinished = private_file(kept.with_name(kept.name + _UNFINISHED))
    try:
        with closing(connect(catalog, key)) as source, closing(connect(unfinished, key)) as target:
            target.execute("pragma synchronous = off")  # it is written out at once, below
            target.execute("pragma journal_mode = off")
            source.backup(target, pages=_PAGES_AT_ONCE)
        put_in_place(unfinished, kept)
    except BaseException:
        remove([unfinished])  # where the disk is full, its space is needed
        raise
    return kept


def private_file(path: Path) -> Path:
    """An empty file for its owner alone (0600), in place of whatever had that name."""
    for old in _with_log(path):
        old.unlink()
    os.close(make_private(path))
    return path


def put_in_place(unfinished: Path, final: Path) -> None:
    """Gives a file its name once its bytes are on the disk."""
    _sync(unfinished)
    unfinished.replace(final)
    sync_folder(final.parent)


def replace(catalog: Path, unfinished: Path) -> Path:
    """Puts a new catalog in the place of a damaged one, which keeps a name with the date; that one is given."""
    _sync(unfinished)
    aside = _free_name(catalog, time.strftime("%Y-%m-%d"))
    aside.hardlink_to(catalog)  # at no moment is there none with the catalog's name: an empty one would be made
    for path in _with_log(catalog)[1:]:
        path.rename(aside.with_name(aside.name + path.name.removeprefix(catalog.name)))
    unfinished.replace(catalog)
    sync_folder(catalog.parent)
    return aside


def unfinished_name(catalog: Path) -> Path:
    """Where a new catalog is written until it takes the old one's place."""
    return catalog.with_name(catalog.name + _UNFINISHED)


def copies(catalog: Path) -> list[Path]:
    """Copies from before a migration."""
    return sorted(catalog.parent.glob(f"{catalog.stem}-version-*{catalog.suffix}"))


def damaged_ones(catalog: Path) -> list[Path]:
    """Damaged catalogs that were set aside, with their logs."""
    return sorted(catalog.parent.glob(f"{catalog.stem}-damaged-*{catalog.suffix}*"))


def leftovers(catalog: Path) -> list[Path]:
    """What a process that was killed did not finish."""
    return sorted(catalog.parent.glob(f"{catalog.stem}*{_UNFINISHED}*"))


def remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def _free_name(catalog: Path, day: str) -> Path:
    names = (f"{catalog.stem}-damaged-{day}{number}{catalog.suffix}" for number in ("", *range(-2, -1000, -1)))
    return next(path for path in map(catalog.with_name, names) if not path.exists())


def _with_log(catalog: Path) -> list[Path]:
    """The files of a catalog that are there: itself, its write-ahead log and the log's directory."""
    names = (catalog, *(catalog.with_name(catalog.name + ending) for ending in ("-wal", "-shm", "-journal")))
    return [path for path in names if path.exists()]


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _megabytes(count: int) -> str:
    return f"{count / (1 << 20):,.0f} MiB"
