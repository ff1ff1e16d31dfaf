"""Texts that other programs read, kept as files to be looked at: a change of one shows as a change of its file.

ISTHISME_WRITE_GOLDEN=1 writes them anew.
"""

import os
from pathlib import Path


def check_golden(path: Path, text: str) -> None:
    if os.environ.get("ISTHISME_WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{path.name} differs; look at it, then write it anew"
