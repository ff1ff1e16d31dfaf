"""What lies in the home folder: whether all of it is the user's own.

The folder is closed to others. It may have been open once, though, or have been filled by a program that ran as
somebody else: what was left there then is found when the daemon or the command line starts.
"""

import os
import stat
from collections.abc import Iterator

from isthisme_host.ownership import foreign_owner, is_open_to_others

_FOLDERS = ("index", "evidence", "notices", "possession", "archives")
_USERS_OWN = "settings.toml"  # the user writes it, and may keep it elsewhere


def foreign_entries(home: str | os.PathLike[str]) -> Iterator[tuple[str, str]]:
    """Paths of what is not the user's, or only a link to something, each with what is wrong. Raises OSError."""
    for path, found in _entries(home):
        owner = foreign_owner(found)
        if owner is not None:
            yield path, f"it belongs to user id {owner}"
        elif stat.S_ISLNK(found.st_mode) and os.path.basename(path) != _USERS_OWN:
            yield path, "it is a link, and nothing is written through links"
        elif stat.S_ISFIFO(found.st_mode):
            yield path, "it is a pipe, which whoever opens it waits for"


def close_to_others(home: str | os.PathLike[str]) -> list[str]:
    """Makes files and folders that others might read or write the user's alone; their paths. Raises OSError."""
    closed = []
    for path, found in _entries(home):
        if is_open_to_others(found) and not stat.S_ISLNK(found.st_mode) and os.path.basename(path) != _USERS_OWN:
            _close(path)
            closed.append(path)
    return closed


def _close(path: str) -> None:
    """Takes all from others, and leaves the owner what they have. Never through a link."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags)
    try:
        os.chmod(descriptor, stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o700)
    finally:
        os.close(descriptor)


def _entries(home: str | os.PathLike[str]) -> Iterator[tuple[str, os.stat_result]]:
    for folder in (os.fspath(home), *(os.path.join(home, name) for name in _FOLDERS)):
        if os.path.islink(folder) and folder != os.fspath(home):
            continue  # told of already
        try:
            with os.scandir(folder) as entries:
                found = [(entry.path, entry.stat(follow_symlinks=False)) for entry in entries]
        except (FileNotFoundError, NotADirectoryError):
            continue
        yield from sorted(found, key=lambda each: each[0])
