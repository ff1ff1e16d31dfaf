"""Switches the encryption of a home on and off, one file after the other.

A file is written anew beside the old one, compared with it, put in its place, and the old one is overwritten. Killed at
any step, or on a full disk, the home works as it is, with some files encrypted and others not, and the same call goes
on from there. All of it is to be called while neither daemon nor indexer runs.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from isthisme.catalog import kept_files
from isthisme.config import Paths
from isthisme.encryption import RECORD_NAME
from isthisme.encryption.encrypted import EncryptedVault, open_encrypted, place_of
from isthisme.encryption.key_places import KeyPlace
from isthisme.encryption.record import Record, State, fingerprint_of, read_record, write_record, written
from isthisme.encryption.recovery_key import RecoveryKey
from isthisme.errors import UsageError
from isthisme.index.segment import destroy
from isthisme.new_files import in_words
from isthisme_host.private_files import make_private, sync_folder

UNFINISHED = ".isthisme-switch-"  # what the names of files begin with that are on their way in or out
_CHUNK = 1 << 20


def prepare(paths: Paths, recovery: RecoveryKey, key_file: Path | None = None, place: KeyPlace | None = None) -> None:
    """Gives a home a key. Nothing is encrypted yet; from now on what is written is.

    The key goes to `place`, else into `key_file`, else into the system's keyring. Raises KeyOutOfReach,
    EncryptionMissing, UsageError, DiskFull.
    """
    _refuse_damaged(paths)
    key = secrets.token_bytes(32)
    named = None if key_file is None else str(key_file.absolute())
    record = Record(secrets.token_hex(8), State.TURNING_ON, named, fingerprint_of(key), written(recovery.wrap(key)))
    where = place or place_of(record)
    where.write(key)
    try:
        write_record(paths.home / RECORD_NAME, record)
    except BaseException:
        where.erase()
        raise


def encrypt(paths: Paths, place: KeyPlace | None = None) -> None:
    """Encrypts whatever in a prepared home is not encrypted yet. Raises Busy, DiskFull, UsageError, and as a vault's
    opening does."""
    _refuse_damaged(paths)
    vault = _moved_to(State.TURNING_ON, paths, place)
    _convert(paths, vault)
    for log in paths.home.glob(f"{paths.log.name}*"):  # of a time when it could name anything
        destroy(log)
    _moved_to(State.ON, paths, place)


def decrypt(paths: Paths, place: KeyPlace | None = None) -> None:
    """Makes all files plain, then erases the key. Raises as `encrypt`."""
    _refuse_damaged(paths)
    vault = _moved_to(State.TURNING_OFF, paths, place)
    _convert(paths, vault)
    where = place or place_of(read_record(paths.home / RECORD_NAME))
    (paths.home / RECORD_NAME).unlink()
    sync_folder(paths.home)
    where.erase()  # last: without it nothing that is still encrypted could be read


def plain_files(paths: Paths, vault: EncryptedVault) -> list[Path]:
    """Those that should be encrypted and are not."""
    catalogs = [path for path in _catalogs(paths) if path.stat().st_size and vault.is_plain_catalog(path)]
    return [*catalogs, *(path for path in _files(paths) if not vault.is_sealed(path))]


def kept_privately(paths: Paths) -> tuple[Path, ...]:
    """The folders whose files are encrypted one by one."""
    return (paths.index, paths.evidence, paths.notices, paths.possession)


def _moved_to(state: State, paths: Paths, place: KeyPlace | None) -> EncryptedVault:
    vault = open_encrypted(paths.home, place)  # before anything is changed: the key is there, and it is the right one
    record = read_record(paths.home / RECORD_NAME)
    if record.state is not state:
        write_record(paths.home / RECORD_NAME, replace(record, state=state))
    return replace(vault, state=state)


def _refuse_damaged(paths: Paths) -> None:
    damaged = kept_files.damaged_ones(paths.catalog)
    if damaged:
        raise UsageError(
            f"{damaged[0]} is a damaged catalog, which cannot be written anew; delete it when you miss nothing of it, "
            "or move it elsewhere, then try again"
        )


def _convert(paths: Paths, vault: EncryptedVault) -> None:
    with in_words(paths.home):
        _sweep(paths)
        # The catalog first: nobody can have it open, and whoever opens it later learns what the other files are.
        for catalog in _catalogs(paths):
            _convert_catalog(catalog, vault)
        for path in _files(paths):
            if vault.is_sealed(path) != vault.seals(path):
                _convert_file(path, vault)
        _sweep(paths)


def _catalogs(paths: Paths) -> list[Path]:
    return [path for path in (paths.catalog, *kept_files.copies(paths.catalog)) if path.exists()]


def _files(paths: Paths) -> Iterator[Path]:
    for folder in kept_privately(paths):
        yield from sorted(
            path
            for path in folder.rglob("*")
            if path.is_file() and not path.is_symlink() and path != paths.index / "lock"
        )


def _sweep(paths: Paths) -> None:
    """Destroys what was on its way when a switch was killed: the old file where the new one has its name, else the new.

    An old file that still has its own name as well only loses the other one.
    """
    for left in kept_files.leftovers(paths.catalog):
        destroy(left)
    for folder in (paths.home, *kept_privately(paths)):
        for left in sorted(folder.glob(f"{UNFINISHED}*") if folder == paths.home else folder.rglob(f"{UNFINISHED}*")):
            destroy(left)


def _convert_catalog(catalog: Path, vault: EncryptedVault) -> None:
    from isthisme.catalog.cipher import convert

    is_plain = vault.is_plain_catalog(catalog)
    if is_plain != (vault.state is State.TURNING_ON) or not catalog.stat().st_size:
        return
    key = vault.database_key
    new = _beside(catalog)
    os.close(make_private(new))
    try:
        source_key, target_key = (None, key) if is_plain else (key, None)
        convert(catalog, source_key, new, target_key, lambda: _put_in_place(new, catalog))
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _convert_file(path: Path, vault: EncryptedVault) -> None:
    new = _beside(path)
    try:
        with (
            vault.open(path) as source,
            os.fdopen(make_private(new), "wb") as target,
            vault.writing(path, target) as out,
        ):
            while chunk := source.read(_CHUNK):
                out.write(chunk)
        if _digest(vault, path) != _digest(vault, new):
            raise UsageError(f"{path} could not be written anew: what was written reads differently; look at the disk")
        _put_in_place(new, path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _put_in_place(new: Path, path: Path) -> None:
    """Gives the new file the old one's name, and destroys the old one."""
    handle = os.open(new, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    old = _beside(path)
    old.hardlink_to(path)  # at no moment is there no file of that name
    new.replace(path)
    sync_folder(path.parent)
    destroy(old)
    sync_folder(path.parent)


def _beside(path: Path) -> Path:
    return path.with_name(f"{UNFINISHED}{secrets.token_hex(8)}")


def _digest(vault: EncryptedVault, path: Path) -> bytes:
    with vault.open(path) as stream:
        return hashlib.file_digest(stream, "sha256").digest()
