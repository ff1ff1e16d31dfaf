"""Encrypted catalogs: the same to whoever has the key, and to others nothing."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from isthisme.catalog import Catalog, kept_files
from isthisme.catalog.connecting import connect
from isthisme.catalog.photos import FileState
from isthisme.catalog.salvage import salvage
from isthisme.catalog.schema import MIGRATIONS, make_tables
from isthisme.domain import PhotoDescription
from isthisme.errors import CatalogDamaged, EncryptionMissing

KEY = bytes(range(48))
PAGE = 4096
PHOTOS = 60


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a sound encrypted catalog."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "photos").mkdir()
    chance = np.random.default_rng(1)
    with closing(Catalog(folder / "catalog.db", key=KEY)) as catalog, catalog.transaction():
        catalog.folders.add(folder / "photos")
        for number in range(PHOTOS):
            preview = chance.bytes(int(chance.integers(1, 9_000)))
            made = PhotoDescription("model", 64, 48, chance.integers(0, 2**64, 1, dtype=np.uint64), None, preview)
            path = b"/photos/secret name %d.jpg" % number
            photo_id = catalog.photos.add(b"%032d" % number, made, path)
            catalog.photos.put_at(path, 1, FileState(number, number << 40), photo_id)
    return (folder / "catalog.db").read_bytes()


@pytest.fixture
def path(whole: bytes, tmp_path: Path) -> Path:
    made = tmp_path / "catalog.db"
    made.write_bytes(whole)
    made.chmod(0o600)
    return made


def test_with_its_key_it_is_a_catalog_like_any_other(path: Path) -> None:
    with closing(Catalog(path, key=KEY)) as catalog:
        assert catalog.photos.count() == PHOTOS
        assert catalog.damage() is None
        with pytest.raises(sqlite3.IntegrityError) as caught:
            catalog._connection.run("insert into photos (id) values (1)")
        assert "NOT NULL" in str(caught.value)


def test_its_file_looks_like_chance_and_has_no_header(whole: bytes) -> None:
    assert b"secret name" not in whole
    assert not whole.startswith(b"SQLite format 3")
    counts = np.bincount(np.frombuffer(whole, np.uint8), minlength=256)
    expected = len(whole) / 256
    # Chi-squared with 255 degrees of freedom is below 500 but once in 10**17 times.
    assert float(((counts - expected) ** 2 / expected).sum()) < 500


@pytest.mark.parametrize("key", [None, bytes(48), KEY[:32] + bytes(16)])
def test_with_another_key_or_none_it_opens_not_and_stays_as_it_is(path: Path, whole: bytes, key: bytes | None) -> None:
    """The salt that is part of a key is that of the file: another one changes nothing."""
    if key is not None and key[:32] == KEY[:32]:
        key = bytes([key[0] ^ 1]) + key[1:]
    with pytest.raises(CatalogDamaged):
        Catalog(path, key=key)
    assert path.read_bytes() == whole


def test_a_changed_page_is_found(path: Path, whole: bytes) -> None:
    data = bytearray(whole)
    data[10 * PAGE + 100] ^= 1
    path.write_bytes(data)
    with closing(Catalog(path, key=KEY)) as catalog:
        assert catalog.damage() is not None


def test_of_a_damaged_one_what_can_be_read_is_saved_into_an_encrypted_one(path: Path, whole: bytes) -> None:
    seed = random.randrange(10**6)
    print("seed", seed)  # noqa: T201 to repeat a failure
    chance = random.Random(seed)
    data = bytearray(whole)
    pages = len(data) // PAGE
    for page in chance.sample(range(1, pages), pages // 8):
        data[page * PAGE + chance.randrange(PAGE)] ^= 255
    path.write_bytes(data)
    done = salvage(path, KEY)
    assert 0 < done.saved["photos"] <= PHOTOS
    assert done.aside.read_bytes() == data
    assert b"secret name" not in path.read_bytes()
    with closing(Catalog(path, key=KEY)) as catalog:
        assert catalog.damage() is None
        assert catalog.photos.count() == done.saved["photos"] - done.lost["photos"]


def test_of_a_sound_one_everything_is_saved(path: Path) -> None:
    done = salvage(path, KEY)
    assert (done.saved["photos"], done.saved["places"], done.broken) == (PHOTOS, PHOTOS, 0)


def test_without_its_first_page_the_rest_is_still_saved(path: Path, whole: bytes) -> None:
    path.write_bytes(whole[:16] + bytes(PAGE - 16) + whole[PAGE:])
    done = salvage(path, KEY)
    assert done.saved["photos"] > PHOTOS // 2


def test_the_copy_before_an_update_is_encrypted_with_the_same_key(tmp_path: Path) -> None:
    from sqlite_utils import Database

    path = tmp_path / "catalog.db"
    old = len(MIGRATIONS) - 1
    with closing(connect(kept_files.private_file(path), KEY, isolation_level=None)) as raw:
        make_tables(Database(raw), old)
    Catalog(path, key=KEY).close()
    (copy,) = kept_files.copies(path)
    assert not copy.read_bytes().startswith(b"SQLite")
    with closing(connect(copy, KEY)) as raw:
        assert raw.execute("pragma user_version").fetchone() == (old,)


def test_without_the_package_the_words_say_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("isthisme.catalog.connecting.find_spec", lambda _name: None)
    with pytest.raises(EncryptionMissing, match=r"install isthisme\[encryption\]"):
        Catalog(tmp_path / "catalog.db", key=KEY)
