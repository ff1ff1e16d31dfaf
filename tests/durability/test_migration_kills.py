"""A migration killed at each of its steps: the catalog is of the old version or the new one, and whole."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from isthisme.catalog import Catalog, kept_files
from isthisme.catalog.schema import MIGRATIONS
from tests.catalog.old_catalogs import contents, make_old_catalog, version_of
from tests.durability import work
from tests.durability.doomed import Mother

PRESENT = len(MIGRATIONS)


@pytest.mark.parametrize("version", range(1, PRESENT))
def test_a_migration_killed_at_any_step_leaves_the_old_catalog_or_the_new_one(
    quick_path: Path, mother: Mother, version: int
) -> None:
    old = make_old_catalog(quick_path / "old.db", version)
    before = contents(old)

    def fresh(name: str) -> Path:
        (quick_path / name).mkdir()
        return Path(shutil.copy(old, quick_path / name / "catalog.db"))

    undisturbed = fresh("undisturbed")
    steps = mother.events(work.migrate, undisturbed)
    assert steps > 15, "statements and files are counted"
    after = contents(undisturbed)
    for step in range(1, steps + 1):
        path = fresh(f"killed_{step}")
        end = mother.run(work.migrate, path, dies_at=step)
        assert end.was_killed, step
        with closing(sqlite3.connect(path)) as raw:
            assert raw.execute("pragma integrity_check").fetchall() == [("ok",)], step
        found = version_of(path)
        assert found == PRESENT if end.acknowledged else found in (version, PRESENT), step
        assert contents(path) == (after if found == PRESENT else before), step
        for copy in kept_files.copies(path):
            assert (version_of(copy), contents(copy)) == (version, before), step
        if found == PRESENT:
            assert kept_files.copies(path), "what it was is kept"
        Catalog(path).close()
        assert (version_of(path), contents(path)) == (PRESENT, after), step
        assert len(kept_files.copies(path)) == 1, step
        assert kept_files.leftovers(path) == [], step
