"""Catalogs that are encrypted, by SQLCipher: every page with AES-256 and a check that it was not changed.

Imported where a catalog has a key, since SQLCipher is an extra. To whoever holds such a connection it is one of
Python's own: same methods, same errors. A key has 48 bytes: the key itself and the salt that the file begins with. It
is random already, so that nothing is derived from it slowly.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from isthisme.catalog.database import in_words
from isthisme_host.private_files import open_private

_CODES = {"database or disk is full": sqlite3.SQLITE_FULL, "disk I/O error": sqlite3.SQLITE_IOERR}


@contextmanager
def _as_pythons_own() -> Iterator[None]:
    try:
        yield
    except dbapi2.Error as error:
        same = getattr(sqlite3, type(error).__name__)(*error.args)
        for name in ("sqlite_errorcode", "sqlite_errorname"):
            if hasattr(error, name):
                setattr(same, name, getattr(error, name))
        raise same from error


class _Cursor(dbapi2.Cursor):  # type: ignore[misc]
    def execute(self, *given: Any) -> "_Cursor":
        with _as_pythons_own():
            super().execute(*given)
        return self

    def fetchone(self) -> Any:
        with _as_pythons_own():
            return super().fetchone()

    def fetchall(self) -> list[Any]:
        with _as_pythons_own():
            return super().fetchall()  # type: ignore[no-any-return]

    def __next__(self) -> Any:
        with _as_pythons_own():
            return super().__next__()


class _Connection(dbapi2.Connection):  # type: ignore[misc]
    def cursor(self, factory: type = _Cursor) -> Any:
        with _as_pythons_own():
            return super().cursor(factory)

    def execute(self, *given: Any) -> _Cursor:
        return self.cursor().execute(*given)  # type: ignore[no-any-return]

    def backup(self, *given: Any, **named: Any) -> None:
        with _as_pythons_own():
            super().backup(*given, **named)


def connect(path: Path, key: bytes | None, **options: Any) -> sqlite3.Connection:
    """A connection to a catalog's file; without a key to one that is plain. Raises sqlite3.Error."""
    with _as_pythons_own():
        raw = dbapi2.connect(path, factory=_Connection, **options)
    try:
        raw.execute("pragma cipher_log_level = none")  # what is wrong is raised; it would go to stderr besides
        if key is not None:
            raw.execute(f"pragma key = {_quoted(key)}")
        # Sorting and the like must not write plain rows to a file of its own.
        raw.execute("pragma temp_store = memory")
    except BaseException:
        raw.close()
        raise
    return raw  # type: ignore[no-any-return]


def convert(
    source: Path, source_key: bytes | None, target: Path, target_key: bytes | None, then: Callable[[], None]
) -> None:
    """Writes a catalog anew with another key, or none, into an empty file that is there, and checks it.

    Then `then` is called, while nobody can open the source. The source's log is overwritten where that can be. Raises
    Busy where somebody has the source open, CatalogUnusable and DiskFull.
    """
    with in_words(source), _log_erased(source):
        with closing(connect(source, source_key, isolation_level=None, timeout=1.0)) as raw:
            raw.execute("pragma locking_mode = exclusive")
            # Leaving the log behind needs the file for oneself, and keeps it so.
            ((mode,),) = raw.execute("pragma journal_mode = delete").fetchall()
            if mode != "delete":
                raise _busy()
            raw.execute("begin exclusive")
            raw.execute("commit")
            ((version,),) = raw.execute("pragma user_version").fetchall()
            ((shrinks,),) = raw.execute("pragma auto_vacuum").fetchall()
            raw.execute(f"attach database ? as converted key {_quoted(target_key)}", (str(target),))
            for pragma in (f"auto_vacuum = {shrinks:d}", "journal_mode = off", "synchronous = off"):
                raw.execute(f"pragma converted.{pragma}").fetchall()
            _export(raw)
            raw.execute(f"pragma converted.user_version = {version:d}")
            ((found,),) = raw.execute("pragma converted.quick_check(1)").fetchall()
            if found != "ok":
                raise sqlite3.OperationalError(f"it could not be written anew: {found}")
            raw.execute("detach database converted")
            if os.name == "posix":
                then()
        if os.name != "posix":  # where nobody can rename what is open
            then()


@contextmanager
def _log_erased(catalog: Path) -> Iterator[None]:
    """SQLite only removes its log, which holds pages as they were: what lay there is overwritten once it is removed."""
    log = catalog.with_name(f"{catalog.name}-wal")
    if os.name != "posix" or not log.exists():
        yield
        return
    with os.fdopen(open_private(log, os.O_RDWR), "r+b") as stream:
        yield
        found = os.fstat(stream.fileno())
        if not found.st_nlink:
            for start in range(0, found.st_size, 1 << 20):
                stream.write(bytes(min(1 << 20, found.st_size - start)))
            stream.flush()
            os.fsync(stream.fileno())


def _export(raw: sqlite3.Connection) -> None:
    try:
        raw.execute("select sqlcipher_export('converted')").fetchall()
    except sqlite3.OperationalError as error:  # which has the words of what is wrong, and not its code
        error.sqlite_errorcode = _CODES.get(str(error), error.sqlite_errorcode)
        raise


def _busy() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("the catalog is open elsewhere")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def _quoted(key: bytes | None) -> str:
    """As SQLCipher takes a raw key; an empty one means none."""
    return "''" if key is None else f"\"x'{key.hex()}'\""
