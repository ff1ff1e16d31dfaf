"""One connection to the catalog's SQLite file, its pragmas and its translation of errors."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from isthisme.catalog.schema import migrate
from isthisme.errors import Busy, CatalogUnusable

_BUSY_SECONDS = 20.0


class Connection:
    """A connection that threads may share: one statement or transaction at a time."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._path = path
        with self._translated():
            _make_private(path)
            # isolation_level None: transactions are begun and ended here and nowhere else.
            raw = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            raw.execute("pragma journal_mode = wal")
            raw.execute("pragma synchronous = normal")
            raw.execute("pragma foreign_keys = on")
            raw.execute("pragma secure_delete = on")
            self._database = Database(raw)
            migrate(self._database)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written, or nothing is. May be nested; the outermost counts."""
        with self._translated(), self._lock:
            if self._database.conn.in_transaction:
                yield
                return
            self._database.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._database.execute("rollback")
                raise
            self._database.execute("commit")

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

    def damage(self) -> str | None:
        """What SQLite's own check finds wrong with the file; None when all is well."""
        found = "; ".join(str(row[0]) for row in self.rows("pragma quick_check(5)"))
        return None if found == "ok" else found

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise Busy(
                    f"another program holds {self._path} for more than {_BUSY_SECONDS:.0f} s; try again"
                ) from error
            raise CatalogUnusable(f"{self._path} cannot be used: {error}; free disk space or permissions?") from error
        except sqlite3.IntegrityError:
            raise  # a fault of ours, and no damage: nobody should move their catalog away for it
        except sqlite3.DatabaseError as error:
            raise CatalogUnusable(
                f"{self._path} is damaged: {error}; move it away and run 'isthisme rebuild' to make a new one"
            ) from error
        except OSError as error:
            raise CatalogUnusable(f"{self._path} cannot be opened: {error}") from error


def _make_private(path: Path) -> None:
    """Makes the file before SQLite does, so that it and the files beside it are the owner's alone (0600)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
