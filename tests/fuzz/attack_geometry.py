"""Maps between pictures from correspondences that make no sense: degenerate, huge, endless, none."""

import itertools
import math
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon, Region
from isthisme.engine import geometry
from isthisme.engine.keypoints import Correspondences, Keypoints, correspond, mirrored
from isthisme.engine.overlay import lay_over
from isthisme.engine.regions import cut, propose_regions
from isthisme.engine.scaling import Layers, Sizes
from tests.fuzz.target import Source, Target, promise

_ODD = (0.0, -0.0, 1.0, -1.0, 0.5, 7.0, 64.0, 1e-9, 1e-300, 1e9, -1e9, 1e38, 1e300, math.inf, -math.inf, math.nan)
_SIZES = ((64, 48), (48, 64), (1, 1), (1, 500), (640, 480), (8, 8), (24, 3))
_SQUARE: Polygon = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))


def target(_scratch: Path) -> Target:
    warnings.simplefilter("ignore", RuntimeWarning)  # numbers that are none are what this is about
    return Target(
        name="geometry",
        attack=attack,
        seeds=(*_seeds(), b"\0" * 80),
        covers=("isthisme.engine.geometry", "isthisme.engine.regions", "isthisme.engine.overlay"),
        runs_in_ci=250,
        largest=200,
    )


def _seeds() -> Iterator[bytes]:
    for size, count in itertools.product(range(len(_SIZES)), (0, 4, 5, 12, 30)):
        for is_mirrored, oddness in ((0, 0), (1, 0), (0, 1), (1, 255), (0, 40)):
            yield bytes((size, count, is_mirrored, oddness)) + bytes(range(90))


def attack(data: bytes) -> int:
    """A size, how many keypoints, whether mirrored, how odd their numbers are; then chance.

    - Whatever the keypoints, an alignment found is a finite, invertible and sane map with votes; or there is none.
    - Such a map has a finite scale, a stretch of 1 or more and an angle of 0 to 360; support is shares of 0 to 1.
    - A sane map is laid over, or too little shows: shares of 0 to 1, points that are numbers.
    - A polygon clipped by another is never larger than either (both convex), whatever numbers they are.
    - The regions of a picture of any size are finite and lie in it, and each can be cut out.
    """
    source = Source(data)
    size, count = _SIZES[source.number(len(_SIZES))], source.number(40)
    is_mirrored, oddness = source.number(2) == 1, source.number(256)
    chance = np.random.default_rng(int.from_bytes(source.take(4)))
    photo, query = (_keypoints(count, oddness, chance) for _ in range(2))
    if oddness == 0 and count:
        turned = chance.uniform(0.3, 3.0)
        query = Keypoints(
            photo.points * np.float32(turned) + 3, photo.sizes * np.float32(turned), photo.angles, photo.descriptors
        )
    seen = mirrored(photo, size[0]) if is_mirrored else photo
    matched = correspond(seen, query)
    pairs = matched if oddness > 200 else _every(count, chance)
    found = geometry.from_correspondences(seen, query, pairs, size, is_mirrored=is_mirrored)
    if found is not None:
        _check_alignment(found, size)
        support = geometry.support(seen, query, pairs, size, found)
        promise(0 <= support.inlier_share <= 1 and support.inliers >= 0, f"a support of {support}")
        _lay_over(found.matrix, size, chance)
    odd_map = chance.choice(_ODD, (3, 3)) if oddness > 128 else chance.normal(0, 1, (3, 3))
    if geometry.is_sane(odd_map, size):
        _lay_over(odd_map, size, chance)
    _clip(chance, oddness)
    _regions(size, chance)
    return 1


def _check_alignment(found: geometry.Alignment, size: tuple[int, int]) -> None:
    promise(np.isfinite(found.matrix).all() and found.votes >= 4, "a map that is none")
    promise(abs(np.linalg.det(found.matrix)) > 0, "a map that cannot be inverted")
    parts = geometry.decompose(found.matrix, size)
    promise(math.isfinite(parts.scale) and parts.scale > 0 and parts.stretch >= 1, f"parts of {parts}")
    promise(0 <= parts.rotation_degrees <= 360, f"an angle of {parts.rotation_degrees}")


def _lay_over(matrix: geometry.Matrix, size: tuple[int, int], chance: np.random.Generator) -> None:
    photo = Layers(chance.integers(0, 256, (size[1], size[0], 3), np.uint8))
    query = Layers(chance.integers(0, 256, (50, 70, 3), np.uint8))
    frame = lay_over(photo, query, None, matrix, None, side=32)
    if frame is not None:
        promise(0 <= frame.photo_share <= 1, f"{frame.photo_share} of the photo shows")
        promise(np.isfinite(np.asarray(frame.query_region)).all(), "a region that is none")


def _clip(chance: np.random.Generator, oddness: int) -> None:
    corners = chance.choice(_ODD, (4, 2)) if oddness > 128 else chance.uniform(-20, 30, (4, 2))
    odd = tuple((float(x), float(y)) for x, y in corners)
    left = geometry.clipped(odd, _SQUARE)
    if np.isfinite(corners).all() and np.abs(corners).max() < 1e6 and left:
        promise(geometry.area_of(left) <= 100.5, f"{geometry.area_of(left)} is more than what it was clipped by")


def _regions(size: tuple[int, int], chance: np.random.Generator) -> None:
    if size[0] * size[1] > 10_000:
        return
    sizes = Sizes(chance.integers(0, 256, (size[1], size[0], 3), np.uint8))
    regions: tuple[Region, ...] = propose_regions(sizes, deep=False)
    promise(1 <= len(regions) <= 20, f"{len(regions)} regions")
    for square in cut(sizes, regions, 16):
        promise(square.shape == (16, 16, 3), "a region that was not cut out")


def _keypoints(count: int, oddness: int, chance: np.random.Generator) -> Keypoints:
    def values(shape: tuple[int, ...], low: float, high: float) -> NDArray[np.float32]:
        plain = chance.uniform(low, high, shape)
        is_odd = chance.uniform(0, 255, shape) < oddness
        return np.where(is_odd, chance.choice(_ODD, shape), plain).astype(np.float32)

    descriptors = np.abs(chance.normal(0, 1, (count, 128))).astype(np.float32)
    descriptors /= np.maximum(np.linalg.norm(descriptors, axis=1, keepdims=True), 1e-6)
    return Keypoints(values((count, 2), 0, 60), values((count,), 1, 9), values((count,), -4, 7), descriptors)


def _every(count: int, chance: np.random.Generator) -> Correspondences:
    numbers = np.arange(count)
    return Correspondences(numbers, numbers, chance.uniform(0, 1, count).astype(np.float32))
