"""Small records by kind and name."""

from contextlib import closing
from pathlib import Path

from isthisme.catalog import Catalog


def test_records_are_apart_by_kind_and_name(tmp_path: Path) -> None:
    with closing(Catalog(tmp_path / "c.db")) as catalog:
        records = catalog.records
        for kind, name in (("draft-a", "1"), ("draft-a.b", "1"), ("draft-a", "10"), ("draft", "a 1")):
            records.put(kind, name, f"{kind}/{name}")
        assert records.all("draft-a") == {"1": "draft-a/1", "10": "draft-a/10"}
        assert records.all("draft-a.b") == {"1": "draft-a.b/1"}
        assert records.all("draft") == {"a 1": "draft/a 1"}
        records.put("draft-a", "1", "another")
        records.drop("draft-a", "10")
        records.drop("draft-a", "none")
        assert records.all("draft-a") == {"1": "another"}
        assert records.get("draft-a.b", "1") == "draft-a.b/1"
        assert records.get("draft-a", "2") is None


def test_records_and_the_journal_are_one_transaction(tmp_path: Path) -> None:
    with closing(Catalog(tmp_path / "c.db")) as catalog:
        try:
            with catalog.transaction():
                catalog.records.put("kind", "name", "text")
                catalog.journal.note("team_asked", {})
                raise RuntimeError
        except RuntimeError:
            pass
        assert catalog.records.get("kind", "name") is None
        assert catalog.journal.entries() == []
