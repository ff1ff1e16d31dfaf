"""Strangers' pictures: as on the web most are like none of the user's photos, and some look alike."""

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.pictures import drawn

_WIDTH, _HEIGHT = 480, 360


def stranger(seed: int) -> NDArray[np.uint8]:
    """(360, 480, 3): by turns a page of text, a sky, a hedge, a wall, and a scene like the user's photos."""
    chance = np.random.default_rng(seed)
    match seed % 5:
        case 0:
            return drawn(seed)
        case 1:
            return _text(chance)
        case 2:
            return _sky(chance)
        case 3:
            return _hedge(chance)
        case _:
            return _wall(chance)


def _text(chance: np.random.Generator) -> NDArray[np.uint8]:
    picture = np.full((_HEIGHT, _WIDTH, 3), chance.integers(225, 256), np.uint8)
    for y in range(24, _HEIGHT, int(chance.integers(16, 30))):
        letters = (chr(each) if each > 96 else " " for each in chance.integers(90, 123, chance.integers(12, 60)))
        cv2.putText(picture, "".join(letters), (16, y), cv2.FONT_HERSHEY_PLAIN, 1.0, (30, 30, 30), 1, cv2.LINE_AA)
    return picture


def _sky(chance: np.random.Generator) -> NDArray[np.uint8]:
    """Noise in octaves, as of clouds."""
    picture = np.full((_HEIGHT, _WIDTH, 3), chance.integers(60, 190, 3), np.float32)
    for octave in range(1, 7):
        columns = 2**octave
        noise = chance.normal(0, 60 / columns**0.8, (columns * 3 // 4 + 1, columns + 1, 3)).astype(np.float32)
        picture += cv2.resize(noise, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_CUBIC)
    return _as_pixels(picture)


def _hedge(chance: np.random.Generator) -> NDArray[np.uint8]:
    picture, leaf = _sky(chance), chance.integers(0, 256, 3)
    for _ in range(400):
        x, y = int(chance.integers(0, _WIDTH)), int(chance.integers(0, _HEIGHT))
        axes = int(chance.integers(3, 22)), int(chance.integers(2, 8))
        angle = float(chance.integers(0, 180))
        cv2.ellipse(picture, (x, y), axes, angle, 0, 360, _near(leaf, chance, 30), -1, cv2.LINE_AA)
    return picture


def _wall(chance: np.random.Generator) -> NDArray[np.uint8]:
    picture, brick = np.full((_HEIGHT, _WIDTH, 3), chance.integers(60, 200, 3), np.uint8), chance.integers(40, 220, 3)
    high, wide = int(chance.integers(14, 40)), int(chance.integers(30, 90))
    for row, y in enumerate(range(0, _HEIGHT, high)):
        for x in range(-(row % 2) * wide // 2, _WIDTH, wide):
            cv2.rectangle(picture, (x + 2, y + 2), (x + wide - 2, y + high - 2), _near(brick, chance, 18), -1)
    return _as_pixels(picture + chance.normal(0, 8, picture.shape))


def _near(colour: NDArray[np.int64], chance: np.random.Generator, spread: float) -> tuple[int, ...]:
    return tuple(np.clip(colour + chance.normal(0, spread), 0, 255).astype(int).tolist())


def _as_pixels(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.clip(values, 0, 255).astype(np.uint8)
