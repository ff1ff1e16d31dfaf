"""Whether something is at a path, where a disk that was torn out or a server that is gone is no answer but no."""

import os
from contextlib import suppress
from pathlib import Path

# pathlib's own questions raise where the disk fails, and where a folder on the way may not be searched.


def is_there(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110


def is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112


def is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113


def is_same(one: Path, other: Path) -> bool:
    """Whether both lead to the same file or folder."""
    with suppress(OSError):
        return one.samefile(other)
    return False
