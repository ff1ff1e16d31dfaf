"""Remembered verdicts of picture addresses, under a keyed hash, so that no browsing history can be read from them."""

import hashlib
import hmac
import time

from isthisme.catalog.database import Connection
from isthisme.catalog.generations import IndexMark


class Verdicts:
    def __init__(self, connection: Connection, key: bytes, *, days: int) -> None:
        self._connection = connection
        self._key = key
        self._seconds = days * 86400.0

    def remember(self, address: str, mark: IndexMark, answer: str) -> None:
        """Keeps an answer (JSON) for an address. For what did not match, `answer` must hold the verdict alone."""
        with self._connection.unsynced():
            self._connection.run(
                "insert or replace into verdicts (address_key, answer, index_mark, expires_at) values (?, ?, ?, ?)",
                (self._hashed(address), answer, str(mark), time.time() + self._seconds),
            )

    def recall(self, address: str, mark: IndexMark) -> str | None:
        row = self._connection.row(
            "select answer from verdicts where address_key = ? and index_mark = ? and expires_at > ?",
            (self._hashed(address), str(mark), time.time()),
        )
        return None if row is None else str(row[0])

    def drop_expired(self) -> None:
        self._connection.run("delete from verdicts where expires_at <= ?", (time.time(),))

    def _hashed(self, address: str) -> bytes:
        return hmac.digest(self._key, address.encode("utf-8", "surrogatepass"), hashlib.sha256)
