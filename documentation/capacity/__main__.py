"""Prints the tables; with --write puts them and their plot into docs/scale.md."""

import argparse
import sys
from pathlib import Path

from documentation.capacity.model import MEASURED, read_inputs
from documentation.capacity.tables import plot, tables

_DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE, PICTURE = _DOCS / "scale.md", _DOCS / "pictures" / "capacity.svg"
BEGIN, END = "<!-- From here on written by scripts/capacity -->", "<!-- Up to here -->"


def page_with(text: str, page: str) -> str:
    """Raises ValueError where the page has no place for the tables."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE} lacks the line {BEGIN if not begin else END!r}")
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/capacity", description=__doc__)
    parser.add_argument("--inputs", type=Path, default=MEASURED, help="figures of your own, as in measured.toml")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    inputs = read_inputs(chosen.inputs)
    text = tables(inputs)
    if not chosen.write:
        sys.stdout.write(text)
        return
    PAGE.write_text(page_with(text, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    plot(inputs, PICTURE)


if __name__ == "__main__":
    main()
