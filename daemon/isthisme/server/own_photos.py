"""The user's own photos as files, in folders and in archives."""

import os
import stat
from pathlib import Path

from isthisme.errors import UnreadableImage
from isthisme.evidence.gathering import PhotoFile
from isthisme.indexing.photo_archives import ArchiveReader, is_archive_name
from isthisme.presence import is_file
from isthisme_host.private_files import CAREFULLY

_LARGEST = 512 << 20  # bytes


class OwnPhotos:
    """Holds the archive that was read last open."""

    def __init__(self) -> None:
        self._archives = ArchiveReader()

    def __enter__(self) -> "OwnPhotos":
        return self

    def __exit__(self, *_: object) -> None:
        self._archives.close()

    def read(self, path: Path) -> PhotoFile | None:
        """The file at a path; None where there is none. Raises OSError and UnreadableImage where it cannot be read."""
        try:
            handle = os.open(path, os.O_RDONLY | CAREFULLY)
        except (FileNotFoundError, NotADirectoryError):
            return self._in_archive(path)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableImage(f"{path} is no file")
            if status.st_size > _LARGEST:
                raise UnreadableImage(f"{path} has over {_LARGEST >> 20} MiB; photos are smaller")
            with os.fdopen(handle, "rb", closefd=False) as stream:
                return PhotoFile(stream.read(_LARGEST), status.st_mtime)
        finally:
            os.close(handle)

    def _in_archive(self, path: Path) -> PhotoFile | None:
        archive = next((each for each in path.parents if is_archive_name(os.fsencode(each)) and is_file(each)), None)
        if archive is None:
            return None
        try:
            data, _ = self._archives.read(os.fsencode(archive), os.fsencode(path), _LARGEST)
        except FileNotFoundError:
            return None
        return PhotoFile(data, None)
