"""Hard negatives: pictures that share much with a photo and are no copies of it."""

import io
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from isthisme.evaluation.sheet import Chance, Pixels, filled, fresh, scaled_to

type Negative = Callable[[Pixels, Chance], Pixels]


def other_subject(photo: Pixels, chance: Chance) -> Pixels:
    """The same place with another subject: most of the middle is from another picture, softly joined."""
    height, width = photo.shape[:2]
    other = filled(fresh(chance.other()), width, height).pixels
    mask = _blob(width, height, (0.5, 0.58), (chance.between(0.3, 0.42), chance.between(0.42, 0.6)))
    return _mixed(photo, other, mask)


def other_face(photo: Pixels, chance: Chance) -> Pixels:
    """The subject's upper half is another picture's."""
    height, width = photo.shape[:2]
    other = filled(fresh(chance.other()), width, height).pixels
    mask = _blob(width, height, (0.5, 0.4), (chance.between(0.24, 0.32), chance.between(0.3, 0.4)))
    return _mixed(photo, other, mask)


def other_moment(photo: Pixels, chance: Chance) -> Pixels:
    """The subject moved and changed shape before a background that moved otherwise, in another light."""
    back = _wavy(
        photo, chance, 0.006, (chance.between(-0.05, 0.05), chance.between(-0.03, 0.03)), chance.between(0.95, 1.1)
    )
    front = _wavy(
        photo,
        chance,
        chance.between(0.02, 0.035),
        (chance.between(-0.1, 0.1), chance.between(-0.08, 0.08)),
        chance.between(0.88, 1.15),
    )
    height, width = photo.shape[:2]
    mask = _blob(width, height, (0.5, 0.6), (0.33, 0.5))
    lit = np.clip(_mixed(back, front, mask) * chance.between(0.85, 1.15), 0, 255)
    return np.asarray(lit, np.uint8)


def neighbouring_view(photo: Pixels, chance: Chance) -> Pixels:
    """A tenth to a sixth of the photo at one side, the rest of the picture something else."""
    height, width = photo.shape[:2]
    other = filled(fresh(chance.other()), width, height).pixels
    shared = round(chance.between(0.1, 0.16) * width)
    return np.concatenate([other[:, shared:], photo[:, :shared]], axis=1)


def same_logo(photo: Pixels, chance: Chance) -> Pixels:
    """Another picture with the photo's corner kept: a logo, a date, a watermark."""
    height, width = photo.shape[:2]
    other = filled(fresh(chance.other()), width, height).pixels.copy()
    tall, wide = round(height * chance.between(0.15, 0.25)), round(width * chance.between(0.2, 0.35))
    other[height - tall :, width - wide :] = photo[height - tall :, width - wide :]
    return other


FROM_PHOTO: dict[str, Negative] = {
    "other subject, same place": other_subject,
    "other face, same body": other_face,
    "other moment": other_moment,
    "neighbouring view": neighbouring_view,
    "same corner": same_logo,
}


def in_template(picture: Pixels, template: int) -> Pixels:
    """The picture in a design that is the same for all with this number: bars, words, a badge."""
    rng = np.random.default_rng([template, 77])
    first, second = (tuple(int(each) for each in rng.integers(0, 256, 3)) for _ in range(2))
    page = Image.new("RGB", (600, 760), first)
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 640, 600, 760), second)
    draw.text(
        (30, 660), f"COLLECTION No {template}", "white", ImageFont.load_default(40), stroke_width=2, stroke_fill="black"
    )
    draw.text((30, 714), "www.example.org - free shipping", "white", ImageFont.load_default(22))
    draw.text((30, 14), "OFFICIAL STORE", "white", ImageFont.load_default(34), stroke_width=1, stroke_fill="black")
    pixels = np.array(page)
    pixels[64:636, 24:576] = filled(fresh(picture), 552, 572).pixels
    cv2.circle(pixels, (505, 130), 62, second, -1, cv2.LINE_AA)
    cv2.circle(pixels, (505, 130), 54, (255, 255, 255), 3, cv2.LINE_AA)
    cv2.putText(pixels, "-50%", (462, 142), cv2.FONT_HERSHEY_DUPLEX, 1.0, (255, 255, 255), 2, cv2.LINE_AA)
    return pixels


