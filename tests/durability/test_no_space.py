"""A full disk and one that may not be written: clear words, nothing lost, and on it goes when that is over."""

import random
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from isthisme.catalog import Catalog
from isthisme.errors import CatalogUnusable
from tests.durability import work
from tests.durability.deaths import ROUNDS, is_sound
from tests.durability.doomed import Mother
from tests.durability.photo_folder import make_catalog, make_photos, photos_of, state_of

PHOTOS = 80
LEAST = 100_000  # bytes; room for the log's directory and a few pages


def test_on_a_full_disk_what_was_done_is_kept_and_the_rest_follows_when_there_is_space(
    quick_path: Path, mother: Mother, chance: random.Random
) -> None:
    """The limit is on the size of each file, which the system enforces for everybody."""
    photos = make_photos(quick_path / "photos", PHOTOS)
    empty = make_catalog(quick_path / "empty.db", photos)
    undisturbed = Path(shutil.copy(empty, quick_path / "undisturbed.db"))
    mother.run(work.index, undisturbed)
    expected = state_of(undisturbed)
    size = undisturbed.stat().st_size
    failed = 0
    for number in range(ROUNDS // 4):
        path = Path(shutil.copy(empty, quick_path / f"{number}.db"))
        *words, damage, _kept = mother.run(
            work.index_in_little_space, path, chance.randint(LEAST, size * 3 // 2)
        ).acknowledged
        assert damage is None
        assert all("look whether it is full" in said or "no space is left" in said for said in words)
        failed += len(words)
        assert is_sound(path)
        assert state_of(path) == expected
    assert failed > 0


def test_a_file_that_may_not_grow_says_that_there_is_no_space(quick_path: Path, mother: Mother) -> None:
    photos = make_photos(quick_path / "photos", PHOTOS)
    path = make_catalog(quick_path / "catalog.db", photos)
    with closing(Catalog(path)) as catalog:
        ((pages,),) = catalog._connection.rows("pragma page_count")
        catalog._connection.rows(f"pragma max_page_count = {pages + 20}")
        with pytest.raises(CatalogUnusable, match=r"no space is left for .*; free some and try again"):
            work.indexer(catalog).refresh()
        assert catalog.damage() is None
        catalog.folders.add(quick_path)  # the next thing can be done
        catalog._connection.rows("pragma max_page_count = 1000000")
        work.indexer(catalog).refresh()
        assert catalog.photos.count() >= PHOTOS


def test_forgetting_on_a_full_disk_can_be_repeated(quick_path: Path, mother: Mother) -> None:
    """Erasing writes zeros, and so needs space itself."""
    path = make_catalog(quick_path / "catalog.db", make_photos(quick_path / "photos", PHOTOS))
    mother.run(work.index, path)
    unwanted = photos_of(path)[:40]
    with closing(Catalog(path)) as catalog:
        # The log grows by what is overwritten; a full log is a full disk.
        with pytest.raises(CatalogUnusable, match="full"), work.little_space(LEAST):
            catalog.forgetting.forget(unwanted)
        assert catalog.damage() is None
        catalog.forgetting.forget(unwanted)
        assert catalog.photos.count() == PHOTOS - len(unwanted)


def test_where_nothing_may_be_written_the_words_say_so_and_nothing_is_changed(quick_path: Path, mother: Mother) -> None:
    home = quick_path / "home"
    home.mkdir()
    path = make_catalog(home / "catalog.db", make_photos(quick_path / "photos", 3))
    before = path.read_bytes()
    quick_path.chmod(0o755)
    try:
        (words,) = mother.run(work.index_as_somebody_who_may_not_write, path).acknowledged
    finally:
        home.chmod(0o700)
        path.chmod(0o600)
    assert "permissions" in words
    assert "ISTHISME_HOME" in words
    assert path.read_bytes() == before
    mother.run(work.index, path)
    assert len(state_of(path).photos) == 3
