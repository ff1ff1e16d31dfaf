"""What docs/ has from the code is what the code says, and all of it is said."""

import json
from pathlib import Path

import click
import pytest

from documentation.commands import command_reference
from documentation.doctor_texts import Text, Unreadable, doctor_texts
from documentation.floors import ROOT, House, the_house
from documentation.generated import filled, stale
from documentation.troubleshooting import LANGUAGES, translations, without_translation
from isthisme.cli import program


def test_nothing_that_comes_from_the_code_is_stale() -> None:
    assert [str(path.relative_to(ROOT)) for path in stale()] == [], "run scripts/generate-docs"


def commands_of(group: click.Group, *names: str) -> list[str]:
    found = []
    for name, command in group.commands.items():
        found.append(" ".join([*names, name]))
        if isinstance(command, click.Group):
            found += commands_of(command, *names, name)
    return found


def test_every_command_and_option_stands_in_the_reference() -> None:
    page = command_reference(program)
    for name in commands_of(program, "isthisme"):
        assert f"# {name}\n" in page, name
    assert "--repair" in page
    assert "`isthisme check [OPTIONS] FILE_OR_URL...`" in page


def test_every_room_that_there_is_has_a_floor_and_imports_only_downwards() -> None:
    house = the_house()
    assert house.faults() == []
    sources = ROOT / "daemon" / "isthisme"
    there = {path.parent.name for path in sources.glob("*/__init__.py")} | {path.stem for path in sources.glob("*.py")}
    assert house.rooms == {name for name in there if not name.startswith("__")}


def test_an_import_that_crosses_or_comes_from_nowhere_is_a_fault() -> None:
    house = House((("cli",), ("engine", "index"), ("errors",)), frozenset({("engine", "index"), ("attic", "errors")}))
    assert house.faults() == ["attic is on no floor of pyproject.toml", "engine imports index, which is not below it"]


def test_lines_are_drawn_only_where_no_other_lines_lead() -> None:
    house = House(
        (("cli",), ("index",), ("errors",)), frozenset({("cli", "index"), ("index", "errors"), ("cli", "errors")})
    )
    assert house.lines() == {("cli", "index"), ("index", "errors")}


DOCTOR = """
from isthisme.doctor import Finding
_REPAIR = "mend it"
def _one(paths):
    words = f"{paths.home} is open"
    yield Finding(Level.TROUBLE, "home", words, _REPAIR)
    words = "all is well"
    yield Finding(Level.FINE, "home", words=words)
"""


def test_what_doctor_says_is_read_from_its_source(tmp_path: Path) -> None:
    (tmp_path / "a_check.py").write_text(DOCTOR)
    assert doctor_texts(tmp_path) == [
        Text("trouble", "home", "… is open", "mend it"),
        Text("fine", "home", "all is well", None),
    ]


def test_all_that_doctor_says_is_explained_in_chinese_and_nothing_that_it_no_longer_says() -> None:
    assert without_translation() == [], "explain it in documentation/doctor.zh.toml"
    said = {words for text in doctor_texts() for words in (text.about, text.words, text.way_out)}
    assert sorted(set(translations()) - said) == []


def test_a_finding_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "doctor.py").write_text("def one(parts):\n    return Finding(*parts)\n")
    with pytest.raises(Unreadable, match=r"doctor\.py:2"):
        doctor_texts(tmp_path)


def test_every_finding_is_on_the_page_of_troubles() -> None:
    page = (ROOT / "docs" / "guide" / "troubleshooting.md").read_text(encoding="utf-8")
    told = [text for text in doctor_texts() if text.level != "fine" and text.way_out]
    assert len(told) > 15
    for text in told:
        assert str(text.way_out) in page


@pytest.mark.parametrize(("language", "ending"), [("en", ".md"), ("zh", ".zh.md")])
def test_what_stops_the_extension_is_on_the_page_in_its_own_words(language: str, ending: str) -> None:
    page = (ROOT / "docs" / "guide" / f"troubleshooting{ending}").read_text(encoding="utf-8")
    path = ROOT / "extension" / "_locales" / LANGUAGES[language] / "messages.json"
    messages = json.loads(path.read_text(encoding="utf-8"))
    for key in ("missing_title", "unreachable_text", "damaged_title", "disk_full_text", "why_too_plain"):
        assert messages[key]["message"] in page


def test_a_page_without_a_place_for_what_is_generated_is_told() -> None:
    with pytest.raises(ValueError, match="0 places"):
        filled("A page.", "doctor", "words")
