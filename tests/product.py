"""The product under test: this checkout, or an installation that INSTALLED_PRODUCT names.

An installation is the folder that scripts/install-product made: the wheel as `uv tool install` puts it on a computer.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSTALLED = Path(os.environ["INSTALLED_PRODUCT"]).resolve() if os.environ.get("INSTALLED_PRODUCT") else None
PYTHON = str(INSTALLED / "tools/isthisme/bin/python") if INSTALLED else sys.executable
PROGRAM = [str(INSTALLED / "bin" / "isthisme")] if INSTALLED else [sys.executable, "-m", "isthisme"]


def _extension(browser: str) -> Path:
    if INSTALLED is None:
        return ROOT / "extension"
    (package,) = INSTALLED.glob("tools/isthisme/lib/python*/site-packages/isthisme")
    return package / "extension" / browser


EXTENSION_OF_CHROMIUM = _extension("chromium")
EXTENSION_OF_FIREFOX = _extension("firefox")


def register_with(profile_folder: Path, home: Path) -> None:
    """Makes the product known to a Chromium with this profile folder, as its `browsers install` does to the user's."""
    words = "from isthisme.installation.browsers import install_into; install_into(*map(pathlib.Path, sys.argv[1:]))"
    command = [PYTHON, "-c", f"import pathlib, sys; {words}", profile_folder, home]
    subprocess.run(command, check=True, env=surroundings())


def surroundings(**more: str) -> dict[str, str]:
    """The environment of the tests, without what would lead a program of the product to other code."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | more
