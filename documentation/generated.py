"""Every file of docs/ that comes from the code, whole or in part."""

import re
from collections.abc import Callable
from pathlib import Path

from documentation.commands import command_reference
from documentation.diagram import drawn
from documentation.floors import ROOT, the_house
from documentation.rooms import rooms_table
from documentation.troubleshooting import doctor_table, extension_table
from isthisme.cli import program

DOCS = ROOT / "docs"
_PART = r"(<!-- generated: {name} -->\n).*?(<!-- end -->)"


def generated() -> dict[Path, str]:
    """What each of them must hold now, by its path."""
    house = the_house()
    whole = {
        DOCS / "reference" / "commands.md": command_reference(program),
        DOCS / "reference" / "rooms.md": rooms_table(house),
        DOCS / "pictures" / "architecture.svg": drawn(house),
    }
    return whole | dict(_troubleshooting(language, ending) for language, ending in (("en", ".md"), ("zh", ".zh.md")))


def _troubleshooting(language: str, ending: str) -> tuple[Path, str]:
    path = DOCS / "guide" / f"troubleshooting{ending}"
    parts: dict[str, Callable[[], str]] = {
        "doctor": lambda: doctor_table(language),
        "stopped": lambda: extension_table(language, stops_everything=True),
        "troubles": lambda: extension_table(language, stops_everything=False),
    }
    text = path.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = filled(text, name, part())
    return path, text


def filled(page: str, name: str, part: str) -> str:
    """The page with its generated part of this name renewed. Raises ValueError where it has none, or more."""
    told, count = re.subn(
        _PART.format(name=re.escape(name)), lambda found: f"{found[1]}\n{part}\n{found[2]}", page, flags=re.DOTALL
    )
    if count != 1:
        raise ValueError(f"the page has {count} places for the generated part {name!r}; it must have one")
    return told


def stale() -> list[Path]:
    """Which of them are not what the code says."""
    return [path for path, text in generated().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
