"""The photo laid over the query image, compared again where they overlap: structure window by window."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon
from isthisme.engine.geometry import Matrix, apply, area_of, clipped, decompose, projected, rectangle

_FRAME_SIDE = 224  # pixels; longer side of the common frame
_LEAST_SIDE = 24
_WINDOW_SHARE = 0.055  # of the frame's longer side: sigma of a window
_NOISE = 3.0  # levels of 255; contrast below this is no structure
_FULL_CONTRAST = 14.0  # levels; more contrast than this gives a window no more weight
AGREES = 0.6  # correlation from which a window agrees
CONFLICTS = 0.25  # and below which it shows something else


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the photo that shows, and the query's pixels for it, at one size."""

    photo: NDArray[np.uint8]  # (H, W, 3)
    query: NDArray[np.uint8]  # (H, W, 3)
    is_visible: NDArray[np.bool_]  # (H, W)
    photo_region: Polygon  # in preview pixels
    query_region: Polygon  # in query pixels
    photo_share: float  # of the photo's area that shows, 0 to 1
    query_share: float  # of the query's area that the photo fills, 0 to 1


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the comparison of structure found. Shares are of contrast-weighted area, 0 to 1."""

    agreeing: float  # fine structure that agrees
    conflicting: float  # where the query shows other structure
    correlation: float  # weighted mean, -1 to 1
    coarse_correlation: float  # the same with fine detail smoothed away
    texture: float  # share of the frame that has structure at all
    windows: float  # how many independent windows have structure
    grid: NDArray[np.float32]  # (12, 12) weighted mean correlation by place, nan where nothing shows


def lay_over(
    photo: NDArray[np.uint8], query: NDArray[np.uint8], matrix: Matrix, clip: Polygon | None = None
) -> Frame | None:
    """The common frame of the photo's preview and the query under the map, within `clip` (query pixels)."""
    photo_size, query_size = (photo.shape[1], photo.shape[0]), (query.shape[1], query.shape[0])
    shown = clipped(projected(matrix, photo_size), clip or rectangle(*query_size))
    if clip:
        shown = clipped(shown, rectangle(*query_size)) if shown else ()
    if area_of(shown) < 1:
        return None
    back = np.linalg.inv(matrix)
    part = np.clip(np.asarray(apply(back, shown)), 0, photo_size)
    (left, top), (right, bottom) = part.min(axis=0), part.max(axis=0)
    if right - left < 4 or bottom - top < 4:
        return None
    scale = decompose(matrix, photo_size).scale
    factor = min(_FRAME_SIDE, max(_LEAST_SIDE, min(1.0, scale) * max(right - left, bottom - top))) / max(
        right - left, bottom - top
    )
    size = max(8, round((right - left) * factor)), max(8, round((bottom - top) * factor))
    to_photo = np.array([[(right - left) / size[0], 0, left], [0, (bottom - top) / size[1], top], [0, 0, 1.0]])
    photo_view = _view(photo, to_photo, size)
    query_view = _view(query, matrix @ to_photo, size)
    corners = np.asarray(apply(np.linalg.inv(to_photo), tuple(map(tuple, part.tolist()))), np.float32)
    visible = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillConvexPoly(visible, np.rint(corners).astype(np.int32), 1)
    region = tuple((float(x), float(y)) for x, y in part)
    return Frame(
        photo_view,
        query_view,
        visible.astype(bool),
        region,
        shown,
        min(1.0, area_of(region) / (photo_size[0] * photo_size[1])),
        min(1.0, area_of(shown) / (query_size[0] * query_size[1])),
    )


