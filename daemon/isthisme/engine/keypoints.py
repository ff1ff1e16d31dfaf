"""SIFT keypoints of a picture and of its mirror image, and which of them correspond."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.scaling import scaled

_SMALL_SIDE = 320  # pixels; smaller pictures are doubled first, or SIFT finds next to nothing on them
_CONTRAST = 0.02
_SOFT = 1.5  # pixels
_SOFT_CONTRAST = 0.01
_COARSE = 4  # times smaller; noise and grain are plain there
_PLAIN_STEP = 4  # levels of 255 between neighbours
_AROUND = 24  # pixels; a keypoint's surroundings
_RATIO = 0.86  # nearest to second nearest; loose, for geometry decides
_MIRROR_BINS = (-np.arange(8)) % 8


@dataclass(frozen=True, slots=True)
class Keypoints:
    """N keypoints in pixels of the picture that they were found in."""

    points: NDArray[np.float32]  # (N, 2) x, y
    sizes: NDArray[np.float32]  # (N,) diameter
    angles: NDArray[np.float32]  # (N,) radians, clockwise from the x axis
    descriptors: NDArray[np.float32]  # (N, 128) RootSIFT, unit length (Arandjelovic and Zisserman, 2012)

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True, slots=True)
class Correspondences:
    """Pairs of keypoints: row `photo[i]` of the photo's with row `query[i]` of the query's."""

    photo: NDArray[np.intp]
    query: NDArray[np.intp]
    quality: NDArray[np.float32]  # 1 - ratio: how much nearer than the second nearest, 0 to 1

    def __len__(self) -> int:
        return len(self.photo)


def no_keypoints() -> Keypoints:
    return Keypoints(*(np.zeros(shape, np.float32) for shape in ((0, 2), (0,), (0,), (0, 128))))


def find_keypoints(
    grey: NDArray[np.uint8], limit: int, contrast: float = _CONTRAST, small: int = _SMALL_SIDE
) -> Keypoints:
    """At most about `limit` keypoints of (H, W), of more than some contrast; `small` (pixels) is doubled first."""
    factor = 2.0 if max(grey.shape) < small else 1.0
    large = scaled(grey, factor)
    left, top, right, bottom = _drawn_part(large)
    sift = cv2.SIFT.create(nfeatures=limit, contrastThreshold=contrast)
    found, raw = sift.detectAndCompute(np.ascontiguousarray(large[top:bottom, left:right]), None)
    if raw is None or not found:
        return no_keypoints()
    sums = np.maximum(raw.sum(axis=1, keepdims=True), 1e-6)
    corner = np.array((left, top), np.float32)
    return Keypoints(
        (np.array([each.pt for each in found], np.float32) + corner) / np.float32(factor),
        np.array([each.size for each in found], np.float32) / np.float32(factor),
        np.deg2rad(np.array([each.angle for each in found], np.float32)),
        np.sqrt(raw / sums).astype(np.float32),
    )


def _drawn_part(grey: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of what is not plain in (H, W), and a little around: plain ground costs SIFT as much.

    Of pictures of small things before plain ground a seventh is left, a quarter of the time, and 0.95 of the keypoints
    stay where they were (measured 2026-11-24). A subject (`subject.py`) is less: nothing faint may be lost here.
    """
    height, width = grey.shape
    coarse = cv2.resize(grey, (max(1, width // _COARSE), max(1, height // _COARSE)), interpolation=cv2.INTER_AREA)
    is_drawn = cv2.morphologyEx(coarse, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > _PLAIN_STEP
    rows, columns = np.flatnonzero(is_drawn.any(axis=1)), np.flatnonzero(is_drawn.any(axis=0))
    if not len(rows):
        return 0, 0, width, height
    left, right = (round(each * width / coarse.shape[1]) for each in (columns[0], columns[-1] + 1))
    top, bottom = (round(each * height / coarse.shape[0]) for each in (rows[0], rows[-1] + 1))
    return max(0, left - _AROUND), max(0, top - _AROUND), min(width, right + _AROUND), min(height, bottom + _AROUND)


def keypoints_of_size(grey: NDArray[np.uint8], side: int, limit: int) -> Keypoints:
    """Those of (H, W) shrunk to `side` pixels on its longer side, in pixels of the original."""
    factor = np.float32(min(1.0, side / max(grey.shape)))
    found = find_keypoints(scaled(grey, float(factor)), limit, small=min(side, _SMALL_SIDE))
    return Keypoints(found.points / factor, found.sizes / factor, found.angles, found.descriptors)


def soft_keypoints_of_size(grey: NDArray[np.uint8], side: int, limit: int) -> Keypoints:
    """The same without the finest: noise, compression and tiled marks make so many of those that no others are left."""
    factor = np.float32(min(1.0, side / max(grey.shape)))
    soft = np.asarray(cv2.GaussianBlur(scaled(grey, float(factor)), (0, 0), _SOFT), np.uint8)
    found = find_keypoints(soft, limit, _SOFT_CONTRAST)
    return Keypoints(found.points / factor, found.sizes / factor, found.angles, found.descriptors)


def mirrored(keypoints: Keypoints, width: int) -> Keypoints:
    """What `find_keypoints` would find in the mirror image of the picture `width` pixels wide, without looking again.

    Along the keypoint's direction nothing changes; across it, the 4 x 4 cells swap sides and angles change sign.
    """
    points = keypoints.points.copy()
    points[:, 0] = width - 1 - points[:, 0]
    cells = keypoints.descriptors.reshape(-1, 4, 4, 8)[:, ::-1][..., _MIRROR_BINS]
    return Keypoints(
        points,
        keypoints.sizes,
        (np.pi - keypoints.angles) % np.float32(2 * np.pi),
        np.ascontiguousarray(cells).reshape(-1, 128),
    )


def correspond(photo: Keypoints, query: Keypoints) -> Correspondences:
    """For each keypoint of the query its nearest of the photo, where the second nearest is clearly farther."""
    if len(photo) < 2 or not len(query):
        empty = np.zeros(0, np.intp)
        return Correspondences(empty, empty, np.zeros(0, np.float32))
    alike = query.descriptors @ photo.descriptors.T
    rows = np.arange(len(query))
    nearest = alike.argmax(axis=1)
    best = alike[rows, nearest].copy()
    alike[rows, nearest] = -1.0
    second = alike.max(axis=1)
    ratio = np.sqrt(np.maximum(2 - 2 * best, 0.0) / np.maximum(2 - 2 * second, 1e-6))
    kept = np.flatnonzero(ratio < _RATIO)
    return Correspondences(nearest[kept], kept, (1 - ratio[kept]).astype(np.float32))
