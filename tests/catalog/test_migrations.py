"""Catalogs of every past version come to the present one, with a copy kept of what they were."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from isthisme.catalog import Catalog, kept_files
from isthisme.catalog.schema import MIGRATIONS
from isthisme.errors import CatalogUnusable
from tests.catalog.old_catalogs import DESCRIPTOR, PHOTOS, contents, make_old_catalog, version_of

PRESENT = len(MIGRATIONS)
PAST = range(1, PRESENT)


@pytest.mark.parametrize("version", PAST)
def test_a_catalog_of_a_past_version_keeps_all_it_held(tmp_path: Path, version: int) -> None:
    path = make_old_catalog(tmp_path / "catalog.db", version)
    with closing(Catalog(path)) as catalog:
        current = catalog.generations.current()
        assert current is not None
        rows = catalog.generations.descriptions(current)
        assert rows.photo_ids.tolist() == list(range(1, PHOTOS + 1))
        assert rows.descriptors is not None
        assert rows.descriptors.tobytes() == DESCRIPTOR * PHOTOS
        assert len(list(catalog.photos.places_below(b"/"))) == PHOTOS
        assert catalog.sightings.count() == 1
        assert catalog.damage() is None
    assert version_of(path) == PRESENT


@pytest.mark.parametrize("version", PAST)
def test_a_catalog_of_a_past_version_has_the_tables_of_a_new_one(tmp_path: Path, version: int) -> None:
    def tables(path: Path) -> list[tuple[str, str]]:
        Catalog(path).close()
        with closing(sqlite3.connect(path)) as raw:
            return raw.execute("select name, sql from sqlite_master order by name").fetchall()

    assert tables(make_old_catalog(tmp_path / "old.db", version)) == tables(tmp_path / "new.db")


@pytest.mark.parametrize("version", PAST)
def test_a_copy_is_kept_of_what_it_was(tmp_path: Path, version: int) -> None:
    path = make_old_catalog(tmp_path / "catalog.db", version)
    before = contents(path)
    Catalog(path).close()
    (copy,) = kept_files.copies(path)
    assert copy.name == f"catalog-version-{version}.db"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert (contents(copy), version_of(copy)) == (before, version)
    assert kept_files.leftovers(path) == []
    Catalog(path).close()
    assert kept_files.copies(path) == [copy], "it stays until the next migration"


def test_the_copy_of_the_migration_before_goes_when_another_has_succeeded(tmp_path: Path) -> None:
    path = make_old_catalog(tmp_path / "catalog.db", PRESENT - 1)
    older = tmp_path / "catalog-version-0.db"
    older.write_bytes(b"an older copy")
    Catalog(path).close()
    assert [copy.name for copy in kept_files.copies(path)] == [f"catalog-version-{PRESENT - 1}.db"]


def test_what_only_the_log_holds_is_in_the_copy_too(tmp_path: Path) -> None:
    path = make_old_catalog(tmp_path / "catalog.db", PRESENT - 1)
    with closing(sqlite3.connect(path)) as other:  # keeps the log from being emptied
        other.execute("update photos set width = 7")
        other.commit()
        Catalog(path).close()
    (copy,) = kept_files.copies(path)
    assert {row[2] for row in contents(copy)["photos"]} == {7}


def test_a_new_catalog_makes_no_copy(tmp_path: Path) -> None:
    Catalog(tmp_path / "catalog.db").close()
    assert [path.name for path in tmp_path.iterdir()] == ["catalog.db"]


def test_without_space_for_the_copy_nothing_is_changed_and_the_words_say_why(tmp_path: Path) -> None:
    path = make_old_catalog(tmp_path / "catalog.db", PRESENT - 1)
    before = path.read_bytes()
    with pytest.raises(CatalogUnusable, match="free some and try again, nothing was changed"):
        kept_files.keep_copy(path, 1, free=lambda _folder: 1 << 20)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["catalog.db"]
