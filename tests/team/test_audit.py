"""The team's log: whole, in order, and telling where it is not."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from isthisme.cli import program
from tests.team.offices import team

CHANGES = {
    "a name": "update journal set detail = replace(detail, 'rita', 'saul') where id = 3",
    "a time": "update journal set at = at - 86400 where id = 3",
    "what was done": "update journal set event = 'team_opened' where id = 3",
    "an entry is gone": "delete from journal where id = 3",
}


def written(folder: Path) -> list[str]:
    """A log of five entries; their hashes."""
    with team(folder, "anna") as made:
        rita = made.caller("rita", ["anna"])
        for _ in range(3):
            made.looking.sightings(rita, "anna", limit=1, before=None)
        return [entry.hash.hex() for entry in made.door.audit.entries()]


def altered(folder: Path, *statements: str) -> None:
    """By somebody who has the file, and no respect for its triggers."""
    with closing(sqlite3.connect(folder / "catalog.db")) as raw, raw:
        for trigger in ("journal_is_not_changed", "journal_is_not_deleted"):
            raw.execute(f"drop trigger {trigger}")
        for statement in statements:
            raw.execute(statement)


def verified(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(program, ("team", "log", *words), env={"ISTHISME_HOME": str(folder)})


def test_a_log_as_it_was_written_is_said_to_be_whole(tmp_path: Path) -> None:
    hashes = written(tmp_path / "team")
    whole = verified(tmp_path / "team", "--verify", "--receipt", hashes[1])
    assert whole.exit_code == 0
    assert "5 entries, each as it was written and each receipt there" in whole.output
    shown = verified(tmp_path / "team", "--json")
    assert [line.split('"event":"team_')[1].split('"')[0] for line in shown.output.splitlines()] == [
        *("owner_added", "invited", "listed", "listed", "listed"),
    ]


@pytest.mark.parametrize("change", CHANGES)
def test_a_log_that_was_changed_says_where(tmp_path: Path, change: str) -> None:
    written(tmp_path / "team")
    altered(tmp_path / "team", CHANGES[change])
    found = verified(tmp_path / "team", "--verify")
    assert found.exit_code == 1
    assert f"entry {4 if change == 'an entry is gone' else 3} is not as it was written" in found.output


def test_an_end_that_was_cut_off_shows_by_a_receipt(tmp_path: Path) -> None:
    hashes = written(tmp_path / "team")
    altered(tmp_path / "team", "delete from journal where id > 3")
    assert verified(tmp_path / "team", "--verify").exit_code == 0  # as the documentation says
    found = verified(tmp_path / "team", "--verify", "--receipt", hashes[1], "--receipt", hashes[4])
    assert found.exit_code == 1
    assert hashes[4] in found.output
    assert hashes[1] not in found.output


def test_the_database_refuses_to_change_the_log(tmp_path: Path) -> None:
    written(tmp_path / "team")
    with closing(sqlite3.connect(tmp_path / "team" / "catalog.db")) as raw:
        for statement in CHANGES.values():
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                raw.execute(statement)


def test_the_log_holds_no_address_no_picture_and_no_text(tmp_path: Path) -> None:
    with team(tmp_path / "team", "anna") as made:
        rita = made.caller("rita", ["anna"])
        made.looking.open(rita, "anna", 1)
        made.reviewing.draft(rita, "anna", "request", "en", [1], {"name": "An Agency"})
        told = str(made.log())
        assert "opened" in told
        assert not any(each in told for each in ("https://", "A title", "An Agency", "jpeg"))
