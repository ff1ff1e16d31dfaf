"""How this program came onto the computer, as far as it shows; so that people are told how it goes again."""

import json
import sys
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

_NAME = "isthisme"


def way_to_remove(prefix: Path | None = None, direct_url: str | None = None) -> str:
    """A command, or what to do by hand. `direct_url` is what the installer noted of where it took the program from."""
    prefix = prefix or Path(sys.prefix)
    if (prefix / "uv-receipt.toml").is_file():
        return "uv tool uninstall isthisme"
    if (prefix / "pipx_metadata.json").is_file():
        return "pipx uninstall isthisme"
    clone = checkout(direct_url)
    if clone is not None:
        return f"delete its folder {clone}"
    return f"{sys.executable} -m pip uninstall isthisme"


def way_to_update(prefix: Path | None = None, direct_url: str | None = None) -> str:
    """Likewise for a newer version of it."""
    prefix = prefix or Path(sys.prefix)
    clone = checkout(direct_url)
    if clone is not None:
        return f"'git pull && scripts/run' in {clone}"
    installer = f"{sys.executable} -m pip install --force-reinstall"
    if (prefix / "uv-receipt.toml").is_file():
        installer = "uv tool install --force"
    elif (prefix / "pipx_metadata.json").is_file():
        installer = "pipx install --force"
    return f"'{installer}' with the newer wheel, then 'isthisme setup'"


def _noted() -> str:
    try:
        return Distribution.from_name(_NAME).read_text("direct_url.json") or "{}"
    except PackageNotFoundError:
        return "{}"


def checkout(direct_url: str | None = None) -> Path | None:
    """The clone that this program runs from; None where it was installed."""
    noted = json.loads(direct_url if direct_url is not None else _noted())
    if not noted.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(urlsplit(noted["url"]).path))
