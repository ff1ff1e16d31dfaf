"""Opens a catalog's file as it is: plain, with Python's own SQLite, or encrypted."""

import sqlite3
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from isthisme.errors import EncryptionMissing


def connect(path: Path, key: bytes | None, **options: Any) -> sqlite3.Connection:
    """Raises sqlite3.Error, and EncryptionMissing for a key where SQLCipher is not installed."""
    if key is None:
        plain: sqlite3.Connection = sqlite3.connect(path, **options)
        return plain
    check_installed()
    from isthisme.catalog import cipher

    return cipher.connect(path, key, **options)


def check_installed() -> None:
    """Raises EncryptionMissing where what opens encrypted catalogs is not there."""
    if find_spec("sqlcipher3") is None:
        raise EncryptionMissing(
            "the package that encrypts the catalog, sqlcipher3, is not installed; install isthisme[encryption] in the "
            "place of isthisme, as docs/encryption.md says"
        )
