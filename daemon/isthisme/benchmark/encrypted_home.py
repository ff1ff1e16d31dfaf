"""What encryption costs: the same work in an encrypted home and in a plain one, in turns."""

import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console

from isthisme.benchmark.table import Comparison, timed
from isthisme.catalog import Catalog
from isthisme.catalog.connecting import check_installed
from isthisme.config import Paths
from isthisme.domain import PhotoDescription
from isthisme.encryption import PLAIN, Vault
from isthisme.encryption.encrypted import EncryptedVault
from isthisme.encryption.key_places import InFile
from isthisme.encryption.record import State
from isthisme.encryption.recovery_key import RecoveryKey
from isthisme.encryption_switch import decrypt, encrypt, prepare
from isthisme.index.segment import Columns, map_segment, write_segment

_LENGTH = 512
_PREVIEW_BYTES = 12_000
_IN_A_TRANSACTION = 64
_LETTER_BYTES = 20 << 20


def encrypted_home(photos: int, catalog_photos: int, console: Console, *, repeats: int) -> None:
    """Prints three tables: with `photos` in a segment, and fewer in the catalog, which takes longer to fill.

    Raises EncryptionMissing.
    """
    check_installed()
    with tempfile.TemporaryDirectory() as folder:
        plain, sealed = Path(folder) / "plain", Path(folder) / "sealed"
        for home in (plain, sealed):
            home.mkdir()
        vaults: dict[Path, Vault] = {plain: PLAIN, sealed: EncryptedVault(sealed, bytes(32), State.ON)}
        _files(photos, vaults, repeats=repeats).print(console)
        _catalogs(catalog_photos, vaults, repeats=repeats).print(console)
        _switch(plain, Path(folder) / "key", repeats=max(1, repeats // 3)).print(console)


def _files(photos: int, vaults: dict[Path, Vault], *, repeats: int) -> Comparison:
    table = Comparison(f"Files of an encrypted home, {photos:,} photos in the index", "ms", more_is_better=False)
    chance = np.random.default_rng(1)
    rows = Columns(
        np.arange(1, photos + 1),
        chance.integers(0, 2**63, photos, dtype=np.uint64),
        chance.integers(-127, 128, (photos, _LENGTH), dtype=np.int8),
    )
    letter = chance.bytes(_LETTER_BYTES)

    def write(home: Path, vault: Vault) -> None:
        write_segment(home / "a.segment", [rows], vault)

    def open_(home: Path, vault: Vault) -> None:
        index = map_segment(home / "a.segment", vault).index(1)
        index.nearest(np.ones((1, _LENGTH), np.int8), 1)

    def save(home: Path, vault: Vault) -> None:
        (home / "letter").write_bytes(vault.sealed(home / "letter", letter))

    def read(home: Path, vault: Vault) -> None:
        with vault.open(home / "letter") as stream:
            stream.read()

    _compare(table, "a segment written", write, vaults, repeats=repeats)
    _compare(table, "a segment opened, and searched once", open_, vaults, repeats=repeats)
    _compare(table, "evidence of 20 MiB written", save, vaults, repeats=repeats)
    _compare(table, "evidence of 20 MiB read", read, vaults, repeats=repeats)
    return table


def _catalogs(photos: int, vaults: dict[Path, Vault], *, repeats: int) -> Comparison:
    table = Comparison(f"The catalog of an encrypted home, {photos:,} photos", "ms", more_is_better=False)
    descriptions = [_description(number) for number in range(photos)]

    def fill(home: Path, vault: Vault) -> None:
        path = home / "catalog.db"
        for old in home.glob("catalog.db*"):
            old.unlink()
        with closing(Catalog(path, key=vault.catalog_key(path))) as catalog:
            generation = catalog.generations.start_first("model")
            for start in range(0, photos, _IN_A_TRANSACTION):
                with catalog.transaction():
                    for number in range(start, min(photos, start + _IN_A_TRANSACTION)):
                        photo_id = catalog.photos.add(b"%d" % number, descriptions[number], b"/photos/%d.jpg" % number)
                        catalog.generations.add(generation, photo_id, descriptions[number])

    def open_(home: Path, vault: Vault) -> None:
        path = home / "catalog.db"
        with closing(Catalog(path, key=vault.catalog_key(path))) as catalog:
            catalog.photos.count()

    def read(home: Path, vault: Vault) -> None:
        path = home / "catalog.db"
        with closing(Catalog(path, key=vault.catalog_key(path))) as catalog:
            generation = catalog.generations.current()
            if generation is not None:
                catalog.generations.descriptions(generation)

    def check(home: Path, vault: Vault) -> None:
        path = home / "catalog.db"
        with closing(Catalog(path, key=vault.catalog_key(path))) as catalog:
            if catalog.damage() is not None:
                raise AssertionError("the catalog is damaged")

    _compare(table, "filled", fill, vaults, repeats=max(1, repeats // 3))
    _compare(table, "opened, and its photos counted", open_, vaults, repeats=repeats)
    _compare(table, "opened, and all descriptions read", read, vaults, repeats=repeats)
    _compare(table, "opened, and checked whole (doctor)", check, vaults, repeats=repeats)
    return table


def _switch(plain: Path, key: Path, *, repeats: int) -> Comparison:
    """A home of what the others left, beside a copy of it that is synced file by file."""
    size = sum(path.stat().st_size for path in plain.iterdir())
    table = Comparison(f"Switching a home of {size / 1e6:,.0f} MB", "ms", more_is_better=False)
    paths = Paths(plain.with_name("switched"))
    (plain / "evidence").mkdir()
    (plain / "index").mkdir()
    (plain / "letter").rename(plain / "evidence" / "letter.zip")
    (plain / "a.segment").rename(plain / "index" / "a.segment")
    shutil.copytree(plain, paths.home)
    times: dict[str, list[float]] = {"on": [], "off": []}
    for _ in range(repeats):
        prepare(paths, RecoveryKey.new(), place=InFile(key))
        times["on"].append(_timed_once(lambda: encrypt(paths, InFile(key))))
        times["off"].append(_timed_once(lambda: decrypt(paths, InFile(key))))
    copied = timed(lambda: shutil.copytree(plain, plain.with_name("copy"), dirs_exist_ok=True), repeats=repeats).median
    for name, taken in times.items():
        table.add(f"encryption {name}", float(np.median(taken)), "copying it, unsynced", copied)
    return table


def _timed_once(work: Callable[[], object]) -> float:
    """Milliseconds; for what cannot be done twice."""
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def _compare(
    table: Comparison, name: str, work: Callable[[Path, Vault], None], vaults: dict[Path, Vault], *, repeats: int
) -> None:
    times: dict[Path, list[float]] = {home: [] for home in vaults}
    for _ in range(repeats + 1):  # in turns, so that whatever else runs here slows both alike
        for home, vault in vaults.items():
            times[home].append(_timed_once(partial(work, home, vault)))
    plain, sealed = (float(np.median(each[1:])) for each in times.values())
    table.add(name, sealed, "plain home", plain)


def _description(number: int) -> PhotoDescription:
    chance = np.random.default_rng(number)
    descriptor = chance.integers(-127, 128, _LENGTH, dtype=np.int8)
    hashes = chance.integers(0, 2**63, 1, dtype=np.uint64)
    return PhotoDescription("model", 640, 480, hashes, descriptor, chance.bytes(_PREVIEW_BYTES))
