"""Pictures made smaller or larger, never to nothing."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray


def scaled(image: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """`image` (H, W) or (H, W, 3) at `factor` times its size, at least one pixel each way."""
    if factor == 1:
        return image
    size = max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor))
    return averaged(image, size) if factor < 1 else np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC))


def averaged(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """`image` at a smaller size (width, height), each pixel the mean of the area that it stands for.

    Halved first for as long as it can be: that costs a tenth of other ratios (OpenCV 4, measured 2026-11-24).
    """
    width, height = size
    while image.shape[1] >= 2 * width and image.shape[0] >= 2 * height:
        half = (image.shape[1] + 1) // 2, (image.shape[0] + 1) // 2
        image = np.asarray(cv2.resize(image, half, interpolation=cv2.INTER_LINEAR), np.uint8)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def reduced(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """`image` at a size (width, height) that is nowhere larger, in steps that at most halve it.

    No step leaves a pixel out, so that nothing flickers; a tenth of the time of OpenCV's area interpolation, which is
    slow at ratios that are no whole numbers (measured 2026-11-23).
    """
    width, height = size
    steps = math.ceil(math.log2(max(image.shape[1] / width, image.shape[0] / height, 1.0)))
    for left in range(steps - 1, -1, -1):
        step = min(image.shape[1], width << left), min(image.shape[0], height << left)
        image = np.asarray(cv2.resize(image, step, interpolation=cv2.INTER_LINEAR), np.uint8)
    return image


class Sizes:
    """A picture (H, W, 3) and smaller copies of it, each made once, of the smallest that is larger."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.pixels = pixels
        self._made: dict[int, NDArray[np.uint8]] = {}

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def fitted(self, side: int) -> NDArray[np.uint8]:
        """The picture with a longer side of at most `side` pixels."""
        if max(self.size) <= side:
            return self.pixels
        if side not in self._made:
            larger = [each for each in self._made if each > side]
            source = self._made[min(larger)] if larger else self.pixels
            factor = side / max(self.size)
            size = max(1, round(self.size[0] * factor)), max(1, round(self.size[1] * factor))
            self._made[side] = reduced(_doubled(source, size), size)
        return self._made[side]


def _doubled(source: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The source at no less than twice a size: halved from there, thin lines stay as by averaging areas."""
    twice = 2 * size[0], 2 * size[1]
    if source.shape[1] >= twice[0] and source.shape[0] >= twice[1]:
        return source
    return np.asarray(cv2.resize(source, twice, interpolation=cv2.INTER_LINEAR), np.uint8)


class Layers:
    """A picture (H, W) or (H, W, 3) at its own size, half of it, a quarter and so on, made as they are asked for."""

    def __init__(self, image: NDArray[np.uint8]) -> None:
        self._made = [image]

    @property
    def full(self) -> NDArray[np.uint8]:
        return self._made[0]

    def shrunk(self, shrink: float) -> NDArray[np.uint8]:
        """The layer that is at most `shrink` times smaller than the picture, and more than half as much."""
        level = 0
        while shrink >= 2 and min(self._made[level].shape[:2]) >= 4:
            level, shrink = level + 1, shrink / 2
            if level == len(self._made):
                self._made.append(scaled(self._made[-1], 0.5))
        return self._made[level]
