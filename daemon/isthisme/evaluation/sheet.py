"""A photo on its way to becoming an edited copy: its pixels so far, and where the photo lies in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import EditKind, Polygon
from isthisme.engine.geometry import apply, clipped

type Pixels = NDArray[np.uint8]  # (H, W, 3) sRGB


@dataclass(frozen=True, slots=True)
class Sheet:
    """What an edit takes and gives."""

    pixels: Pixels
    regions: tuple[Polygon, ...]  # where the photo shows; more than one where it was pasted twice
    edits: tuple[EditKind, ...] = ()  # what was done, in order

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


@dataclass(frozen=True, slots=True)
class Chance:
    """What an edit may draw from: a seeded generator and pictures of others to fill with."""

    rng: np.random.Generator
    others: Sequence[Pixels]

    def between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def whole(self, low: int, high: int) -> int:
        """`high` included."""
        return int(self.rng.integers(low, high + 1))

    def one_of[T](self, choices: Sequence[T]) -> T:
        return choices[int(self.rng.integers(len(choices)))]

    def other(self) -> Pixels:
        return self.one_of(self.others)

    def colour(self) -> tuple[int, int, int]:
        red, green, blue = (int(each) for each in self.rng.integers(0, 256, 3))
        return red, green, blue


type SheetEdit = Callable[[Sheet, Chance], Sheet]


def fresh(pixels: Pixels) -> Sheet:
    """The untouched photo."""
    return Sheet(pixels, (corners_of(pixels.shape[1], pixels.shape[0]),))


def corners_of(width: float, height: float) -> Polygon:
    return ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))


def recoloured(sheet: Sheet, pixels: NDArray[Any], kind: EditKind | None) -> Sheet:
    """The same geometry with other pixels (values 0 to 255). No kind where nothing can be named."""
    edits = (*sheet.edits, kind) if kind else sheet.edits
    return replace(sheet, pixels=np.clip(pixels, 0, 255).astype(np.uint8), edits=edits)


def warped(
    sheet: Sheet, matrix: NDArray[np.float64], size: tuple[int, int], fill: Pixels | int, kind: EditKind
) -> Sheet:
    """The sheet through a projective map onto a canvas of `size` that shows `fill` elsewhere."""
    canvas = np.full((size[1], size[0], 3), fill, np.uint8) if isinstance(fill, int) else fill.copy()
    shrink = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    source = cv2.GaussianBlur(sheet.pixels, (0, 0), 0.45 / shrink) if shrink < 0.8 else sheet.pixels
    seen = cv2.warpPerspective(source, matrix, size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full(sheet.pixels.shape[:2], 255, np.uint8), matrix, size, flags=cv2.INTER_LINEAR)
    weight = mask[..., None].astype(np.float32) / 255
    mixed = np.rint(seen * weight + canvas * (1 - weight)).astype(np.uint8)
    return Sheet(mixed, moved(sheet.regions, matrix, size), (*sheet.edits, kind))


def moved(regions: tuple[Polygon, ...], matrix: NDArray[np.float64], size: tuple[int, int]) -> tuple[Polygon, ...]:
    """Regions through a map, cut to the canvas; those that fall off it are gone."""
    canvas = corners_of(*size)
    return tuple(kept for region in regions if (kept := clipped(apply(matrix, region), canvas)))


def scaled_to(pixels: Pixels, width: int, height: int) -> Pixels:
    shrinks = width < pixels.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, (max(1, width), max(1, height)), interpolation=method), np.uint8)


def resized(sheet: Sheet, width: int, height: int) -> Sheet:
    """The sheet at another size; no edit by itself."""
    across, down = width / sheet.width, height / sheet.height
    regions = tuple(tuple((x * across, y * down) for x, y in region) for region in sheet.regions)
    return replace(sheet, pixels=scaled_to(sheet.pixels, width, height), regions=regions)


def fitted(sheet: Sheet, side: int) -> Sheet:
    """The sheet with its longer side at `side` pixels."""
    factor = side / max(sheet.width, sheet.height)
    return resized(sheet, max(8, round(sheet.width * factor)), max(8, round(sheet.height * factor)))


def cut_out(sheet: Sheet, left: int, top: int, width: int, height: int, kind: EditKind | None) -> Sheet:
    """A rectangle of the sheet."""
    pixels = sheet.pixels[top : top + height, left : left + width].copy()
    shift = np.array([[1.0, 0, -left], [0, 1, -top], [0, 0, 1]])
    edits = (*sheet.edits, kind) if kind else sheet.edits
    return Sheet(pixels, moved(sheet.regions, shift, (width, height)), edits)


def filled(sheet: Sheet, width: int, height: int) -> Sheet:
    """The middle of the sheet scaled to cover width x height, as web pages show pictures in boxes."""
    factor = max(width / sheet.width, height / sheet.height)
    big = resized(sheet, max(width, round(sheet.width * factor)), max(height, round(sheet.height * factor)))
    return cut_out(big, (big.width - width) // 2, (big.height - height) // 2, width, height, None)


def pasted(canvas: Pixels, sheet: Sheet, left: int, top: int, kind: EditKind) -> Sheet:
    """The sheet laid on a canvas, which it must not leave."""
    pixels = canvas.copy()
    pixels[top : top + sheet.height, left : left + sheet.width] = sheet.pixels
    shift = np.array([[1.0, 0, left], [0, 1, top], [0, 0, 1]])
    return Sheet(pixels, moved(sheet.regions, shift, (canvas.shape[1], canvas.shape[0])), (*sheet.edits, kind))
