"""The rooms of the daemon as a table: what each says of itself, floor by floor."""

import ast

from documentation.floors import ROOT, House

_HEAD = """# The rooms of the daemon

Floor by floor, from the top; each may import what is below it. The words are the rooms' own. How they hang together is
in [Architecture](../architecture.md).

| room | what it says of itself |
|---|---|
"""


def rooms_table(house: House) -> str:
    """The page, as Markdown."""
    rows = [f"| `{room}` | {_first_words(room)} |" for floor in house.floors for room in floor]
    return _HEAD + "\n".join(rows) + "\n"


def _first_words(room: str) -> str:
    """The first paragraph of its docstring."""
    folder = ROOT / "daemon" / "isthisme" / room
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(words.split("\n\n")[0].split()).replace("|", "\\|")
