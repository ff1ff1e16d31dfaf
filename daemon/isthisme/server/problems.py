"""What is wrong while the daemon goes on working, each with a code that the extension has words for."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from isthisme.answer_note import shown_path
from isthisme.errors import EnvironmentFault, IsThisMeError

LITTLE_SPACE_BYTES = 500 << 20

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """`message` is in plain English, with the way out; it stays the same while the problem does."""

    code: str
    message: str


def indexing_failed(error: IsThisMeError) -> Problem:
    """Why the index could not be brought up to date: what is wrong with the machine keeps its own name."""
    return Problem(error.code if isinstance(error, EnvironmentFault) else "indexing_failed", str(error))


def indexed_elsewhere(error: IsThisMeError) -> Problem:
    return Problem("index_locked", str(error))


def no_model() -> Problem:
    return Problem(
        "no_model",
        "no descriptor model is in use: only whole pictures and their mirror images are recognised, not crops or "
        "collages; remove the model line from settings.toml",
    )


def little_space(home: Path, *, little: int = LITTLE_SPACE_BYTES) -> list[Problem]:
    """That the disk of the home folder is nearly full; nothing where it is not, or does not say."""
    try:
        free = shutil.disk_usage(home).free
    except OSError:
        return []
    if free >= little:
        return []
    # No figure that changes by the second: the status is told again whenever it changes.
    words = f"less than {little >> 20} MiB are free where {shown_path(home)} lies; free some space"
    return [Problem("disk_nearly_full", words)]


def absent(folders: Sequence[Path]) -> list[Problem]:
    return [
        Problem("folder_absent", f"{shown_path(folder)} is not there now; its photos are still known")
        for folder in folders
    ]


def unreadable_folders(folders: Sequence[Path]) -> list[Problem]:
    if not folders:
        return []
    words = f"{_named(folders)} may not be read; change the permissions: what is in there is not looked for"
    return [Problem("folder_unreadable", words)]


def unwatched(folders: Sequence[Path]) -> list[Problem]:
    if not folders:
        return []
    words = (
        f"changes in {_named(folders)} cannot be noticed at once, since the system watches no more folders; they are "
        "looked through every hour (on Linux: sudo sysctl fs.inotify.max_user_watches=1048576)"
    )
    return [Problem("folder_unwatched", words)]


def unreadable_photos(count: int) -> list[Problem]:
    if not count:
        return []
    return [Problem("photos_unreadable", f"{count:,} photos could not be read; 'isthisme index' names them")]


def _named(folders: Sequence[Path]) -> str:
    named = ", ".join(shown_path(folder) for folder in folders[:_MOST_NAMED])
    more = len(folders) - _MOST_NAMED
    return f"{named} and {more:,} more" if more > 0 else named
