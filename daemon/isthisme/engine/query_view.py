"""The query image while candidates are held against it; what several of them need is made once."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon, Region
from isthisme.engine.comparison import structure
from isthisme.engine.geometry import Matrix, rectangle
from isthisme.engine.ground import plain_ground
from isthisme.engine.keypoints import Keypoints, keypoints_of_size, no_keypoints, soft_keypoints_of_size
from isthisme.engine.overlay import Frame, lay_over
from isthisme.engine.regions import CARD, PANEL, box_of
from isthisme.engine.scaling import Layers

MOST_KEYPOINTS = 600
FEW_SIDE = 320  # pixels; photos and parts are searched at this size where few keypoints may be enough
ROUGH_SIDE = 192  # and at this one at a first look: of 150 weak copies 150 pass, at 320 pixels 142 in twice the time
MOST_ROUGH = 300  # keypoints at either
_WHOLE_SIDE = 512  # pixels; the query image as a whole is searched for keypoints at this size
_PART_SIDE = 416  # and a part of it at this one
_REACH = 0.06  # of a part's longer side: how far around it is looked as well
_GLANCE_SIDE = 96  # pixels; longer side of the frame


@dataclass(slots=True)
class QueryView:
    """The query image and what was looked up in it."""

    pixels: NDArray[np.uint8]  # (H, W, 3)
    regions: tuple[Region, ...]
    grey: NDArray[np.uint8] = field(init=False)  # (H, W)
    layers: Layers = field(init=False)
    ground: Layers | None = field(init=False)
    _keypoints: dict[tuple[Polygon, int, bool], Keypoints] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.grey = np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        self.layers = Layers(self.pixels)
        ground = plain_ground(self.pixels)
        self.ground = None if ground is None else Layers(ground)

    @property
    def size(self) -> tuple[int, int]:
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def panels(self) -> tuple[Polygon, ...]:
        """The parts that looked like pictures of their own."""
        return tuple(each.corners for each in self.regions if each.name in (PANEL, CARD))

    def keypoints(self, part: Polygon) -> Keypoints:
        """Keypoints of a part, in pixels of the whole."""
        side = _WHOLE_SIDE if part == rectangle(*self.size) else _PART_SIDE
        return self._found(part, side, MOST_KEYPOINTS)

    def few_keypoints(self, part: Polygon) -> Keypoints:
        """Fewer of them, found sooner."""
        return self._found(part, FEW_SIDE, MOST_ROUGH)

    def rough_keypoints(self, part: Polygon) -> Keypoints:
        """Those of what is large, which are left when fine detail is lost."""
        return self._found(part, ROUGH_SIDE, MOST_ROUGH)

    def soft_keypoints(self, part: Polygon) -> Keypoints:
        """Those that noise, compression and tiled marks leave."""
        return self._found(part, _PART_SIDE, MOST_KEYPOINTS, is_soft=True)

    def _found(self, part: Polygon, side: int, limit: int, *, is_soft: bool = False) -> Keypoints:
        key = part, side, is_soft
        if key not in self._keypoints:
            box = box_of(Region("", part))
            reach = _REACH * max(box.width, box.height)
            left, top = max(0, int(box.left - reach)), max(0, int(box.top - reach))
            right, bottom = int(min(self.size[0], box.right + reach)), int(min(self.size[1], box.bottom + reach))
            grey = self.grey[top : max(0, bottom), left : max(0, right)]
            if not grey.size:  # the part lies outside: another worker proposed it, and may have been taken over
                return no_keypoints()
            found = (soft_keypoints_of_size if is_soft else keypoints_of_size)(grey, side, limit)
            points = found.points + np.array((left, top), np.float32)
            self._keypoints[key] = Keypoints(points, found.sizes, found.angles, found.descriptors)
        return self._keypoints[key]


def glance(view: QueryView, photo: Layers, matrix: Matrix, clip: Polygon | None) -> float:
    """The gain of an alignment in a small frame, within `clip` (query pixels); -1 when nothing shows there."""
    frame = lay_over(photo, view.layers, view.ground, matrix, clip, _GLANCE_SIDE)
    return -1.0 if frame is None else gain_of(frame, structure(frame).gain)


def gain_of(frame: Frame, gain: float) -> float:
    """What an alignment is chosen by: how much agrees, as a share of the whole photo."""
    return frame.photo_share * (gain + 0.03)
