"""Edits that move pixels: scaling, cropping, turning, mirroring, stretching, tilting."""

import cv2
import numpy as np

from isthisme.domain import EditKind
from isthisme.evaluation.sheet import Chance, Sheet, corners_of, cut_out, fitted, resized, warped

SHRUNK, CROPPED, MIRRORED = EditKind.SHRUNK, EditKind.CROPPED, EditKind.MIRRORED
ROTATED, STRETCHED, TILTED = EditKind.ROTATED, EditKind.STRETCHED, EditKind.TILTED


def shrunk(sheet: Sheet, chance: Chance) -> Sheet:
    small = fitted(sheet, chance.whole(150, 320))
    return Sheet(small.pixels, small.regions, (*sheet.edits, SHRUNK))


def thumbnail(sheet: Sheet, chance: Chance) -> Sheet:
    small = fitted(sheet, 96)
    return Sheet(small.pixels, small.regions, (*sheet.edits, SHRUNK))


def _cropped(sheet: Sheet, chance: Chance, share: float) -> Sheet:
    """A rectangle of this share of the area, its aspect up to a quarter off, anywhere."""
    squeeze = chance.between(0.8, 1.25)
    width = min(sheet.width, round(sheet.width * np.sqrt(share) * squeeze))
    height = min(sheet.height, round(sheet.height * sheet.width * share / max(1, width)))
    left, top = chance.whole(0, sheet.width - width), chance.whole(0, sheet.height - height)
    return cut_out(sheet, left, top, max(8, width), max(8, height), CROPPED)


def crop_60(sheet: Sheet, chance: Chance) -> Sheet:
    return _cropped(sheet, chance, chance.between(0.52, 0.68))


def crop_30(sheet: Sheet, chance: Chance) -> Sheet:
    return _cropped(sheet, chance, chance.between(0.25, 0.35))


def mirrored(sheet: Sheet, chance: Chance) -> Sheet:
    flipped = np.ascontiguousarray(sheet.pixels[:, ::-1])
    ends = tuple(tuple((sheet.width - x, y) for x, y in region) for region in sheet.regions)
    return Sheet(flipped, ends, (*sheet.edits, MIRRORED))


def mirrored_cropped(sheet: Sheet, chance: Chance) -> Sheet:
    cropped = _cropped(sheet, chance, chance.between(0.4, 0.75))
    return mirrored(cropped, chance)


def rotated(sheet: Sheet, chance: Chance) -> Sheet:
    """By 5 to 25 degrees either way: grown to hold all, or cut to the old frame."""
    degrees = chance.between(5, 25) * chance.one_of((-1, 1))
    if chance.between(0, 1) < 0.5:
        matrix = np.vstack([cv2.getRotationMatrix2D((sheet.width / 2, sheet.height / 2), degrees, 1.0), [0, 0, 1]])
        return warped(sheet, matrix, (sheet.width, sheet.height), chance.one_of((0, 255, 128)), ROTATED)
    matrix, size = _turned_whole(sheet, degrees)
    return warped(sheet, matrix, size, chance.one_of((0, 255, 255)), ROTATED)


def _turned_whole(sheet: Sheet, degrees: float) -> tuple[np.ndarray, tuple[int, int]]:
    turn = np.vstack([cv2.getRotationMatrix2D((0, 0), degrees, 1.0), [0, 0, 1]])
    ends = np.column_stack([np.asarray(corners_of(sheet.width, sheet.height)), np.ones(4)]) @ turn.T
    low, high = ends[:, :2].min(axis=0), ends[:, :2].max(axis=0)
    shift = np.array([[1.0, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]])
    return shift @ turn, (int(np.ceil(high[0] - low[0])), int(np.ceil(high[1] - low[1])))


def quarter_turned(sheet: Sheet, chance: Chance) -> Sheet:
    matrix, size = _turned_whole(sheet, 90.0 * chance.whole(1, 3))
    return warped(sheet, matrix, size, 255, ROTATED)


def stretched(sheet: Sheet, chance: Chance) -> Sheet:
    factor = chance.one_of((chance.between(0.62, 0.85), chance.between(1.18, 1.6)))
    pulled = resized(sheet, round(sheet.width * factor), sheet.height)
    return Sheet(pulled.pixels, pulled.regions, (*sheet.edits, STRETCHED))


def perspective(sheet: Sheet, chance: Chance) -> Sheet:
    matrix = tilt_matrix(sheet, chance, 0.06, 0.16)
    return warped(sheet, matrix, (sheet.width, sheet.height), chance.one_of((0, 255, 200)), TILTED)


def tilt_matrix(sheet: Sheet, chance: Chance, least: float, most: float) -> np.ndarray:
    """The corners moved inwards by shares of the sides, up to `most`; one pair by `least` more than the other."""
    width, height = sheet.width, sheet.height
    moves = np.array([[chance.between(0, most), chance.between(0, most)] for _ in range(4)])
    strong = chance.whole(0, 3)
    moves[[strong, (strong + 1) % 4]] *= 0.25
    moves[[(strong + 2) % 4, (strong + 3) % 4]] += least
    inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    source = np.asarray(corners_of(width, height), np.float32)
    target = source + (moves * inwards * [width, height]).astype(np.float32)
    return np.asarray(cv2.getPerspectiveTransform(source, target), np.float64)
