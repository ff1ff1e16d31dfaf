"""The list of folders tells what the user left out, and the rest only when asked."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from isthisme.cli import program
from isthisme.indexing.exclusions import DEFAULT_PATTERNS


def folders(home: Path, *words: str) -> str:
    done = CliRunner().invoke(program, ["folders", *words], env={"ISTHISME_HOME": str(home), "COLUMNS": "1000"})
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    folders(tmp_path / "home", "add", str(tmp_path / "photos"))
    return tmp_path / "home"


def test_what_is_left_out_by_itself_is_told_only_when_asked(home: Path) -> None:
    assert folders(home, "list") == f"{home.parent / 'photos'}  (0 photos)\n"
    assert f"Left out: {' '.join(DEFAULT_PATTERNS)}\n" in folders(home, "list", "--excluded")


def test_what_was_left_out_or_taken_back_is_told(home: Path) -> None:
    folders(home, "exclude", "Screenshots/")
    folders(home, "include", DEFAULT_PATTERNS[0])
    shown = folders(home, "list")
    assert "Left out: Screenshots/\n" in shown
    assert f"Looked at all the same: {DEFAULT_PATTERNS[0]}\n" in shown
    assert f"Left out: {' '.join([*DEFAULT_PATTERNS[1:], 'Screenshots/'])}\n" in folders(home, "list", "--excluded")