def odd_pictures(seed: int) -> dict[str, bytes]:
    """What the web is full of and what holds no photo: blanks, gradients, codes, text, icons, maps."""
    rng = np.random.default_rng([seed, 5])
    x, y = np.meshgrid(np.linspace(0, 1, 480), np.linspace(0, 1, 360))
    gradient = np.stack([255 * x, 255 * y, 128 + 0 * x], axis=2).astype(np.uint8)
    code = np.kron(rng.integers(0, 2, (29, 29)) * 255, np.ones((12, 12))).astype(np.uint8)
    words = Image.new("RGB", (700, 500), "white")
    draw = ImageDraw.Draw(words)
    for line in range(24):
        letters = "".join(chr(int(each)) for each in rng.integers(97, 123, 60))
        spaced = " ".join(letters[at : at + 6] for at in range(0, 60, 6))
        draw.text((20, 14 + 20 * line), spaced, "black", ImageFont.load_default(15))
    icon = Image.new("RGB", (64, 64), "white")
    ImageDraw.Draw(icon).rounded_rectangle((8, 8, 56, 56), 12, fill=(30, 120, 220))
    streets = np.full((500, 700, 3), (242, 239, 233), np.uint8)
    for _ in range(70):
        ends = rng.integers(0, 700, 4)
        cv2.line(
            streets,
            (int(ends[0]), int(ends[1])),
            (int(ends[2]), int(ends[3])),
            (255, 255, 255),
            int(rng.integers(3, 9)),
        )
    sprite = np.zeros((128, 512, 3), np.uint8)
    for place in range(16):
        cv2.circle(sprite, (32 * place + 16, 64), 12, tuple(int(each) for each in rng.integers(0, 256, 3)), -1)
    made = {
        "blank": np.full((300, 400, 3), 243, np.uint8),
        "gradient": gradient,
        "noise": rng.integers(0, 256, (300, 400, 3)).astype(np.uint8),
        "code": np.repeat(np.pad(code, 20, constant_values=255)[..., None], 3, axis=2),
        "text": np.asarray(words),
        "icon": np.asarray(icon),
        "map": streets,
        "sprite": sprite,
    }
    return {name: png(pixels) for name, pixels in made.items()}


def png(pixels: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def jpeg(pixels: Pixels, quality: int = 85) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _blob(width: int, height: int, at: tuple[float, float], reach: tuple[float, float]) -> NDArray[np.float32]:
    """(H, W, 1) 1 inside an ellipse, 0 outside, soft between; shares of the sides."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    distance = np.sqrt(((x - at[0]) / reach[0]) ** 2 + ((y - at[1]) / reach[1]) ** 2)
    return np.asarray(np.clip((1.05 - distance) / 0.1, 0, 1)[..., None], np.float32)


def _mixed(back: Pixels, front: Pixels, mask: NDArray[np.float32]) -> Pixels:
    return np.rint(back * (1 - mask) + front * mask).astype(np.uint8)


def _wavy(photo: Pixels, chance: Chance, reach: float, shift: tuple[float, float], zoom: float) -> Pixels:
    """Shifted, zoomed about the middle and bent smoothly; `reach` and `shift` as shares of the sides."""
    height, width = photo.shape[:2]
    bends = [
        cv2.resize(chance.rng.normal(0, 1, (5, 5)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        for _ in range(2)
    ]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    to_x = (x - width / 2) / zoom + width / 2 - shift[0] * width + bends[0] * reach * width
    to_y = (y - height / 2) / zoom + height / 2 - shift[1] * height + bends[1] * reach * height
    warped = cv2.remap(
        photo, to_x.astype(np.float32), to_y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(warped, np.uint8)


def same_shoot(photo: Pixels, kind: str, others: Sequence[Pixels], seed: int) -> bytes:
    """One hard negative of a kind of FROM_PHOTO, as a file."""
    chance = Chance(np.random.default_rng([seed, sum(kind.encode())]), others)
    made = FROM_PHOTO[kind](photo, chance)
    side = chance.whole(400, 900)
    factor = min(1.0, side / max(made.shape))
    sized = scaled_to(made, round(made.shape[1] * factor), round(made.shape[0] * factor))
    return jpeg(sized, chance.whole(60, 92))
