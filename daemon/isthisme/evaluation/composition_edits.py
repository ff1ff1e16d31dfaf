"""Edits that make the photo a part of something larger: screenshots, collages, cards, avatars, frames."""

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from isthisme.domain import EditKind
from isthisme.evaluation.overlay_edits import WORDS
from isthisme.evaluation.sheet import Chance, Pixels, Sheet, filled, fitted, fresh, pasted, scaled_to, warped

COMPOSED, CROPPED, TILTED = EditKind.COMPOSED, EditKind.CROPPED, EditKind.TILTED


def desktop_screenshot(sheet: Sheet, chance: Chance) -> Sheet:
    """A browser window: bars, columns of text, the photo among them, perhaps another picture."""
    width, height = chance.one_of(((1280, 720), (1366, 768), (1440, 900), (1920, 1080)))
    dark = chance.between(0, 1) < 0.25
    page = Image.new("RGB", (width, height), (28, 28, 32) if dark else (250, 250, 250))
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, width, 74), (60, 60, 66) if dark else (222, 225, 230))
    draw.rounded_rectangle((140, 40, width - 200, 66), 12, (90, 90, 96) if dark else (255, 255, 255))
    draw.text((160, 44), "https://www.example.org/profile/492", (160, 160, 160), ImageFont.load_default(14))
    _lines(draw, (30, 100, round(0.2 * width), height - 40), chance, dark=dark)
    _lines(draw, (round(0.78 * width), 100, width - 20, height - 40), chance, dark=dark)
    photo = fitted(sheet, round(chance.between(0.32, 0.62) * height * 1.15))
    if photo.height > height - 130:
        photo = fitted(sheet, round((height - 130) * max(photo.width, photo.height) / photo.height))
    left = chance.whole(round(0.22 * width), max(round(0.22 * width), round(0.76 * width) - photo.width))
    top = chance.whole(90, max(90, height - photo.height - 20))
    canvas = np.array(page)
    if left - 0.22 * width > 0.14 * width and chance.between(0, 1) < 0.5:
        side = round(0.12 * width)
        canvas[top : top + side, left - side - 12 : left - 12] = scaled_to(chance.other(), side, side)[: height - top]
    return pasted(canvas, photo, left, top, COMPOSED)


def phone_screenshot(sheet: Sheet, chance: Chance) -> Sheet:
    """A social app: status bar, a name with an avatar, the photo across the screen, buttons and words below."""
    width, height = chance.one_of(((540, 1170), (720, 1280), (750, 1334), (1080, 2340)))
    unit = width / 375
    dark = chance.between(0, 1) < 0.4
    page = Image.new("RGB", (width, height), (0, 0, 0) if dark else (255, 255, 255))
    draw = ImageDraw.Draw(page)
    ink = (235, 235, 235) if dark else (30, 30, 30)
    draw.text((16 * unit, 8 * unit), "9:41", ink, ImageFont.load_default(round(14 * unit)))
    draw.rectangle((330 * unit, 12 * unit, 355 * unit, 22 * unit), ink)
    draw.ellipse((12 * unit, 44 * unit, 44 * unit, 76 * unit), chance.colour())
    draw.text((54 * unit, 52 * unit), "someone_else", ink, ImageFont.load_default(round(14 * unit)))
    photo = fitted(sheet, round(width * max(1.0, sheet.height / sheet.width)))
    top = round(88 * unit)
    most = height - top - round(120 * unit)
    if photo.height > most:
        photo = filled(photo, photo.width, most)
    below = top + photo.height
    for place in range(4):
        draw.ellipse(
            ((14 + 40 * place) * unit, below + 12 * unit, (36 + 40 * place) * unit, below + 34 * unit),
            outline=ink,
            width=max(1, round(2 * unit)),
        )
    _lines(draw, (round(14 * unit), round(below + 46 * unit), width - 20, height - round(54 * unit)), chance, dark=dark)
    draw.rectangle((0, height - 46 * unit, width, height), (20, 20, 20) if dark else (246, 246, 246))
    return pasted(np.array(page), photo, 0, top, COMPOSED)


