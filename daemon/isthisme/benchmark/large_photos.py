"""12-megapixel JPEGs of about 2.6 MB, as phones take them, made from smaller pictures: enlarged, with grain."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.decode import decode

_SIZE = 4000, 3000  # pixels
_BYTES = 2_600_000
_QUALITY = 85  # of the JPEG
_GRAIN_BLUR = 0.7  # pixels; a sensor's noise after the camera's own smoothing


def write_large_photos(folder: Path, sources: Sequence[bytes], count: int) -> None:
    """So many JPEGs in `folder`, each of another source as long as there are sources."""
    random = np.random.default_rng(4)
    noise = random.normal(size=(_SIZE[1] + 200, _SIZE[0] + 200)).astype(np.float32)
    grain = np.asarray(cv2.GaussianBlur(noise, (0, 0), _GRAIN_BLUR), np.float32)
    grain /= float(grain.std())
    strength = 5.0  # levels; the last picture's is the first guess for the next
    for number in range(count):
        source = decode(sources[number % len(sources)], target_side=1280).pixels
        if source.shape[0] > source.shape[1]:
            source = np.ascontiguousarray(np.rot90(source))
        large = np.asarray(cv2.resize(source, _SIZE, interpolation=cv2.INTER_CUBIC), np.uint8)
        top, left = random.integers(0, 200, 2)
        here = grain[top : top + _SIZE[1], left : left + _SIZE[0]]
        data = _grainy_jpeg(large, here, strength)
        for _ in range(4):
            if abs(len(data) / _BYTES - 1) < 0.05:
                break
            strength = float(np.clip(strength * (_BYTES / len(data)) ** 1.2, 0.5, 20))
            data = _grainy_jpeg(large, here, strength)
        (folder / f"large_{number:04}.jpg").write_bytes(data)


def _grainy_jpeg(pixels: NDArray[np.uint8], grain: NDArray[np.float32], strength: float) -> bytes:
    noise = (strength * grain).astype(np.int16)
    grainy = np.clip(pixels.astype(np.int16) + noise[..., None], 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", grainy[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()
