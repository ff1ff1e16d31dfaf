"""The browser extension's files: in a checkout they lie beside the program, and a wheel carries them.

Browsers load a folder, and go on reading it. So what a wheel carries is written into the home folder, which stays where
it is when the program is updated or moved, and is written anew then.
"""

import os
import shutil
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

import isthisme

FOLDER_NAME = "extension"
KINS = ("chromium", "firefox")


@dataclass(frozen=True, slots=True)
class ExtensionFolders:
    """The folders to load, one for each kin of browsers; in a checkout they are the same."""

    chromium: Path
    firefox: Path


def extension_folders(
    home: Path, *, package: Traversable | None = None, checkout: Path | None = None
) -> ExtensionFolders | None:
    """Writes them where it takes that. None where this installation came without the extension. Raises OSError."""
    package = package or files(isthisme) / FOLDER_NAME
    checkout = checkout or Path(isthisme.__file__).parents[2] / FOLDER_NAME
    if all((package / kin / "manifest.json").is_file() for kin in KINS):
        return ExtensionFolders(*(_written(package / kin, home / FOLDER_NAME / kin) for kin in KINS))
    if (checkout / "manifest.json").is_file():
        return ExtensionFolders(checkout, checkout)
    return None


def _written(source: Traversable, target: Path) -> Path:
    """Copies the folder; one that says the same is left alone, since a browser may be reading it."""
    wanted = dict(_contents(source))
    if target.is_dir() and not target.is_symlink() and dict(_contents(target)) == wanted:
        return target
    new = target.with_name(f".{target.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in wanted.items():
        for folder in reversed(PurePosixPath(name).parents):  # each by itself: of several at once the last has the mode
            (new / folder).mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(new / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    if target.is_symlink():
        target.unlink()
    elif target.exists():
        shutil.rmtree(target)
    new.rename(target)
    return target


def _contents(folder: Traversable, inside: str = "") -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        name = f"{inside}{entry.name}"
        if entry.is_dir():
            found += _contents(entry, f"{name}/")
        else:
            found.append((name, entry.read_bytes()))
    return found