def background(sheet: Sheet, chance: Chance) -> Sheet:
    """The photo laid on another picture."""
    canvas = scaled_to(chance.other(), *chance.one_of(((900, 700), (1000, 1000), (800, 1100), (1200, 700))))
    height, width = canvas.shape[:2]
    share = chance.between(0.4, 0.75)
    factor = share * min(width / sheet.width, height / sheet.height)
    photo = fitted(sheet, round(factor * max(sheet.width, sheet.height)))
    return pasted(canvas, photo, chance.whole(0, width - photo.width), chance.whole(0, height - photo.height), COMPOSED)


def before_after(sheet: Sheet, chance: Chance) -> Sheet:
    """Two halves under a heading: the photo, and either the same recoloured or another picture."""
    width, height = chance.whole(300, 520), chance.whole(360, 640)
    photo = filled(sheet, width, height)
    if chance.between(0, 1) < 0.5:
        second = fresh(
            np.clip(photo.pixels * chance.between(0.7, 1.3) + chance.between(-20, 20), 0, 255).astype(np.uint8)
        )
        second = Sheet(second.pixels, photo.regions)
    else:
        second = Sheet(filled(fresh(chance.other()), width, height).pixels, ())
    heading, gap = chance.whole(50, 100), chance.one_of((0, 4, 10))
    page = Image.new(
        "RGB", (2 * width + gap, height + heading), chance.one_of(((255, 255, 255), (20, 20, 20), (240, 220, 225)))
    )
    draw = ImageDraw.Draw(page)
    ink = (200, 30, 60)
    draw.text((0.2 * width, 0.2 * heading), "BEFORE", ink, ImageFont.load_default(0.5 * heading))
    draw.text((1.25 * width, 0.2 * heading), "AFTER", ink, ImageFont.load_default(0.5 * heading))
    halves = [photo, second] if chance.between(0, 1) < 0.5 else [second, photo]
    first = pasted(np.array(page), halves[0], 0, heading, COMPOSED)
    both = pasted(first.pixels, halves[1], width + gap, heading, COMPOSED)
    return Sheet(both.pixels, (*first.regions, *both.regions), (*sheet.edits, COMPOSED))


def nine_grid(sheet: Sheet, chance: Chance) -> Sheet:
    """Nine square pictures; the photo's middle is one of them."""
    cell, gap = chance.whole(100, 220), chance.one_of((0, 2, 4, 8))
    side = 3 * cell + 2 * gap
    page = np.full((side, side, 3), chance.one_of((255, 255, 0)), np.uint8)
    places = [((cell + gap) * column, (cell + gap) * row) for row in range(3) for column in range(3)]
    own = chance.whole(0, 8)
    for number, (left, top) in enumerate(places):
        if number != own:
            page[top : top + cell, left : left + cell] = filled(fresh(chance.other()), cell, cell).pixels
    return pasted(page, filled(sheet, cell, cell), *places[own], COMPOSED)


def avatar(sheet: Sheet, chance: Chance) -> Sheet:
    """A circle of 160 px on a plain ground."""
    side = min(sheet.width, sheet.height)
    square = filled(sheet, side, side)
    zoom = chance.between(1.0, 1.35)
    inner = round(side / zoom)
    left, top = (side - inner) // 2, round((side - inner) * chance.between(0.0, 0.6))
    from_square = square.pixels[top : top + inner, left : left + inner]
    small = scaled_to(from_square, 160, 160)
    mask = np.zeros((160, 160), np.uint8)
    cv2.circle(mask, (80, 80), 79, 255, -1, cv2.LINE_AA)
    weight = mask[..., None].astype(np.float32) / 255
    ground = np.array(chance.one_of(((255, 255, 255), (255, 255, 255), (0, 0, 0), (240, 242, 245))))
    round_one = np.rint(small * weight + ground * (1 - weight)).astype(np.uint8)
    circle = tuple((80 + 80 * float(np.cos(a)), 80 + 80 * float(np.sin(a))) for a in np.linspace(0, 2 * np.pi, 33)[:-1])
    return Sheet(round_one, (circle,), (*sheet.edits, COMPOSED))


