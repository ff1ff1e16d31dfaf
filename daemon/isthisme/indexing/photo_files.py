"""Finds picture files below a folder, in the byte order of their full paths, without opening one."""

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from isthisme.catalog.photos import FileState
from isthisme.indexing.exclusions import Exclusions

PICTURE_ENDINGS = frozenset(
    b".jpg .jpeg .jpe .jfif .png .webp .avif .heic .heif .hif .gif .bmp .dib .tif .tiff"
    b" .dng .cr2 .cr3 .nef .nrw .arw .sr2 .orf .rw2 .rwl .raf .pef .srw".split()  # RAW files of cameras
)
# Counted, so that nobody thinks they were looked at. The moving halves of Live Photos are among them.
_VIDEO_ENDINGS = frozenset(
    b".mp4 .mov .m4v .avi .mkv .webm .3gp .3g2 .mts .m2ts .mpg .mpeg .wmv .flv .ogv .insv .lrv".split()
)


class PictureFile(NamedTuple):
    path: bytes  # as the file system has it
    folder_id: int
    state: FileState


@dataclass(slots=True)
class Scan:
    """One look at a folder of the user's, or at a part of it. Its lists are filled while `files` is consumed.

    A folder of `mounts` that is now missing, or empty and no mount any more, counts as unreadable: its drive is away.
    """

    folder_id: int
    root: bytes
    start: bytes  # the root, or a folder or file in it
    exclusions: Exclusions
    mounts: frozenset[bytes] = frozenset()  # folders that other drives lay at, when they were last looked at
    unreadable_folders: list[bytes] = field(default_factory=list)  # each with a slash
    found_mounts: set[bytes] = field(default_factory=set)
    videos: int = 0

    def files(self) -> Iterator[PictureFile]:
        """The picture files, in the byte order of their full paths. Folders behind symbolic links are not entered.

        Of a folder only the names of its pictures and folders are held, so that one with a million files takes
        little memory.
        """
        away = [mount for mount in self.mounts if is_inside(mount, self.start) and not os.path.isdir(mount)]  # noqa: PTH112 bytes
        self.unreadable_folders += [as_prefix(mount) for mount in away]
        self.found_mounts.update(away)
        try:
            status = os.lstat(self.start)
        except OSError:
            self._look_for_root()
            return
        if self.is_excluded(self.start, is_folder=stat.S_ISDIR(status.st_mode)):
            return
        if not stat.S_ISDIR(status.st_mode):
            if names_a_picture(os.path.basename(self.start)) and (file := self._picture(self.start)) is not None:  # noqa: PTH119 bytes
                yield file
            return
        below = as_prefix(self.start)
        open_folders = [(below, self._names(below), status.st_dev)]
        while open_folders:
            below, names, device = open_folders[-1]
            if not names:
                open_folders.pop()
                continue
            path = below + names.pop()
            if path.endswith(b"/"):
                open_folders.append((path, *self._enter(path, device)))
            elif (file := self._picture(path)) is not None:
                yield file

    def is_excluded(self, path: bytes, *, is_folder: bool) -> bool:
        """Whether a path is left out, by itself or with a folder above it."""
        relative = path[len(as_prefix(self.root)) :]
        return self.exclusions.cover(relative + b"/" if is_folder else relative)

    def _enter(self, folder: bytes, device_above: int) -> tuple[list[bytes], int]:
        """The names in a folder, and the device it lies on."""
        names = self._names(folder)
        try:
            device = os.stat(folder).st_dev  # noqa: PTH116 bytes, as the file system has them
        except OSError:
            return [], device_above
        mount = folder.rstrip(b"/")
        if device != device_above:
            self.found_mounts.add(mount)
        elif mount in self.mounts and not holds_anything(folder):
            self.unreadable_folders.append(folder)
            self.found_mounts.add(mount)
        return names, device

    def _names(self, folder: bytes) -> list[bytes]:
        """What is worth a look in a folder, the last first; folders with a slash, as their contents are ordered."""
        found = []
        relative = folder[len(as_prefix(self.root)) :]
        exclusions = self.exclusions
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if not exclusions.leave_out_folder(relative + name):
                            found.append(name + b"/")
                    elif names_a_picture(name):
                        if not exclusions.leave_out_file(relative + name):
                            found.append(name)
                    elif _ending(name) in _VIDEO_ENDINGS and not exclusions.leave_out_file(relative + name):
                        self.videos += 1
        except OSError:
            self.unreadable_folders.append(folder)
            return []
        found.sort(reverse=True)
        return found

    def saw_absence_of(self, path: bytes) -> bool:
        """Whether a file that was not found is truly gone, and does not lie in a folder that could not be read."""
        return not any(path.startswith(folder) for folder in self.unreadable_folders)

    def _look_for_root(self) -> None:
        """After something was not found: it is not gone where its whole drive went while it was being looked at."""
        everything = as_prefix(self.root)
        if everything not in self.unreadable_folders[-1:] and not os.path.isdir(self.root):  # noqa: PTH112 bytes
            self.unreadable_folders.append(everything)

    def _picture(self, path: bytes) -> PictureFile | None:
        try:
            status = os.stat(path)  # noqa: PTH116 bytes, as the file system has them
        except OSError:  # a link to nowhere, or a file removed this moment
            self._look_for_root()
            return None
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for somebody to write into it
            return None
        return PictureFile(path, self.folder_id, FileState(status.st_size, status.st_mtime_ns))


def names_a_picture(name: bytes) -> bool:
    """Whether a file of this name (without its folder) is taken for a picture."""
    return _ending(name) in PICTURE_ENDINGS


def is_video(name: bytes) -> bool:
    return _ending(name) in _VIDEO_ENDINGS


def _ending(name: bytes) -> bytes:
    dot = name.rfind(b".")
    return name[dot:].lower() if dot > 0 else b""


def holds_anything(folder: bytes) -> bool:
    """Whether a folder has anything in it but hidden files, which may mark where a drive is to appear."""
    try:
        with os.scandir(folder) as entries:
            return any(not entry.name.startswith(b".") for entry in entries)
    except OSError:
        return False


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
