"""`python -m documentation.matching_pictures`: what the page on matching shows, judged by the program itself."""

import io
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from documentation.floors import ROOT
from isthisme.demonstration.pictures import own_photos, page_pictures
from isthisme.demonstration.program import run_program
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.evaluation.copies import make_copy

PICTURES = ROOT / "docs" / "pictures" / "matching"
NAMES = ("edits", "parts", "outline")
_EDITS = (
    "mirrored", "crop 60 %", "app filter", "meme caption", "phone screenshot", "circle avatar 160 px", "printed card",
)  # fmt: skip
_CELL = 200
_SEED = 20


def main() -> None:
    photos = [_pixels(path) for path in own_photos()]
    PICTURES.mkdir(parents=True, exist_ok=True)
    copies = [make_copy(photos[0], 0, kind, photos[1:], _SEED).data for kind in _EDITS]
    strangers = [_pixels(io.BytesIO(each.data)) for each in page_pictures() if each.made == "a stranger's picture"]
    grid = make_copy(photos[1], 1, "nine-grid cell", strangers, _SEED).data
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.jpg" for number in range(len(copies) + 1)]
        for path, data in zip(paths, [*copies, grid], strict=True):
            path.write_bytes(data)
        _edits(photos[0], paths[:-1])
        _parts(paths[-1])
        _outline(paths[-1], Path(folder) / "home")


def _pixels(file: Path | io.BytesIO) -> Any:
    return np.asarray(Image.open(file).convert("RGB"), dtype=np.uint8)


def _edits(photo: Any, copies: list[Path]) -> None:
    """The photo, then its copies, in two rows."""
    sheet = Image.new("RGB", (4 * _CELL, 2 * _CELL), "white")
    for number, picture in enumerate([Image.fromarray(photo), *(Image.open(path) for path in copies)]):
        _place(sheet, picture, number % 4, number // 4)
    _save(sheet, "edits")


def _parts(path: Path) -> None:
    """Which parts of a picture are described each by itself."""
    description = Engine(Models.packaged()).describe_query(path.read_bytes(), deep=False)
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    scale = picture.width / description.width
    for region in description.regions:
        _outlined(picture, [(x * scale, y * scale) for x, y in region.corners], "#e4572e")
    _save(picture, "parts")


def _outline(path: Path, home: Path) -> None:
    """Where the program says that the photo shows."""
    (photos := home.parent / "photos").mkdir()
    for photo in own_photos():
        (photos / photo.name).write_bytes(photo.read_bytes())
    run_program(home, "folders", "add", str(photos))
    run_program(home, "index")
    (match,) = json.loads(run_program(home, "check", "--json", str(path)))["matches"][:1]
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    _outlined(picture, [tuple(corner) for corner in match["query_region"]], "#2a9d3f")
    own = Image.open(photos / Path(match["photo"]).name).convert("RGB")
    _outlined(own, [tuple(corner) for corner in match["photo_region"]], "#2a9d3f")
    sheet = Image.new("RGB", (4 * _CELL, 2 * _CELL), "white")
    for number, each in enumerate((picture, own)):
        each.thumbnail((2 * _CELL - 10, 2 * _CELL - 10), Image.Resampling.LANCZOS)
        sheet.paste(each, (number * 2 * _CELL + _CELL - each.width // 2, _CELL - each.height // 2))
    _save(sheet, "outline")


def _place(sheet: Image.Image, picture: Image.Image, column: int, row: int) -> None:
    small = picture.convert("RGB")
    small.thumbnail((_CELL - 10, _CELL - 10), Image.Resampling.LANCZOS)
    sheet.paste(small, (column * _CELL + (_CELL - small.width) // 2, row * _CELL + (_CELL - small.height) // 2))


def _outlined(picture: Image.Image, corners: list[Any], colour: str) -> None:
    thickness = max(2, picture.width // 160)
    ImageDraw.Draw(picture).line([*corners, corners[0]], fill=colour, width=thickness)


def _save(picture: Image.Image, name: str) -> None:
    picture.thumbnail((800, 800), Image.Resampling.LANCZOS)
    picture.save(PICTURES / f"{name}.webp", quality=80, method=6)


if __name__ == "__main__":
    main()
