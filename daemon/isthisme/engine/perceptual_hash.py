"""The perceptual hash of a picture in each of its eight orientations (pHash, as imagehash defines it, 64 bits)."""

import cv2
import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

HASH_BITS = 64
_DCT_SIDE = 32  # pixels; what imagehash scales to for a hash of 8 x 8
_ORIENTATIONS = (
    None,
    Image.Transpose.FLIP_LEFT_RIGHT,
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_180,
    Image.Transpose.ROTATE_270,
    Image.Transpose.FLIP_TOP_BOTTOM,
    Image.Transpose.TRANSPOSE,
    Image.Transpose.TRANSVERSE,
)


def photo_hash(pixels: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """(1,) the hash of the picture (H, W, 3) as it stands."""
    return np.array([_hash(_small_grey(pixels))], dtype=np.uint64)


def query_hashes(pixels: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """(8,) the hashes of the picture as it stands, mirrored, turned, and turned and mirrored."""
    small = _small_grey(pixels)
    turned = (small if turn is None else small.transpose(turn) for turn in _ORIENTATIONS)
    return np.array([_hash(each) for each in turned], dtype=np.uint64)


def _small_grey(pixels: NDArray[np.uint8]) -> Image.Image:
    grey = Image.fromarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
    # The gap lets Pillow halve the picture cheaply first: a fifth of the time, 0.3 bits of difference (2026-11).
    return grey.resize((_DCT_SIDE, _DCT_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _hash(small_grey: Image.Image) -> int:
    bits = imagehash.phash(small_grey).hash
    return int.from_bytes(np.packbits(bits).tobytes(), "big")
