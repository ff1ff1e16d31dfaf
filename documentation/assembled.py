"""The pages as mkdocs takes them: docs/, and pages that lie elsewhere in the repository, with the links of the site.

In the repository links are written as they can be followed there.
"""

import posixpath
import re
import shutil
from pathlib import Path

# Files outside of docs/ that are pages of the site: where they lie, and their place there.
PAGES_ELSEWHERE = {
    "native_host/PROTOCOL.md": "protocol.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "CODE_OF_CONDUCT.md": "conduct.md",
}
# Of these the site has a form of its own.
_SAME_THING = {"README.md": "index.md", "SECURITY.md": "security.md"}
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_TRANSLATED = re.compile(r"\.zh\.md$")


def assemble(repository: Path, target: Path) -> None:
    """Writes all pages and pictures to the target folder, which is emptied before."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(repository / "docs", target)
    for path, place in PAGES_ELSEWHERE.items():
        shutil.copy(repository / path, target / place)
    for page in target.rglob("*.md"):
        place = page.relative_to(target).as_posix()
        page.write_text(relinked(page.read_text(encoding="utf-8"), place), encoding="utf-8")


def relinked(markdown: str, place: str) -> str:
    """The page at this place of the site, its links those of the site. Of a link to a source file the words stay."""
    elsewhere = {site: path for path, site in PAGES_ELSEWHERE.items()}
    folder = posixpath.dirname(elsewhere.get(place, f"docs/{place}"))

    def moved(found: re.Match[str]) -> str:
        is_picture, text, target = found.groups()
        if re.match(r"[a-z]+:|#|/", target):
            return found[0]
        path, mark, anchor = target.partition("#")
        there = _on_site(posixpath.normpath(posixpath.join(folder, path)))
        if there is None:
            return text
        link = posixpath.relpath(there, posixpath.dirname(place) or ".")
        return f"{is_picture}[{text}]({link}{mark}{anchor})"

    return _LINK.sub(moved, markdown)


def _on_site(path: str) -> str | None:
    """Where a file of the repository is on the site; None where it is not there. Each language finds its own page."""
    named = PAGES_ELSEWHERE.get(path) or _SAME_THING.get(path)
    return named or (_TRANSLATED.sub(".md", path.removeprefix("docs/")) if path.startswith("docs/") else None)
