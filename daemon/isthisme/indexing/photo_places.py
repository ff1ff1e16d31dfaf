"""Where people's photos usually lie on this computer, with a rough count of each place.

Looked at only when the user asks: a place may be large, slow, or on a network that is away. So counting ends after a
while, and says so.
"""

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import platformdirs

from isthisme.indexing.exclusions import DEFAULT_PATTERNS, Exclusions
from isthisme.indexing.photo_files import names_a_picture
from isthisme.presence import is_folder

_MOST_PICTURES = 10_000  # counted in one place; past it, how many more makes no difference to the choice
_SECONDS = 3.0  # for all places together
_SECONDS_OF_A_PLACE = 0.6
_CLOCK_EVERY = 256  # entries between two looks at the clock


class PlaceKind(StrEnum):
    """What a place is for. The names are part of the protocol."""

    PICTURES = "pictures"
    PHONE = "phone"  # what a phone or camera sends here
    CLOUD = "cloud"  # a cloud's folder of photos
    MESSAGES = "messages"  # what a messenger keeps
    DESKTOP = "desktop"
    DOWNLOADS = "downloads"


@dataclass(frozen=True, slots=True)
class PhotoPlace:
    path: Path
    kind: PlaceKind
    pictures: int  # counted in it, at least 1
    is_more: bool  # counting ended before the place did


def usual_places(user_home: Path, platform: str = sys.platform) -> list[tuple[PlaceKind, Path]]:
    """Every place that we know of for this system, the likeliest first, whether it is there or not."""
    below: list[tuple[PlaceKind, str]] = [
        (PlaceKind.PICTURES, "Pictures"),
        (PlaceKind.PICTURES, "Photos"),
        (PlaceKind.PHONE, "DCIM"),
        (PlaceKind.PHONE, "Camera"),
        (PlaceKind.PHONE, "Sync/DCIM"),
        (PlaceKind.PHONE, "Sync/Camera"),
        (PlaceKind.PHONE, "Syncthing/DCIM"),
        (PlaceKind.CLOUD, "OneDrive/Pictures"),
        (PlaceKind.CLOUD, "Dropbox/Camera Uploads"),
        (PlaceKind.CLOUD, "Dropbox/Photos"),
        (PlaceKind.CLOUD, "Nextcloud/InstantUpload"),
        (PlaceKind.CLOUD, "Nextcloud/Photos"),
        (PlaceKind.CLOUD, "Google Drive/Photos"),
        (PlaceKind.CLOUD, "Google Drive/My Drive/Photos"),
        (PlaceKind.CLOUD, "pCloudDrive/Automatic Upload"),
        (PlaceKind.MESSAGES, "Documents/WeChat Files"),
        (PlaceKind.MESSAGES, "Documents/xwechat_files"),
    ]
    if platform == "darwin":
        below += [
            (PlaceKind.CLOUD, "Library/Mobile Documents/com~apple~CloudDocs/Photos"),
            (PlaceKind.CLOUD, "Library/CloudStorage/OneDrive-Personal/Pictures"),
            (PlaceKind.CLOUD, "Library/CloudStorage/Dropbox/Camera Uploads"),
        ]
    elif platform == "win32":
        below += [(PlaceKind.CLOUD, "iCloudPhotos/Photos"), (PlaceKind.CLOUD, "OneDrive/Bilder")]
    # The system knows its own names for these three, which are translated on many desktops.
    return [
        (PlaceKind.PICTURES, Path(platformdirs.user_pictures_dir())),
        *((kind, user_home / name) for kind, name in below),
        (PlaceKind.DESKTOP, Path(platformdirs.user_desktop_dir())),
        (PlaceKind.DOWNLOADS, Path(platformdirs.user_downloads_dir())),
    ]


def find_photo_places(
    candidates: Iterable[tuple[PlaceKind, Path]], *, seconds: float = _SECONDS, most_pictures: int = _MOST_PICTURES
) -> list[PhotoPlace]:
    """Those that are there and hold pictures, each once; none that lies in another one or is all of a user's home."""
    end = time.monotonic() + seconds
    found: list[PhotoPlace] = []
    seen: list[Path] = [Path.home().resolve()]  # a desktop without a folder of its own names the home itself
    for kind, path in candidates:
        place = _resolved(path)
        if place is None or any(place == other or place.is_relative_to(other) for other in seen[1:]):
            continue
        if place in (seen[0], *seen[0].parents):
            continue
        seen.append(place)
        pictures, is_more = count_pictures(
            place, until=min(end, time.monotonic() + _SECONDS_OF_A_PLACE), most=most_pictures
        )
        if pictures:
            found.append(PhotoPlace(place, kind, pictures, is_more))
    return found


def count_pictures(
    folder: Path, *, until: float, most: int, clock: Callable[[], float] = time.monotonic
) -> tuple[int, bool]:
    """How many pictures lie in a folder, and whether counting ended before it was through. No file is opened."""
    pictures = 0
    for number, name in enumerate(_names(folder)):
        pictures += names_a_picture(name)
        if pictures >= most or (number % _CLOCK_EVERY == 0 and clock() > until):
            return pictures, True
    return pictures, False


def _names(folder: Path) -> Iterator[bytes]:
    """The names of the files below a folder that the indexer would look at, those near the top first; an empty one
    for each folder."""
    left_out = Exclusions(DEFAULT_PATTERNS)
    waiting = deque([folder])
    while waiting:
        try:
            with os.scandir(waiting.popleft()) as entries:
                for entry in entries:
                    name = os.fsencode(entry.name)
                    if entry.is_dir(follow_symlinks=False):
                        if not left_out.leave_out_folder(name):
                            waiting.append(Path(entry.path))
                        yield b""
                    elif not left_out.leave_out_file(name):
                        yield name
        except OSError:  # it may not be read, or went away
            continue


def _resolved(path: Path) -> Path | None:
    """The folder as it is, without links; None where there is none that may be read."""
    try:
        place = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    return place if is_folder(place) and os.access(place, os.R_OK | os.X_OK) else None
