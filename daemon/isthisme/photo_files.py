"""Finds picture files below a folder, in the byte order of their full paths, without opening one."""

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from isthisme.catalog.photos import FileState

PICTURE_ENDINGS = frozenset(
    b".jpg .jpeg .jpe .jfif .png .webp .avif .heic .heif .hif .gif .bmp .dib .tif .tiff"
    b" .dng .cr2 .cr3 .nef .nrw .arw .sr2 .orf .rw2 .rwl .raf .pef .srw".split()  # RAW files of cameras
)
# Folders that hold copies, caches and waste of other programs.
_SKIPPED_FOLDERS = frozenset(
    b"@eaDir .thumbnails .Trash .Trashes $RECYCLE.BIN .cache .git node_modules __MACOSX".split()
)


class PictureFile(NamedTuple):
    path: bytes  # as the file system has it
    folder_id: int
    state: FileState


@dataclass(slots=True)
class Scan:
    """One look at a folder, or at a part of it. Its lists are filled while `files` is consumed."""

    folder_id: int
    start: bytes  # a folder, or a single file
    unreadable_folders: list[bytes] = field(default_factory=list)

    def files(self) -> Iterator[PictureFile]:
        """The picture files, in the byte order of their full paths. Folders behind symbolic links are not entered.

        Of a folder only the names of its pictures and folders are held, so that one with a million files takes
        little memory.
        """
        try:
            status = os.lstat(self.start)
        except OSError:
            return
        if not stat.S_ISDIR(status.st_mode):
            if names_a_picture(os.path.basename(self.start)) and (file := self._picture(self.start)) is not None:  # noqa: PTH119 bytes
                yield file
            return
        below = as_prefix(self.start)
        open_folders = [(below, self._names(below))]
        while open_folders:
            below, names = open_folders[-1]
            if not names:
                open_folders.pop()
                continue
            path = below + names.pop()
            if path.endswith(b"/"):
                open_folders.append((path, self._names(path)))
            elif (file := self._picture(path)) is not None:
                yield file

    def _names(self, folder: bytes) -> list[bytes]:
        """What is worth a look in a folder, the last first; folders with a slash, as their contents are ordered."""
        found = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if _is_entered(entry.name):
                            found.append(entry.name + b"/")
                    elif names_a_picture(entry.name):
                        found.append(entry.name)
        except OSError:
            self.unreadable_folders.append(folder)
            return []
        found.sort(reverse=True)
        return found

    def saw_absence_of(self, path: bytes) -> bool:
        """Whether a file that was not found is truly gone, and does not lie in a folder that could not be read."""
        return not any(path.startswith(folder) for folder in self.unreadable_folders)

    def _picture(self, path: bytes) -> PictureFile | None:
        try:
            status = os.stat(path)  # noqa: PTH116 bytes, as the file system has them
        except OSError:  # a link to nowhere, or a file removed this moment
            return None
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for somebody to write into it
            return None
        return PictureFile(path, self.folder_id, FileState(status.st_size, status.st_mtime_ns))


def names_a_picture(name: bytes) -> bool:
    """Whether a file of this name (without its folder) is taken for a picture."""
    dot = name.rfind(b".")
    return dot > 0 and name[dot:].lower() in PICTURE_ENDINGS and not name.startswith(b"._")


def misspelled(paths: Iterable[bytes]) -> set[bytes]:
    """Of paths that differ in spelling alone those that their folders do not hold as they are spelled.

    Some file systems find `IMG.jpg` also when it was renamed to `img.jpg`, and do not tell the two apart.
    """
    spellings: dict[str, list[bytes]] = {}
    for path in paths:
        spellings.setdefault(unicodedata.normalize("NFKC", os.fsdecode(path)).casefold(), []).append(path)
    return {path for group in spellings.values() if len(group) > 1 for path in group if not _is_listed(path)}


def _is_listed(path: bytes) -> bool:
    folder, name = os.path.split(path)
    try:
        return name in os.listdir(folder)  # noqa: PTH208 bytes, as the file system has them
    except OSError:
        return False


def as_prefix(folder: bytes) -> bytes:
    """What the paths of everything below a folder begin with."""
    return folder if folder.endswith(b"/") else folder + b"/"


def is_inside(path: bytes, folder: bytes) -> bool:
    """Whether a path is a folder's, or that of something below it."""
    return path == folder or path.startswith(as_prefix(folder))


def _is_entered(name: bytes) -> bool:
    return name not in _SKIPPED_FOLDERS and not name.startswith(b".Trash-")
