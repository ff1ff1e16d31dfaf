"""What the program wrote into its home folder, and how that goes: only what is ours, and nothing through a link.

Photos never lie there. The programs of ours that use the folder have to be stopped before.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from isthisme.installation.extension_files import FOLDER_NAME, KINS

# What the installation wrote, and would write again; it is no data.
_INSTALLED = (
    *("native-host*", ".native-host*", "isthisme.host.*.json", ".isthisme.host.*"),
    *("logon-task.xml", ".logon-task.xml*", "daemon.log*", "daemon.lock", "daemon.sock*", "daemon.pipe*"),
    "indexing.lock",
)
_DATA = (
    *("catalog.*", "catalog-version-*", "catalog-damaged-*"),
    *("index", "settings.toml", "encryption.json*", ".isthisme-switch-*"),
    *("evidence", "notices", "possession", "archives"),
    *("consents.json", ".consents.json.*"),
)
_OF_THE_USERS = {"evidence": "evidence bundles", "notices": "letters", "possession": "lists of possession"}


@dataclass(frozen=True, slots=True)
class Saved:
    """Files that were saved for the user to hand on."""

    what: str
    folder: Path
    files: int


def saved_files(home: Path) -> list[Saved]:
    """What is lost with the data and cannot be made again."""
    found = []
    for name, what in _OF_THE_USERS.items():
        folder = home / name
        count = 0 if folder.is_symlink() else sum(path.is_file() for path in folder.rglob("*"))
        if count:
            found.append(Saved(what, folder, count))
    return found


def has_data(home: Path) -> bool:
    return any(not _is_our_extension(entry) for entry in _matching(home, _DATA))


def remove_installed(home: Path) -> list[Path]:
    """What the installation wrote there; then the folder, where it is empty. Gives what could not be removed."""
    return _remove(home, _INSTALLED)


def remove_all(home: Path) -> list[Path]:
    """Also the data. Gives what stays: files that are not ours, and what could not be removed."""
    stuck = _remove(home, (*_INSTALLED, *_DATA))
    return stuck or (sorted(home.iterdir()) if home.is_dir() else [])


def _matching(home: Path, names: tuple[str, ...]) -> Iterator[Path]:
    if home.is_dir():
        for entry in sorted(home.iterdir()):
            if any(fnmatchcase(entry.name, name) for name in names) or _is_our_extension(entry):
                yield entry


def _is_our_extension(entry: Path) -> bool:
    """Told from another folder of that name, in a home folder that the user has for other things, too."""
    if entry.name != FOLDER_NAME or entry.is_symlink() or not entry.is_dir():
        return False
    return {path.name.strip(".").removesuffix(".new") for path in entry.iterdir()} <= set(KINS)


def _remove(home: Path, names: tuple[str, ...]) -> list[Path]:
    stuck = []
    for entry in [*_matching(home, names)]:
        try:
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)  # goes through no link
            else:
                entry.unlink()
        except OSError:
            stuck.append(entry)
    if home.is_symlink():  # the user's own choice of a place: the link goes with what it led to
        place = home.resolve()
        if not any(place.iterdir()):
            home.unlink()
            place.rmdir()
    elif home.is_dir() and not any(home.iterdir()):
        home.rmdir()
    return stuck
