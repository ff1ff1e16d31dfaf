"""Where the browser extension that came with this program lies. The program itself uses nothing of it."""

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def extension_folder(browser: Literal["chromium", "firefox"]) -> Path | None:
    """The folder that this kind of browser loads: the installed one, in a checkout the source; None without either."""
    folders = (_PACKAGE / "extension" / browser, _PACKAGE.parents[1] / "extension")
    return next((folder for folder in folders if (folder / "manifest.json").is_file()), None)
