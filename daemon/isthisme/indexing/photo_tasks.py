"""One photo's way into the index: the task, what is under way of it, and the reading of its file."""

import hashlib
import os
from collections.abc import Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import BinaryIO

from isthisme.catalog.photos import Content, FileState
from isthisme.domain import PhotoDescription
from isthisme.errors import CatalogUnusable, IsThisMeError, ModelUnusable
from isthisme.indexing.photo_files import PictureFile

LARGEST_FILE = 64 << 20  # bytes; the decoder takes no more
NEVER_SEEN = FileState(-1, -1)  # no file is in this state, so that it counts as changed at the next look
SMALLEST_SIDE = 128  # pixels; what is smaller on both sides is an icon


@dataclass(frozen=True, slots=True)
class Task:
    """A photo to describe: a file that is new, or a known photo that a generation lacks."""

    path: bytes
    file: PictureFile | None
    photo_id: int | None

    @property
    def key(self) -> Hashable:
        """The same as long as nothing of the task changes."""
        return self.path, None if self.file is None else self.file.state


@dataclass(slots=True)
class Flight:
    """A task under way."""

    task: Task
    state: FileState = NEVER_SEEN  # of the file as it was read; never seen where nothing in it tells a trouble's end
    content_hash: bytes = b""
    photo_id: int | None = None
    description: "Future[PhotoDescription] | None" = None
    trouble: str | None = None
    was_torn_out: bool = False  # the trouble is that its whole folder is not there any more
    unfinished_id: int | None = None  # the photo that the file's first part was taken for

    @property
    def is_icon(self) -> bool:
        """Whether this is a new picture too small to be looked for."""
        if self.photo_id is not None or self.trouble is not None or self.description is None:
            return False
        description = self.description.result()
        return max(description.width, description.height) < SMALLEST_SIDE

    @property
    def is_done(self) -> bool:
        return self.description is None or self.description.done()

    def landed(self) -> "Flight":
        """Waits for the description; what cannot be described becomes a trouble."""
        if self.description is None:
            return self
        try:
            self.description.result()
        except (ModelUnusable, CatalogUnusable):
            raise  # not this photo's fault
        except IsThisMeError as error:
            self.trouble = str(error)
        return self


def read_file(path: bytes) -> tuple[bytes, FileState | None]:
    """A file's bytes and the state that they were read in; None for a file that changed meanwhile."""
    with open(path, "rb") as stream:  # noqa: PTH123 bytes, as the file system has them
        before = _state(stream)
        # Asked for 64 MB, Python would make room for as much at each file: 2 ms instead of a half (2026-11).
        data = stream.read(min(before.byte_size, LARGEST_FILE) + 1)
        return data, before if _state(stream) == before else None


def _state(stream: BinaryIO) -> FileState:
    status = os.fstat(stream.fileno())
    return FileState(status.st_size, status.st_mtime_ns)


def beginning_of(data: bytes, known: Content | None) -> int | None:
    """The photo whose file was the beginning of this one: it was looked at before it was written to its end."""
    if known is None or not 0 < known.byte_size < len(data):
        return None
    is_same = hashlib.sha256(memoryview(data)[: known.byte_size]).digest() == known.content_hash
    return known.photo_id if is_same else None
