"""The folders of pictures that an evaluation reads."""

from pathlib import Path

from isthisme.engine.decode import decode
from isthisme.errors import InputError

WORK_SIDE = 1280  # pixels; photos are edited at no more than this size


def read_pictures(folder: Path) -> list[bytes]:
    """Every readable picture of a folder, by name. Ends the program in words when there is none."""
    found = []
    for path in sorted(folder.iterdir()):
        data = path.read_bytes() if path.is_file() else b""
        try:
            decode(data, target_side=16)
        except InputError:
            continue
        found.append(data)
    if not found:
        raise SystemExit(f"{folder} holds no pictures; name a folder that does")
    return found
