"""Pictures made from nothing: seeded, textured, small enough to look at."""

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image


def scene(seed: int, width: int = 480, height: int = 360) -> NDArray[np.uint8]:
    """(H, W, 3): blobs, lines and letters over a soft background; another seed is another picture."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(40, 216, (6, 8, 3)).astype(np.uint8)
    picture = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(60):
        colour = tuple(int(each) for each in rng.integers(0, 256, 3))
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        kind = rng.integers(0, 4)
        if kind == 0:
            cv2.circle(picture, (x, y), int(rng.integers(4, 30)), colour, -1, cv2.LINE_AA)
        elif kind == 1:
            cv2.rectangle(picture, (x, y), (x + int(rng.integers(6, 60)), y + int(rng.integers(6, 60))), colour, -1)
        elif kind == 2:
            end = int(rng.integers(0, width)), int(rng.integers(0, height))
            cv2.line(picture, (x, y), end, colour, int(rng.integers(1, 5)), cv2.LINE_AA)
        else:
            cv2.putText(picture, chr(int(rng.integers(65, 91))), (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.4, colour, 2)
    return np.asarray(picture, np.uint8)


def encoded(pixels: NDArray[np.uint8], kind: str = "JPEG", **options: int) -> bytes:
    """The picture (H, W, 3) as a file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()
