"""Edited copies made by AugLy's code in an interpreter of its own, so that not only our own edits are measured."""

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from isthisme.domain import EditKind, Polygon
from isthisme.evaluation.copies import EditedCopy
from isthisme.evaluation.negatives import png
from isthisme.evaluation.other_python import OtherPython
from isthisme.evaluation.sheet import Pixels, fitted, fresh

PROGRAM = "augly_copy.py"
SIDE = 800  # pixels; AugLy's Python loops are slow on more
# AugLy's functions, with what was done in our words; None where there is nothing to name.
AUGLY_KINDS: dict[str, EditKind | None] = {
    "overlay_emoji": EditKind.OVERLAID,
    "overlay_text": EditKind.OVERLAID,
    "overlay_stripes": EditKind.OVERLAID,
    "meme_format": EditKind.COMPOSED,
    "overlay_onto_screenshot": EditKind.COMPOSED,
    "pad": EditKind.COMPOSED,
    "pad_square": EditKind.COMPOSED,
    "crop": EditKind.CROPPED,
    "change_aspect_ratio": EditKind.STRETCHED,
    "hflip": EditKind.MIRRORED,
    "vflip": EditKind.MIRRORED,
    "rotate": EditKind.ROTATED,
    "perspective_transform": EditKind.TILTED,
    "skew": None,
    "scale": EditKind.SHRUNK,
    "opacity": EditKind.RECOLOURED,
    "encoding_quality": None,
    "blur": EditKind.BLURRED,
    "pixelization": EditKind.BLURRED,
    "shuffle_pixels": None,
    "random_noise": None,
    "brightness": EditKind.RECOLOURED,
    "contrast": EditKind.RECOLOURED,
    "saturation": EditKind.RECOLOURED,
    "color_jitter": EditKind.RECOLOURED,
    "grayscale": EditKind.RECOLOURED,
    "sharpen": None,
}


class AuglyCopies:
    """Makes copies while it is open; `missing` says which kinds could not be made, and why."""

    def __init__(self, python: Path) -> None:
        self._python = python
        self.missing: dict[str, str] = {}

    def copies(self, photos: Sequence[Pixels], seed: int, limit: int) -> Iterator[EditedCopy]:
        """`limit` copies of each kind, of photos taken in turn; kinds that fail are left out from then on."""
        with OtherPython(self._python, PROGRAM) as program, TemporaryDirectory() as folder:
            for place, kind in enumerate(AUGLY_KINDS):
                for number in range(limit):
                    at = (place * 5 + number * 11) % len(photos)
                    made = self._made(program, Path(folder), kind, photos[at], at, seed + number)
                    if made is None:
                        break
                    yield made

    def _made(
        self, program: OtherPython, folder: Path, kind: str, photo: Pixels, at: int, seed: int
    ) -> EditedCopy | None:
        source, out = folder / "photo.png", folder / "copy.jpg"
        sheet = fresh(photo)
        source.write_bytes(png((fitted(sheet, SIDE) if max(photo.shape) > SIDE else sheet).pixels))
        drawn = zlib.crc32(f"{seed} {at} {kind}".encode())
        answer = program.ask({"path": str(source), "kind": kind, "seed": drawn, "out": str(out)})
        if "missing" in answer:
            self.missing[kind] = answer["missing"]
            return None
        named = AUGLY_KINDS[kind]
        regions = () if answer["box"] is None else (_polygon(*answer["box"]),)
        return EditedCopy(f"AugLy {kind}", at, out.read_bytes(), regions, (named,) if named else (), (kind,))


def _polygon(left: float, top: float, right: float, bottom: float) -> Polygon:
    return ((left, top), (right, top), (right, bottom), (left, bottom))
