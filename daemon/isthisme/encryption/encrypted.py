"""The vault of a home that is encrypted, or on its way to that or back."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from isthisme.encryption.key_places import InFile, InKeyring, KeyPlace
from isthisme.encryption.record import Record, State, read_record, write_record, written
from isthisme.encryption.recovery_key import RecoveryKey
from isthisme.encryption.sealing import SealedWriter, is_sealed, reading, sealed_bytes, subkey
from isthisme.encryption.vault import RECORD_NAME
from isthisme.errors import EncryptionMissing, KeyMissing, KeyOutOfReach

CATALOG_SALT_BYTES = 16  # what an encrypted catalog begins with
_PLAIN_CATALOG = b"SQLite format 3\0"


@dataclass(frozen=True)
class EncryptedVault:
    home: Path
    key: bytes  # 32
    state: State

    def catalog_key(self, catalog: Path) -> bytes | None:
        """48 bytes: a key for AES-256, and the salt that the file begins with."""
        if self.state is State.ON:
            return self.database_key
        is_new = not catalog.exists() or not catalog.stat().st_size
        is_plain = self.state is State.TURNING_OFF if is_new else self.is_plain_catalog(catalog)
        return None if is_plain else self.database_key

    def is_plain_catalog(self, catalog: Path) -> bool:
        with catalog.open("rb") as stream:
            return stream.read(len(_PLAIN_CATALOG)) == _PLAIN_CATALOG

    def seals(self, path: Path) -> bool:
        return self.state is not State.TURNING_OFF and self._is_ours(path)

    def is_sealed(self, path: Path) -> bool:
        with path.open("rb") as stream:
            return is_sealed(stream)

    def open(self, path: Path) -> BufferedReader:
        stream = path.open("rb")
        try:
            return reading(stream, self.file_key, path.name) if is_sealed(stream) else stream
        except BaseException:
            stream.close()
            raise

    @contextmanager
    def writing(self, path: Path, stream: BinaryIO) -> Iterator[BinaryIO]:
        if not self.seals(path):
            yield stream
            return
        writer = SealedWriter(stream, self.file_key)
        yield cast(BinaryIO, writer)
        writer.finish()

    def sealed(self, path: Path, data: bytes) -> bytes:
        return sealed_bytes(data, self.file_key) if self.seals(path) else data

    @cached_property
    def file_key(self) -> bytes:
        return subkey(self.key, b"files")

    @cached_property
    def database_key(self) -> bytes:
        return subkey(self.key, b"catalog", length=32 + CATALOG_SALT_BYTES)

    def _is_ours(self, path: Path) -> bool:
        """Whether it lies below the home, wherever links lead to."""
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.home))


def place_of(record: Record) -> KeyPlace:
    """Where the key of a home lies."""
    return InKeyring(record.home_id) if record.key_file is None else InFile(Path(record.key_file))


def wrap_anew(vault: EncryptedVault, recovery: RecoveryKey) -> None:
    """From now on this recovery key opens the home, and no other."""
    record = read_record(vault.home / RECORD_NAME)
    write_record(vault.home / RECORD_NAME, replace(record, wrapped=written(recovery.wrap(vault.key))))


def put_back(
    home: Path, recovery: RecoveryKey, key_file: Path | None = None, place: KeyPlace | None = None
) -> KeyPlace:
    """Writes the key, which the recovery key opens, to `place`, else into a new file, else into the keyring; where.

    From then on it lies there. Raises UsageError for another recovery key, KeyOutOfReach, EncryptionMissing, DiskFull.
    """
    before = read_record(home / RECORD_NAME)
    key = recovery.unwrap(before.wrapped_key)
    after = replace(before, key_file=None if key_file is None else str(key_file.absolute()))
    where = place or place_of(after)
    where.write(key)
    write_record(home / RECORD_NAME, after)
    if after != before:
        with suppress(KeyOutOfReach, EncryptionMissing):  # a keyring that is gone, a stick that is lost
            place_of(before).erase()
    return where


def open_encrypted(home: Path, place: KeyPlace | None = None) -> EncryptedVault:
    """The vault of a home that has a record, with the key that lies where the record says, or at `place`.

    Raises KeyOutOfReach, KeyMissing and EncryptionMissing.
    """
    record = read_record(home / RECORD_NAME)
    where = place or place_of(record)
    key = where.read()
    if key is None or not record.is_of(key):
        words = "holds no key of this home" if key is None else "holds another key than this home's"
        raise KeyMissing(f"{where} {words}; put it back with your recovery key: isthisme encryption unlock")
    return EncryptedVault(home, key, record.state)