def compare(frame: Frame) -> Agreement:
    """Window by window correlation of brightness, which survives recolouring."""
    photo = cv2.cvtColor(frame.photo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    query = cv2.cvtColor(frame.query, cv2.COLOR_RGB2GRAY).astype(np.float32)
    sigma = max(1.5, _WINDOW_SHARE * max(photo.shape))
    visible = frame.is_visible.astype(np.float32)
    correlation, weight, other = _best_blur(photo, query, visible, sigma)
    total = float(weight.sum()) + 1e-6
    soft = max(1.0, 0.4 * sigma)
    coarse, coarse_weight, _ = _correlate(_blur(photo, soft), _blur(query, soft), visible, 2 * sigma)
    agrees = correlation > AGREES
    conflicts = (correlation < CONFLICTS) & (other > 0.4)
    return Agreement(
        float((weight * agrees).sum() / total),
        float((weight * conflicts).sum() / total),
        float((weight * correlation).sum() / total),
        float((coarse_weight * coarse).sum() / (float(coarse_weight.sum()) + 1e-6)),
        float(total / (float(visible.sum()) + 1e-6)),
        float(total / (4 * np.pi * sigma**2)),
        _by_place(correlation, weight),
    )


def _view(image: NDArray[np.uint8], to_image: Matrix, size: tuple[int, int]) -> NDArray[np.uint8]:
    """`image` seen through `to_image` (view pixels to image pixels), smoothed first where that shrinks it."""
    middle = np.array([size[0] / 2, size[1] / 2, 1.0])
    depth = float((to_image @ middle)[2])
    shrink = float(np.sqrt(abs(np.linalg.det(to_image[:2, :2])))) / abs(depth)
    if shrink > 1.5:
        factor = 1.0 / shrink
        small = max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor))
        image = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.uint8)
        to_image = np.diag([factor, factor, 1.0]) @ to_image
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpPerspective(image, to_image, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _best_blur(
    photo: NDArray[np.float32], query: NDArray[np.float32], visible: NDArray[np.float32], sigma: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """The comparison at the sharpness at which the two agree best: the photo is blurred as copies are."""
    best = None
    for blur in (0.0, 1.2, 2.4):
        tried = _correlate(_blur(photo, blur), _blur(query, 0.5 * blur), visible, sigma)
        mean = float((tried[0] * tried[1]).sum() / (tried[1].sum() + 1e-6))
        if best is None or mean > best[0] + 0.01:
            best = (mean, tried)
    assert best is not None  # noqa: S101 - the loop runs
    return best[1]


def _blur(image: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return image if sigma <= 0 else np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)


def _correlate(
    photo: NDArray[np.float32], query: NDArray[np.float32], visible: NDArray[np.float32], sigma: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """(H, W) each: correlation in Gaussian windows, the photo's contrast as weight, the query's contrast, 0 to 1."""
    amount = _blur(visible, sigma) + 1e-4
    photo_mean, query_mean = _blur(photo * visible, sigma) / amount, _blur(query * visible, sigma) / amount
    photo_variance = np.maximum(_blur(photo * photo * visible, sigma) / amount - photo_mean**2, 0)
    query_variance = np.maximum(_blur(query * query * visible, sigma) / amount - query_mean**2, 0)
    shared = _blur(photo * query * visible, sigma) / amount - photo_mean * query_mean
    noise = _NOISE**2
    correlation = shared / np.sqrt((photo_variance + noise) * (query_variance + noise))
    weight = visible * np.clip((np.sqrt(photo_variance) - _NOISE) / (_FULL_CONTRAST - _NOISE), 0, 1)
    other = np.clip((np.sqrt(query_variance) - _NOISE) / (_FULL_CONTRAST - _NOISE), 0, 1)
    return correlation.astype(np.float32), weight.astype(np.float32), other.astype(np.float32)


def _by_place(correlation: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    cells = (12, 12)
    amount = cv2.resize(weight, cells, interpolation=cv2.INTER_AREA)
    mean = cv2.resize(weight * correlation, cells, interpolation=cv2.INTER_AREA)
    return np.where(amount > 0.02, mean / np.maximum(amount, 1e-6), np.nan).astype(np.float32)
