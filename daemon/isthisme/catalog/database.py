"""One connection to the catalog's SQLite file, its pragmas and its translation of errors."""

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from isthisme.catalog import kept_files
from isthisme.catalog.connecting import connect
from isthisme.catalog.schema import migrate
from isthisme.catalog.sqlite_tables import Database
from isthisme.errors import Busy, CatalogDamaged, CatalogUnusable, DiskFull, IsThisMeError
from isthisme_host.private_files import open_private

_BUSY_SECONDS = 20.0


class Connection:
    """A connection that threads may share: one statement or transaction at a time."""

    def __init__(self, path: Path, key: bytes | None = None) -> None:
        self._lock = threading.RLock()
        self._path = path
        self._key = key
        self._empties_log = False  # after the transaction under way
        with self._translated():
            _make_private(path)
            # isolation_level None: transactions are begun and ended here and nowhere else.
            raw = connect(path, key, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            self._database = Database(raw)
            try:
                self._prepare(raw)
            except BaseException:
                raw.close()
                raise

    def close(self) -> None:
        with self._lock:
            self._database.close()

    @contextmanager
    def unsynced(self) -> Iterator[None]:
        """What is written inside may be lost when the power fails: for what is kept only to be quick. No damage
        comes of it, and a process that is killed loses nothing."""
        with self._lock:
            if self._database.conn.in_transaction:  # then the outer one decides
                yield
                return
            self.run("pragma synchronous = normal")
            try:
                yield
            finally:
                self.run("pragma synchronous = full")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written, or nothing is. May be nested; the outermost counts.

        What is raised inside goes on as it is: an error of some other file is none of the catalog's.
        """
        with self._lock:
            if self._database.conn.in_transaction:
                yield
                return
            self._empties_log = False
            self.run("begin immediate")
            try:
                yield
                self.run("commit")
            except BaseException:
                if self._database.conn.in_transaction:  # a full disk may have ended it
                    self.run("rollback")
                raise
            if self._empties_log:
                self.empty_log()

    def run(self, sql: str, values: tuple[Any, ...] = ()) -> int:
        """Runs one statement; the number of rows it changed."""
        with self._translated(), self._lock:
            return int(self._database.execute(sql, values).rowcount)

    def add(self, sql: str, values: tuple[Any, ...] = ()) -> int:
        """Runs an insert; the new row's id."""
        with self._translated(), self._lock:
            return int(self._database.execute(sql, values).lastrowid or 0)

    def rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self._translated(), self._lock:
            return self._database.execute(sql, values).fetchall()

    def row(self, sql: str, values: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
        with self._translated(), self._lock:
            found: tuple[Any, ...] | None = self._database.execute(sql, values).fetchone()
            return found

    def empty_log(self) -> None:
        """The log beside the file holds what was deleted, too, until it is emptied: now, or when the transaction that
        is under way has been written."""
        with self._lock:
            self._empties_log = self._database.conn.in_transaction
            if not self._empties_log:
                self.run("pragma wal_checkpoint(truncate)")

    def damage(self) -> str | None:
        """What SQLite's own check finds wrong with the file; None when all is well."""
        try:
            found = "; ".join(str(row[0]) for row in self.rows("pragma quick_check(5)"))
            if found == "ok" and self._key is not None:  # and that nobody changed a page
                changed = self.rows("pragma cipher_integrity_check")
                found = f"{len(changed):,} pages are not as they were encrypted" if changed else found
        except CatalogDamaged as error:
            return str(error)
        return None if found == "ok" else found

    def _prepare(self, raw: sqlite3.Connection) -> None:
        if not self._path.stat().st_size:  # can be chosen for a new file only
            raw.execute("pragma auto_vacuum = incremental")
        raw.execute("pragma journal_mode = wal")
        # Each commit waits for the disk: what the user was told is done must outlive a power cut.
        raw.execute("pragma synchronous = full")
        raw.execute("pragma foreign_keys = on")
        raw.execute("pragma secure_delete = on")
        kept: list[Path] = []

        def keep_copy(version: int) -> None:
            kept_files.remove(kept_files.leftovers(self._path))
            kept.append(kept_files.keep_copy(self._path, version, self._key))

        if migrate(self._database, keep_copy):
            kept_files.remove([copy for copy in kept_files.copies(self._path) if kept and copy not in kept])

    def _translated(self) -> AbstractContextManager[None]:
        return in_words(self._path)


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """What SQLite and the system say of a catalog's file, as errors of ours."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise  # a fault of ours, and no damage: nobody should move their catalog away for it
    except sqlite3.DatabaseError as error:
        raise _in_words(error, path) from error
    except UnicodeDecodeError as error:  # what SQLite says of damage quotes it, which need not be text
        raise _damaged(path, "names in it are no text") from error
    except OSError as error:
        raise CatalogUnusable(
            f"{path} cannot be opened: {error.strerror or error}; correct its permissions, or set "
            "ISTHISME_HOME to a folder that you may write to"
        ) from error


def _in_words(error: sqlite3.DatabaseError, path: Path) -> IsThisMeError:
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Busy(f"another program holds {path} for more than {_BUSY_SECONDS:.0f} s; try again")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return _damaged(path, str(error))
        case sqlite3.SQLITE_FULL:
            return DiskFull(f"no space is left for {path}; free some and try again: what was kept is still there")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            return CatalogUnusable(
                f"{path} may not be written: {error}; make its disk and folder writable, or set ISTHISME_HOME to a "
                "folder that you may write to"
            )
        case sqlite3.SQLITE_IOERR:
            return CatalogUnusable(
                f"the disk refuses to read or write {path}: {error}; look whether it is full, worn out or unplugged, "
                "and try again"
            )
        case _:
            return CatalogUnusable(f"{path} cannot be used: {error}")


def _make_private(path: Path) -> None:
    """Makes the file before SQLite does, so that it and the files beside it are the owner's alone (0600)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for beside in (path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal")):
        if os.path.lexists(beside) and not stat.S_ISREG(beside.lstat().st_mode):  # SQLite would wait for a pipe
            raise CatalogUnusable(f"{beside} is no file; move it away, then try again")
    # For a moment a catalog that is put aside has two names.
    os.close(open_private(path, os.O_RDWR | os.O_CREAT, may_have_names=True))


def _damaged(path: Path, words: str) -> CatalogDamaged:
    return CatalogDamaged(
        f"{path} is damaged: {words}; run 'isthisme doctor --repair', which saves what can still be read"
    )
