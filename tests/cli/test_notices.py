"""`isthisme notice`, as people use it."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner, Result

from isthisme.catalog import Catalog
from isthisme.catalog.sightings import SeenPicture
from isthisme.cli import program

_ANSWER = '{"verdict":"copy","score":1,"reason":null,"matches":[],"width":1,"height":1,"index_generation":1}'
_ANSWERS = ("name=Anna Quist", "email=anna@example.org", "reasons=It shows [bold]me[/].", "good_faith=yes")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    with opened(made) as catalog:
        for number in range(1, 4):
            page = f"https://shop.example/[{number}]"
            catalog.sightings.keep(SeenPicture(page, "照片", "p", b"%d" % number, b"jpeg", 1, 1, _ANSWER))
        catalog.cases.make("The shop", "shop.example", [1, 2])
    return made


@contextmanager
def opened(home: Path) -> Iterator[Catalog]:
    with closing(Catalog(home / "catalog.db")) as catalog:
        yield catalog


def run(home: Path, *words: str) -> Result:
    return CliRunner().invoke(program, ("notice", *words), env={"ISTHISME_HOME": str(home)})


def answered(*answers: str) -> list[str]:
    return [word for answer in answers for word in ("--answer", answer)]


def test_the_kinds_and_their_questions_are_shown(home: Path) -> None:
    shown = run(home, "kinds")
    assert shown.exit_code == 0
    assert "17 U.S.C. § 512(c)(3)" in shown.output
    assert "me: I did | owned:" in shown.output
    assert "no legal advice" in shown.output
    rows = [json.loads(line) for line in run(home, "kinds", "--language", "zh", "--json").output.splitlines()]
    assert [row["kind"] for row in rows] == ["dmca", "prc", "dsa", "gdpr", "request"]
    assert rows[1]["law"] == "《中华人民共和国民法典》第一千零一十九条、第一千一百九十五条"


def test_a_draft_is_printed_with_what_is_missing(home: Path) -> None:
    made = run(home, "draft", "--kind", "dsa", "--sighting", "3", *answered(*_ANSWERS[:3]))
    assert made.exit_code == 1
    assert "https://shop.example/[3]" in made.stdout
    assert "It shows [bold]me[/]." in made.stdout
    assert "[TO BE CONFIRMED: I believe in good faith" in made.stdout
    assert "missing: good_faith: " in made.stderr
    assert "(DSA art. 16(2)(d))" in made.stderr
    assert "no legal advice" in made.stderr
    assert "shop.example" in made.stderr


def test_a_draft_about_a_case_is_saved_as_pdf_and_noted(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "notice.pdf"
    words = ("draft", "--kind", "dsa", "--case", "1", "--language", "zh", "--to", str(target), *answered(*_ANSWERS))
    made = run(home, *words, "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["missing"] == []
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(target))
    assert "https://shop.example/[2]" in text
    assert "违法内容通知" in text
    with opened(home) as catalog:
        assert [event.text for event in catalog.cases.events(1) if event.kind == "notice"] == ["dsa saved"]
        assert catalog.journal.entries()[-1].detail == {"kind": "dsa", "how": "saved", "sightings": [1, 2]}
    assert run(home, *words).exit_code != 0  # never over a file that is there
    assert run(home, "draft", "--kind", "dsa", "--sighting", "1", "--to", str(tmp_path / "n.txt")).exit_code == 1
    assert "https://shop.example/[1]" in (tmp_path / "n.txt").read_text()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--kind", "dsa"), "--sighting"),
        (("--kind", "dsa", "--sighting", "1", "--case", "1"), "--sighting"),
        (("--kind", "dsa", "--sighting", "1", "--answer", "nonsense"), "answers no question"),
        (("--kind", "dsa", "--sighting", "1", "--answer", "postal=x"), "answers no question"),
        (("--kind", "dsa", "--sighting", "1", "--to", "notice.doc"), "neither a .txt nor a .pdf"),
        (("--kind", "x", "--sighting", "1"), "no notice of kind"),
        (("--kind", "dsa", "--sighting", "99"), "no sighting 99"),
        (("--kind", "dsa", "--case", "99"), "99"),
    ],
)
def test_what_cannot_be_drafted_says_why(home: Path, words: tuple[str, ...], reason: str) -> None:
    made = run(home, "draft", *words)
    assert made.exit_code != 0
    assert reason in made.output + str(made.exception)