def framed(sheet: Sheet, chance: Chance) -> Sheet:
    """Padding or a frame, plain, double or blurred from the photo itself."""
    pads = [round(chance.between(0.02, 0.3) * min(sheet.width, sheet.height)) for _ in range(4)]
    if chance.between(0, 1) < 0.5:
        pads = [pads[0]] * 4
    top, bottom, left, right = pads
    size = sheet.width + left + right, sheet.height + top + bottom
    if chance.between(0, 1) < 0.3:
        canvas = np.asarray(cv2.GaussianBlur(scaled_to(sheet.pixels, *size), (0, 0), 25), np.uint8)
    else:
        canvas = np.full((size[1], size[0], 3), chance.one_of((chance.colour(), (255, 255, 255), (0, 0, 0))), np.uint8)
        edge = max(2, min(pads) // 3)
        cv2.rectangle(canvas, (edge, edge), (size[0] - edge, size[1] - edge), chance.colour(), max(1, edge // 3))
    return pasted(canvas, sheet, left, top, COMPOSED)


def printed_card(sheet: Sheet, chance: Chance) -> Sheet:
    """A print with a white border on a table, photographed at an angle, unevenly lit."""
    margin = round(chance.between(0.03, 0.08) * max(sheet.width, sheet.height))
    card = pasted(
        np.full((sheet.height + 2 * margin, sheet.width + 2 * margin, 3), 248, np.uint8),
        sheet,
        margin,
        margin,
        COMPOSED,
    )
    size = chance.one_of(((1000, 750), (750, 1000), (900, 900)))
    factor = chance.between(0.55, 0.8) * min(size[0] / card.width, size[1] / card.height)
    turn = np.radians(chance.between(-25, 25))
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array([card.width, card.height]) / 2 * factor
    corners = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    depth = (
        1 + chance.between(-0.3, 0.3) * corners[:, 0] / size[0] + chance.between(0.1, 0.55) * -corners[:, 1] / size[1]
    )
    target = corners / depth[:, None] + np.array(size) / 2
    source = np.array([[0, 0], [card.width, 0], [card.width, card.height], [0, card.height]], np.float32)
    matrix = np.asarray(cv2.getPerspectiveTransform(source, target.astype(np.float32)), np.float64)
    seen = warped(card, matrix, size, _table(size, chance), TILTED)
    light = np.linspace(chance.between(0.7, 1.0), chance.between(0.9, 1.2), size[0])[None, :, None]
    grain = chance.rng.normal(0, chance.between(1, 5), seen.pixels.shape)
    lit = cv2.GaussianBlur(
        np.clip(seen.pixels * light + grain, 0, 255).astype(np.uint8), (0, 0), chance.between(0.4, 1.1)
    )
    return Sheet(np.asarray(lit, np.uint8), seen.regions, (*sheet.edits, TILTED))


def _table(size: tuple[int, int], chance: Chance) -> Pixels:
    if chance.between(0, 1) < 0.3:
        return scaled_to(chance.other(), *size)
    base = np.array(chance.one_of(((120, 80, 50), (160, 130, 100), (70, 60, 55), (190, 185, 180))))
    rows = cv2.resize(
        chance.rng.normal(0, 14, (40, 3)).astype(np.float32), (size[0], size[1]), interpolation=cv2.INTER_CUBIC
    )
    return np.clip(base + rows[..., None] + chance.rng.normal(0, 4, (size[1], size[0], 1)), 0, 255).astype(np.uint8)


def _lines(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], chance: Chance, *, dark: bool) -> None:
    """Lines of words in a box."""
    left, top, right, bottom = box
    size = max(9, min(22, (right - left) // 18))
    ink = (200, 200, 205) if dark else (70, 70, 75)
    y = top
    while y < bottom - size:
        x = float(left)
        while x < right - 60 and chance.between(0, 1) < 0.85:
            word = chance.one_of(WORDS).lower()
            draw.text((x, y), word, ink, ImageFont.load_default(size))
            x += draw.textlength(word, ImageFont.load_default(size)) + size * 0.5
        y += round(size * 1.7)
