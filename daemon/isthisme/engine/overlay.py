"""The photo and the query image brought into one frame by the map between them."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon
from isthisme.engine.geometry import Matrix, apply, area_of, clipped, decompose, projected, rectangle
from isthisme.engine.scaling import Layers, scaled

FRAME_SIDE = 224  # pixels; longer side of the common frame
_LEAST_SIDE = 24
_SMOOTH_FROM = 1.4  # times smaller


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the photo that shows, and the query's pixels for it, at one size."""

    photo: NDArray[np.uint8]  # (H, W, 3)
    query: NDArray[np.uint8]  # (H, W, 3)
    is_visible: NDArray[np.bool_]  # (H, W) inside both pictures
    is_shown: NDArray[np.bool_]  # (H, W) visible, and not the plain ground that the query image stands on
    to_photo: Matrix  # (3, 3) frame pixels to preview pixels
    photo_region: Polygon  # in preview pixels
    query_region: Polygon  # in query pixels
    photo_share: float  # of the photo's area that shows, 0 to 1
    covered_share: float = 0.0  # of what shows, hidden under things laid over it, 0 to 1
    covered_amid: float = 0.0  # the same of what is surrounded by the rest that shows, not beside it

    def without(self, covered: NDArray[np.bool_]) -> "Frame":
        """The frame with what lies under `covered` (H, W) left out."""
        shown = max(1, int(self.is_shown.sum()))
        rest = self.is_shown & ~covered
        amid = float((covered & _hull(rest)).sum()) / shown
        return replace(self, is_shown=rest, covered_share=float(covered.sum()) / shown, covered_amid=amid)


def _hull(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(H, W) the convex hull of what is true, without specks."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    filled = np.zeros(mask.shape, np.uint8)
    points = cv2.findNonZero(opened)
    if points is not None:
        cv2.fillConvexPoly(filled, cv2.convexHull(points), 1)
    return filled.astype(bool)


def lay_over(
    photo: Layers,
    query: Layers,
    ground: Layers | None,
    matrix: Matrix,
    clip: Polygon | None,
    side: int = FRAME_SIDE,
) -> Frame | None:
    """The common frame of the photo's preview and the query under the map, within `clip` (query pixels).

    `ground` (H, W) of the query: 255 where its plain ground shows. `side`: the frame's longer side at most, pixels.
    None when too little of the photo shows.
    """
    photo_size, query_size = ((each.full.shape[1], each.full.shape[0]) for each in (photo, query))
    shown = _shown(photo_size, query_size, matrix, clip)
    if not shown:
        return None
    region = _seen_of(photo_size, matrix, shown)
    (left, top), (right, bottom) = np.min(region, axis=0), np.max(region, axis=0)
    if right - left < 8 or bottom - top < 8:
        return None
    size = _frame_size((right - left, bottom - top), decompose(matrix, photo_size).scale, side)
    to_photo = np.array([[(right - left) / size[0], 0, left], [0, (bottom - top) / size[1], top], [0, 0, 1.0]])
    corners = np.asarray(apply(np.linalg.inv(to_photo), region))
    visible = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillConvexPoly(visible, np.rint(corners).astype(np.int32), 1)
    is_visible = visible.astype(bool)
    is_shown = is_visible
    if ground is not None:
        is_shown = is_visible & (_view(ground, matrix @ to_photo, size) < 128)
    return Frame(
        _view(photo, to_photo, size),
        _view(query, matrix @ to_photo, size),
        is_visible,
        is_shown,
        to_photo,
        region,
        shown,
        _share(region, photo_size),
    )


def photo_share(photo: Layers, query: Layers, matrix: Matrix, clip: Polygon | None) -> float:
    """What the frame of these says of the photo's area that shows, 0 to 1, at little cost."""
    photo_size, query_size = ((each.full.shape[1], each.full.shape[0]) for each in (photo, query))
    shown = _shown(photo_size, query_size, matrix, clip)
    return _share(_seen_of(photo_size, matrix, shown), photo_size) if shown else 0.0


def _shown(photo_size: tuple[int, int], query_size: tuple[int, int], matrix: Matrix, clip: Polygon | None) -> Polygon:
    """The part of the query (its pixels) in which the photo shows; empty where that is next to nothing."""
    shown = clipped(projected(matrix, photo_size), rectangle(*query_size))
    if clip and shown:
        shown = clipped(shown, clip)
    return shown if area_of(shown) >= 64 else ()


def _seen_of(photo_size: tuple[int, int], matrix: Matrix, shown: Polygon) -> Polygon:
    """The part of the photo (preview pixels) that shows there."""
    part = np.clip(np.asarray(apply(np.linalg.inv(matrix), shown)), 0, photo_size)
    return tuple((float(x), float(y)) for x, y in part)


def _share(region: Polygon, photo_size: tuple[int, int]) -> float:
    return min(1.0, area_of(region) / (photo_size[0] * photo_size[1]))


def _frame_size(part: tuple[float, float], scale: float, most: int) -> tuple[int, int]:
    """No larger than either picture shows the part, within bounds."""
    side = min(most, max(_LEAST_SIDE, min(1.0, scale) * max(part)))
    width, height = (max(8, round(each * side / max(part))) for each in part)
    return width, height


def _view(layers: Layers, to_image: Matrix, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture seen through `to_image` (view pixels to image pixels), smoothed first where that shrinks it."""
    depth = float(to_image[2] @ [size[0] / 2, size[1] / 2, 1.0])
    shrink = float(np.sqrt(abs(np.linalg.det(to_image[:2, :2])))) / abs(depth)
    full, image = layers.full, layers.shrunk(shrink)
    left = shrink * image.shape[1] / full.shape[1]
    if left > _SMOOTH_FROM:
        image = scaled(image, 1 / left)
    to_image = np.diag([image.shape[1] / full.shape[1], image.shape[0] / full.shape[0], 1.0]) @ to_image
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpPerspective(image, to_image, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
