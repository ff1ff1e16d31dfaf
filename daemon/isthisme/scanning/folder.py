"""The pictures of a folder and the folders in it."""

import os
from collections.abc import Iterator

from isthisme.errors import ImageTooLarge, UnreadableImage
from isthisme.indexing.exclusions import DEFAULT_PATTERNS, Exclusions
from isthisme.indexing.photo_files import Scan
from isthisme.indexing.photo_tasks import read_file
from isthisme.scanning.found import Found, FoundPicture, Unread, check_size, file_address, read_from_file


def pictures_in_folder(folder: bytes) -> Iterator[Found]:
    """In the byte order of their paths. The page of each is the folder that it lies in itself."""
    look = Scan(0, folder, folder, Exclusions(DEFAULT_PATTERNS))
    for file in look.files():
        address = file_address(file.path)
        try:
            data, _ = read_file(file.path)
            check_size(data)
        except OSError as error:
            yield Unread(address, UnreadableImage.code, f"cannot be read: {error.strerror}")
            continue
        except ImageTooLarge as error:
            yield Unread.because(address, error)
            continue
        page = file_address(os.path.dirname(file.path) + b"/")  # noqa: PTH120 bytes
        yield FoundPicture(data, page, address, read_from_file(address))
    for unreadable in look.unreadable_folders:
        yield Unread(
            file_address(unreadable), UnreadableImage.code, "this folder cannot be read; look at its permissions"
        )
