"""Pictures for tests, made of seeded random shapes: each as different from the next as two photos are."""

import io
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image


def drawn(seed: int, width: int = 480, height: int = 360) -> NDArray[np.uint8]:
    """(height, width, 3) uint8: soft clouds of colour with some forty shapes over them."""
    random = np.random.default_rng(seed)
    clouds = cv2.resize(
        random.integers(40, 215, (5, 6, 3)).astype(np.uint8), (width, height), interpolation=cv2.INTER_CUBIC
    )
    for _ in range(40):
        colour = tuple(int(value) for value in random.integers(0, 255, 3))
        centre = (int(random.integers(0, width)), int(random.integers(0, height)))
        size = int(random.integers(6, 50))
        match random.integers(0, 3):
            case 0:
                cv2.circle(clouds, centre, size, colour, -1, cv2.LINE_AA)
            case 1:
                axes = (size, int(random.integers(4, 40)))
                cv2.ellipse(clouds, centre, axes, float(random.integers(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
            case _:
                end = (int(random.integers(0, width)), int(random.integers(0, height)))
                cv2.line(clouds, centre, end, colour, int(random.integers(1, 6)), cv2.LINE_AA)
    grain = random.normal(0, 4, clouds.shape)
    return np.clip(clouds + grain, 0, 255).astype(np.uint8)


def encoded(pixels: NDArray[np.uint8], kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def write_photos(folder: Path, seeds: range) -> list[Path]:
    """One JPEG for each seed, named after it."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"photo_{seed:03}.jpg" for seed in seeds]
    for seed, path in zip(seeds, paths, strict=True):
        path.write_bytes(encoded(drawn(seed)))
    return paths
