"""The pages as they lie in the repository: links lead somewhere, pictures are there, both languages have one form."""

import re
from pathlib import Path

import pytest

from documentation.assembled import PAGES_ELSEWHERE, relinked
from documentation.floors import ROOT
from documentation.foreign_hosts import requests_elsewhere
from documentation.matching_pictures import NAMES, PICTURES
from documentation.screens import ANIMATION, LOCALES, SCREENS, picture_of

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "native_host" / "PROTOCOL.md"]
TRANSLATED = sorted((ROOT / "docs").rglob("*.zh.md"))
USERS_PAGES = {"index.md", *(f"guide/{path.name}" for path in (ROOT / "docs" / "guide").glob("*.md"))}
POLICY = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self'\">"


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_to_a_file_that_is_there(page: Path) -> None:
    text = without_code(page.read_text(encoding="utf-8"))
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    gone = [link for link in links if not re.match(r"[a-z]+:|#", link)]
    gone = [link for link in gone if not (page.parent / link.partition("#")[0]).exists()]
    assert gone == []


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_has_its_picture(screen: str, language: str) -> None:
    path = picture_of(screen, language)
    assert path.exists(), "run scripts/draw-guide"
    assert path.stat().st_size < 200_000


def test_the_other_pictures_are_there_and_small() -> None:
    assert ANIMATION.stat().st_size < 1_500_000
    assert all((PICTURES / f"{name}.webp").stat().st_size < 200_000 for name in NAMES)


def test_every_picture_of_a_screen_is_shown_by_the_guide_in_its_language() -> None:
    for language, ending in (("en", ".md"), ("zh", ".zh.md")):
        pages = [
            page for page in (ROOT / "docs" / "guide").glob("*.md") if page.name.endswith(".zh.md") == (ending != ".md")
        ]
        text = "".join(page.read_text(encoding="utf-8") for page in pages)
        unseen = [screen for screen in SCREENS if picture_of(screen, language).name not in text]
        assert unseen == []


def test_every_page_for_users_is_there_in_chinese() -> None:
    english = {page for page in USERS_PAGES if not page.endswith(".zh.md")}
    assert {page.replace(".md", ".zh.md") for page in english} <= {
        path.relative_to(ROOT / "docs").as_posix() for path in TRANSLATED
    }


@pytest.mark.parametrize("page", TRANSLATED, ids=named)
def test_both_languages_have_the_same_form(page: Path) -> None:
    def form(path: Path) -> list[str]:
        lines = path.read_text(encoding="utf-8").splitlines()
        # What doctor says is told and explained on the Chinese page, by other headings.
        kinds = (re.match(r"#{1,3} |!\[|\d\. ", line) for line in lines)
        return [kind[0] for kind in kinds if kind]

    assert form(page) == form(page.with_name(page.name.replace(".zh.md", ".md")))


def test_the_readme_begins_with_two_commands_that_are_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^(scripts/\S+)", "\n".join(re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)), re.MULTILINE)
    assert commands == ["scripts/run", "scripts/run"]
    assert (ROOT / "scripts" / "run").stat().st_mode & 0o100
    assert len(readme.splitlines()) < 110, "short enough to be read to its end"


def test_every_page_is_in_the_menu_of_the_site() -> None:
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    places = [*PAGES_ELSEWHERE.values(), *(page for page in pages if not page.endswith(".zh.md"))]
    assert [place for place in places if f": {place}\n" not in menu] == []


def test_links_become_those_of_the_site() -> None:
    assert relinked("[a](../native_host/PROTOCOL.md#frames)", "browsing.md") == "[a](protocol.md#frames)"
    assert relinked("[a](docs/guide/limits.md)", "contributing.md") == "[a](guide/limits.md)"
    assert relinked("[a](../../CONTRIBUTING.md)", "guide/troubleshooting.md") == "[a](../contributing.md)"
    assert relinked("[a](index.zh.md)", "index.md") == "[a](index.md)"
    assert relinked("[the pump](../native_host/isthisme_host/pump.py)", "decisions.md") == "the pump"
    assert relinked("[a](https://example.org/x.md) [b](#c)", "index.md") == "[a](https://example.org/x.md) [b](#c)"


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("<script src='https://cdn.example/x.js'></script>", "loads https://cdn.example/x.js"),
        ("<link rel=stylesheet href=//fonts.example/a.css>", "loads //fonts.example/a.css"),
        ("<img srcset='a.png 1x, https://cdn.example/b.png 2x'>", "loads https://cdn.example/b.png 2x"),
        ("<style>@import 'https://cdn.example/c.css';</style>", "loads https://cdn.example/c.css"),
        ("<p style='background: url(https://cdn.example/d.png)'>", "loads https://cdn.example/d.png"),
    ],
)
def test_what_a_page_loads_from_elsewhere_is_found(page: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(POLICY + page)
    assert requests_elsewhere(tmp_path) == [f"a.html: {fault}"]


def test_links_to_follow_and_own_files_are_no_fault(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(f"{POLICY}<a href='https://example.org'>there</a><img src='b.png'>")
    (tmp_path / "a.css").write_text("p { background: url(data:image/png;base64,AA==), url(b.png) }")
    assert requests_elsewhere(tmp_path) == []


def test_a_page_that_lets_scripts_ask_elsewhere_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>No policy.")
    (tmp_path / "b.html").write_text(POLICY.replace("'self'", "https:"))
    assert requests_elsewhere(tmp_path) == [
        "a.html: its policy says: nothing of default-src 'none'",
        "b.html: its policy says: img-src https:",
    ]
