"""The way to the home folder: whether somebody else could put another folder in its place.

The folder itself is closed to others. Who may rename something above it, however, could lead us to a folder of their
choice, and so everything on the way belongs to the system or to this user, and is changed by them alone. This follows
links as the system does. (Not on Windows: there the profile's access list covers all below it.)
"""

import os
import stat
import sys
from collections.abc import Iterator

if sys.platform == "win32":
    raise ImportError("not for Windows: the profile's access list covers the way home")

_MOST_LINKS = 40  # as Linux has it


class Weakness:
    """Something on the way that another user may change."""

    def __init__(self, path: str, found: os.stat_result) -> None:
        self.path = path
        self.is_ours = found.st_uid == os.geteuid()
        self._found = found

    @property
    def may_be_closed(self) -> bool:
        """Whether this user can mend it."""
        return self.is_ours and stat.S_ISDIR(self._found.st_mode)

    def __str__(self) -> str:
        is_link = stat.S_ISLNK(self._found.st_mode)
        if is_link or not (self.may_be_closed or _may_be_changed(self._found)):
            return f"the {'link' if is_link else 'folder'} {self.path} belongs to user id {self._found.st_uid}"
        return f"{self.path} may be changed by other users (mode {stat.S_IMODE(self._found.st_mode):04o})"


def weaknesses(path: str | os.PathLike[str]) -> Iterator[Weakness]:
    """What is wrong on the way to a folder, from the top down; the folder itself is not looked at. Raises OSError."""
    here = "/"
    top = os.lstat(here)
    trusted = {0, top.st_uid, os.geteuid()}  # whoever owns the top owns the rest: some containers call root otherwise
    if _may_be_changed(top):
        yield Weakness(here, top)
    names = _parts(os.path.abspath(path))
    links = 0
    while names:
        name = names.pop()
        if name == "..":
            here = os.path.dirname(here)
            continue
        below = os.path.join(here, name)
        try:
            found = os.lstat(below)
        except FileNotFoundError:
            return  # what is missing will be ours
        is_link = stat.S_ISLNK(found.st_mode)
        if (is_link or names) and (found.st_uid not in trusted or (not is_link and _may_be_changed(found))):
            yield Weakness(below, found)
        if is_link:
            links += 1
            if links > _MOST_LINKS:
                return  # the system will not follow it either
            target = os.readlink(below)
            names += _parts(target)
            below = "/" if target.startswith("/") else here
        here = below


def is_closed(folder: str) -> bool:
    """Whether nobody else can put a file into the folder, or another folder in its place."""
    try:
        found = os.stat(folder)
        sticks = found.st_mode & stat.S_ISVTX and found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        return not sticks and not any(weaknesses(os.path.join(folder, "anything")))
    except OSError:
        return False


def _parts(path: str) -> list[str]:
    """The names in a path, the last one first."""
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]


def _may_be_changed(found: os.stat_result) -> bool:
    """Whether others may rename or replace what is in the folder. In a sticky one, as /tmp is, only what is theirs."""
    if found.st_mode & stat.S_ISVTX:
        return False
    return bool(found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and not _is_own_group(found.st_gid)))


def _is_own_group(group_id: int) -> bool:
    """Root's group, or one that has the user's name and nobody else in it: many systems give each user such a one."""
    if group_id == 0:
        return True
    import grp  # few folders need an answer
    import pwd

    try:
        name, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(group_id)
    except KeyError:
        return False
    return group.gr_name == name and set(group.gr_mem) <= {name}
