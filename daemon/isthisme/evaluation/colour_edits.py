"""Edits that leave everything in its place: colours, filters, loss of quality."""

import io

import cv2
import numpy as np
from PIL import Image

from isthisme.domain import EditKind
from isthisme.evaluation.sheet import Chance, Sheet, recoloured, scaled_to

RECOLOURED, BLURRED = EditKind.RECOLOURED, EditKind.BLURRED


def brightness(sheet: Sheet, chance: Chance) -> Sheet:
    factor = chance.one_of((chance.between(0.45, 0.75), chance.between(1.3, 1.8)))
    return recoloured(sheet, sheet.pixels * factor, RECOLOURED)


def contrast(sheet: Sheet, chance: Chance) -> Sheet:
    factor = chance.one_of((chance.between(0.4, 0.7), chance.between(1.4, 2.0)))
    middle = float(sheet.pixels.mean())
    return recoloured(sheet, (sheet.pixels - middle) * factor + middle, RECOLOURED)


def saturation(sheet: Sheet, chance: Chance) -> Sheet:
    factor = chance.one_of((chance.between(0.1, 0.5), chance.between(1.6, 2.6)))
    grey = cv2.cvtColor(sheet.pixels, cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    return recoloured(sheet, grey + (sheet.pixels - grey) * factor, RECOLOURED)


def grey(sheet: Sheet, chance: Chance) -> Sheet:
    levels = cv2.cvtColor(sheet.pixels, cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    tint = np.array(chance.one_of(([1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.08, 0.98, 0.8])))
    return recoloured(sheet, levels * tint, RECOLOURED)


def beauty(sheet: Sheet, chance: Chance) -> Sheet:
    """Skin smoothed, everything warmer and lighter."""
    smooth = sheet.pixels
    for _ in range(chance.whole(1, 2)):
        smooth = np.asarray(cv2.bilateralFilter(smooth, 9, chance.between(30, 70), chance.between(5, 12)), np.uint8)
    warm = np.array([chance.between(1.03, 1.15), chance.between(1.0, 1.06), chance.between(0.82, 0.97)])
    light = chance.between(0, 22)
    return recoloured(sheet, smooth * warm + light, RECOLOURED)


def filtered(sheet: Sheet, chance: Chance) -> Sheet:
    """A preset as of photo apps: curves for each channel, a vignette."""
    gammas = np.array([chance.between(0.7, 1.4) for _ in range(3)])
    curved = 255 * (sheet.pixels / 255.0) ** gammas
    y, x = np.mgrid[-1 : 1 : sheet.height * 1j, -1 : 1 : sheet.width * 1j]
    vignette = 1 - chance.between(0, 0.45) * np.clip(x**2 + y**2, 0, 2) / 2
    return recoloured(sheet, curved * vignette[..., None], RECOLOURED)


def blur(sheet: Sheet, chance: Chance) -> Sheet:
    sigma = chance.between(0.004, 0.011) * max(sheet.width, sheet.height)
    return recoloured(sheet, cv2.GaussianBlur(sheet.pixels, (0, 0), sigma), BLURRED)


def noise(sheet: Sheet, chance: Chance) -> Sheet:
    grain = chance.rng.normal(0, chance.between(10, 32), sheet.pixels.shape)
    return recoloured(sheet, sheet.pixels + grain, None)


def pixelation(sheet: Sheet, chance: Chance) -> Sheet:
    block = chance.between(0.009, 0.02) * max(sheet.width, sheet.height)
    small = scaled_to(sheet.pixels, max(8, round(sheet.width / block)), max(8, round(sheet.height / block)))
    blocks = cv2.resize(small, (sheet.width, sheet.height), interpolation=cv2.INTER_NEAREST)
    return recoloured(sheet, blocks, BLURRED)


def recompressed(sheet: Sheet, chance: Chance) -> Sheet:
    """JPEG at a low quality, perhaps twice."""
    pixels = sheet.pixels
    for _ in range(chance.whole(1, 2)):
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=chance.whole(12, 40))
        pixels = np.asarray(Image.open(buffer).convert("RGB"))
    return recoloured(sheet, pixels, None)
