"""Edited copies: every kind of edit by name, alone and in combinations, reproducible from a seed."""

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from isthisme.domain import EditKind, Polygon
from isthisme.evaluation import colour_edits, composition_edits, geometric_edits, overlay_edits
from isthisme.evaluation.sheet import Chance, Pixels, Sheet, SheetEdit, fitted, fresh

COLOUR: dict[str, SheetEdit] = {
    "brightness": colour_edits.brightness,
    "contrast": colour_edits.contrast,
    "saturation": colour_edits.saturation,
    "grey": colour_edits.grey,
    "beauty filter": colour_edits.beauty,
    "app filter": colour_edits.filtered,
    "blur": colour_edits.blur,
    "noise": colour_edits.noise,
    "pixelation": colour_edits.pixelation,
    "recompressed": colour_edits.recompressed,
}
GEOMETRIC: dict[str, SheetEdit] = {
    "shrunk": geometric_edits.shrunk,
    "thumbnail 96 px": geometric_edits.thumbnail,
    "crop 60 %": geometric_edits.crop_60,
    "crop 30 %": geometric_edits.crop_30,
    "mirrored": geometric_edits.mirrored,
    "mirrored and cropped": geometric_edits.mirrored_cropped,
    "rotated 5-25": geometric_edits.rotated,
    "rotated 90/180/270": geometric_edits.quarter_turned,
    "perspective": geometric_edits.perspective,
    "stretched": geometric_edits.stretched,
}
OVERLAY: dict[str, SheetEdit] = {
    "text": overlay_edits.text,
    "emoji": overlay_edits.emoji,
    "sticker over the face": overlay_edits.sticker,
    "tiled watermark": overlay_edits.watermark,
    "meme caption": overlay_edits.caption,
}
COMPOSITION: dict[str, SheetEdit] = {
    "desktop screenshot": composition_edits.desktop_screenshot,
    "phone screenshot": composition_edits.phone_screenshot,
    "pasted on a background": composition_edits.background,
    "before/after": composition_edits.before_after,
    "nine-grid cell": composition_edits.nine_grid,
    "circle avatar 160 px": composition_edits.avatar,
    "padding and frames": composition_edits.framed,
    "printed card": composition_edits.printed_card,
}
KINDS: dict[str, SheetEdit] = {**GEOMETRIC, **OVERLAY, **COMPOSITION, **COLOUR}
COMBINATIONS = tuple(f"combination of {count}" for count in (2, 3, 4))
_SMALL = ("thumbnail 96 px", "circle avatar 160 px", "nine-grid cell")  # already tiny: last in a combination


@dataclass(frozen=True, slots=True)
class EditedCopy:
    """One query image whose answer is known."""

    kind: str
    photo: int  # position among the photos; -1 for a picture that is no copy of any
    data: bytes
    regions: tuple[Polygon, ...]  # where the photo shows, query pixels
    edits: tuple[EditKind, ...]  # what was done, in order
    recipe: tuple[str, ...]  # the kinds that made it


def make_copy(pixels: Pixels, photo: int, kind: str, others: Sequence[Pixels], seed: int) -> EditedCopy:
    """The photo edited in one named way. The same arguments give the same bytes."""
    rng = np.random.default_rng([seed, photo, zlib.crc32(kind.encode())])
    chance = Chance(rng, others)
    recipe = _recipe(kind, chance)
    sheet = fresh(pixels)
    if max(pixels.shape) > 900 or chance.between(0, 1) < 0.5:
        sheet = fitted(sheet, min(max(pixels.shape), chance.whole(360, 1000)))
    for name in recipe:
        sheet = KINDS[name](sheet, chance)
    return EditedCopy(kind, photo, _encoded(sheet, chance), sheet.regions, sheet.edits, recipe)


def _recipe(kind: str, chance: Chance) -> tuple[str, ...]:
    """The kinds to apply in turn: for combinations one at most that composes, geometry before it, overlays anywhere."""
    if kind in KINDS:
        return (kind,)
    count = int(kind.rsplit(" ", 1)[1])
    families = [COLOUR, GEOMETRIC, OVERLAY, COMPOSITION]
    chosen = [chance.one_of(sorted(families[int(place)])) for place in chance.rng.permutation(4)[:count]]
    if any(each in _SMALL for each in chosen):
        chosen = [each for each in chosen if each not in _SMALL] + [each for each in chosen if each in _SMALL][:1]
    return tuple(chosen)


def _encoded(sheet: Sheet, chance: Chance) -> bytes:
    kind = chance.one_of(("JPEG", "JPEG", "JPEG", "JPEG", "WEBP", "PNG"))
    options = {} if kind == "PNG" else {"quality": chance.whole(45, 92)}
    buffer = io.BytesIO()
    Image.fromarray(sheet.pixels).save(buffer, kind, **options)
    return buffer.getvalue()
