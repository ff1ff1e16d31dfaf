"""Finds picture files below a folder, without opening one."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from isthisme.catalog.photos import FileState

PICTURE_ENDINGS = frozenset(
    b".jpg .jpeg .jpe .jfif .png .webp .avif .heic .heif .hif .gif .bmp .dib .tif .tiff".split()
)
# Folders that hold copies, caches and waste of other programs.
_SKIPPED_FOLDERS = frozenset(
    b"@eaDir .thumbnails .Trash .Trashes $RECYCLE.BIN .cache .git node_modules __MACOSX".split()
)


@dataclass(frozen=True, slots=True)
class PictureFile:
    path: bytes  # as the file system has it
    folder_id: int
    state: FileState


@dataclass(slots=True)
class Scan:
    """What one look at a folder found, filled while `files` is consumed."""

    folder_id: int
    root: Path
    unreadable_folders: list[bytes] = field(default_factory=list)

    def files(self) -> Iterator[PictureFile]:
        """The picture files, each folder's in order of name. Folders behind symbolic links are not entered."""
        waiting = [os.fsencode(self.root)]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(folder) as entries:
                    found = sorted(entries, key=lambda entry: entry.name)
            except OSError:
                self.unreadable_folders.append(folder)
                continue
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _SKIPPED_FOLDERS and not entry.name.startswith(b".Trash-"):
                        waiting.append(entry.path)
                elif (file := self._picture(entry)) is not None:
                    yield file

    def saw_absence_of(self, path: bytes) -> bool:
        """Whether a file that was not found is truly gone, and does not lie in a folder that could not be read."""
        return not any(path.startswith(folder + os.fsencode(os.sep)) for folder in self.unreadable_folders)

    def _picture(self, entry: "os.DirEntry[bytes]") -> PictureFile | None:
        _, ending = os.path.splitext(entry.name)  # noqa: PTH122 bytes, as the file system has them
        if ending.lower() not in PICTURE_ENDINGS or entry.name.startswith(b"._"):
            return None
        try:
            status = entry.stat()
        except OSError:  # a link to nowhere, or a file removed this moment
            return None
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for somebody to write into it
            return None
        return PictureFile(entry.path, self.folder_id, FileState(status.st_size, status.st_mtime_ns))
