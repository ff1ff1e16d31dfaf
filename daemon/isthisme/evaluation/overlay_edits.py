"""Edits that lay something over the photo: text, emoji, stickers, watermarks, captions."""

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from isthisme.domain import EditKind
from isthisme.evaluation.sheet import Chance, Pixels, Sheet, pasted, recoloured

OVERLAID = EditKind.OVERLAID
WORDS = (
    "LOVE THIS",
    "Summer 2026",
    "call me",
    "SALE -50%",
    "just arrived",
    "so happy today",
    "@her_real_account",
    "New in",
    "WHEN YOU SEE IT",
    "me on monday",
    "LIMITED OFFER",
    "real photo",
    "verified buyer",
    "best purchase ever",
)


def text(sheet: Sheet, chance: Chance) -> Sheet:
    """One to three lines somewhere."""
    image = Image.fromarray(sheet.pixels)
    draw = ImageDraw.Draw(image)
    for _ in range(chance.whole(1, 3)):
        size = max(10, round(chance.between(0.05, 0.12) * min(image.size) * 1.2))
        at = chance.between(0, 0.5) * image.width, chance.between(0.02, 0.9) * image.height
        stroke = max(1, size // 14) if chance.between(0, 1) < 0.6 else 0
        draw.text(at, chance.one_of(WORDS), chance.colour(), _font(size), stroke_width=stroke, stroke_fill="black")
    return recoloured(sheet, np.asarray(image), OVERLAID)


def emoji(sheet: Sheet, chance: Chance) -> Sheet:
    """One to four small faces and hearts."""
    pixels = sheet.pixels.copy()
    for _ in range(chance.whole(1, 4)):
        radius = round(chance.between(0.06, 0.13) * min(sheet.width, sheet.height))
        at = round(chance.between(0.1, 0.9) * sheet.width), round(chance.between(0.1, 0.9) * sheet.height)
        pixels = _face(pixels, at, radius, chance)
    return recoloured(sheet, pixels, OVERLAID)


def sticker(sheet: Sheet, chance: Chance) -> Sheet:
    """One big thing where a face would be: above the middle."""
    radius = round(chance.between(0.15, 0.25) * min(sheet.width, sheet.height))
    at = round(chance.between(0.38, 0.62) * sheet.width), round(chance.between(0.25, 0.5) * sheet.height)
    if chance.between(0, 1) < 0.6:
        return recoloured(sheet, _face(sheet.pixels.copy(), at, radius, chance), OVERLAID)
    pixels = sheet.pixels.copy()
    box = cv2.boxPoints((at, (2.2 * radius, chance.between(1.2, 2.2) * radius), chance.between(-30, 30)))
    cv2.fillConvexPoly(pixels, np.rint(box).astype(np.int32), chance.colour(), cv2.LINE_AA)
    return recoloured(sheet, pixels, OVERLAID)


def watermark(sheet: Sheet, chance: Chance) -> Sheet:
    """Words tiled over everything at an angle, half transparent."""
    side = 2 * max(sheet.width, sheet.height)
    layer = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(layer)
    size = max(9, round(chance.between(0.045, 0.09) * max(sheet.width, sheet.height)))
    words, font = chance.one_of(WORDS), _font(size)
    step_x, step_y = (
        round(draw.textlength(words, font) * chance.between(1.15, 1.7)),
        round(size * chance.between(2, 3.6)),
    )
    for row, y in enumerate(range(0, side, step_y)):
        for x in range(-(row % 2) * step_x // 2, side, step_x):
            draw.text((x, y), words, 255, font)
    layer = layer.rotate(chance.one_of((0, 30, 45, -30)))
    left, top = (side - sheet.width) // 2, (side - sheet.height) // 2
    mask = np.asarray(layer.crop((left, top, left + sheet.width, top + sheet.height)), np.float32)[..., None] / 255
    strength = mask * chance.between(0.25, 0.6)
    colour = np.array(chance.one_of(((255, 255, 255), (0, 0, 0), (200, 200, 200), (220, 30, 30))))
    return recoloured(sheet, sheet.pixels * (1 - strength) + colour * strength, OVERLAID)


def caption(sheet: Sheet, chance: Chance) -> Sheet:
    """A meme: bars with big words above and below, or the words on the picture itself."""
    size = max(12, round(0.09 * sheet.width))
    if chance.between(0, 1) < 0.5:
        image = Image.fromarray(sheet.pixels)
        draw = ImageDraw.Draw(image)
        for y in (0.03 * image.height, image.height - 1.4 * size):
            words = chance.one_of(WORDS)
            x = max(0.0, (image.width - draw.textlength(words, _font(size))) / 2)
            draw.text((x, y), words, "white", _font(size), stroke_width=max(2, size // 12), stroke_fill="black")
        return recoloured(sheet, np.asarray(image), OVERLAID)
    back, ink = chance.one_of((((255, 255, 255), "black"), ((0, 0, 0), "white")))
    top, bottom = round(size * chance.between(1.6, 3.2)), round(size * chance.one_of((0.0, 0.0, 2.0)))
    page = Image.new("RGB", (sheet.width, sheet.height + top + bottom), back)
    draw = ImageDraw.Draw(page)
    draw.text((0.04 * sheet.width, 0.25 * size), chance.one_of(WORDS), ink, _font(size))
    if bottom:
        draw.text((0.04 * sheet.width, top + sheet.height + 0.3 * size), chance.one_of(WORDS), ink, _font(size))
    return pasted(np.asarray(page), sheet, 0, top, EditKind.COMPOSED)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _face(pixels: Pixels, at: tuple[int, int], radius: int, chance: Chance) -> Pixels:
    """A round yellow face or a red heart."""
    big, (x, y) = max(3, radius), at
    if chance.between(0, 1) < 0.25:
        for side in (-1, 1):
            cv2.circle(pixels, (x + side * big // 2, y - big // 3), round(0.56 * big), (225, 30, 50), -1, cv2.LINE_AA)
        tip = np.array([[x - big, y - big // 8], [x + big, y - big // 8], [x, y + big]], np.int32)
        cv2.fillConvexPoly(pixels, tip, (225, 30, 50), cv2.LINE_AA)
        return pixels
    cv2.circle(pixels, at, big, (255, 205, 40), -1, cv2.LINE_AA)
    cv2.circle(pixels, at, big, (200, 140, 20), max(1, big // 18), cv2.LINE_AA)
    for side in (-1, 1):
        cv2.ellipse(
            pixels,
            (x + side * big // 3, y - big // 4),
            (max(1, big // 9), max(1, big // 6)),
            0,
            0,
            360,
            (60, 40, 20),
            -1,
            cv2.LINE_AA,
        )
    cv2.ellipse(
        pixels,
        (x, y + big // 8),
        (max(1, big // 2), max(1, big // 2)),
        0,
        10,
        170,
        (90, 30, 20),
        max(1, big // 10),
        cv2.LINE_AA,
    )
    return pixels
