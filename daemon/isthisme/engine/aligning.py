"""Ways to lay a photo on the query image: by keypoints of the whole or of a part, mirrored or not, or by a region."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Polygon, Region
from isthisme.engine.first_look import on_region
from isthisme.engine.geometry import (
    Alignment,
    Support,
    decompose,
    from_correspondences,
    rectangle,
    support,
)
from isthisme.engine.keypoints import (
    Correspondences,
    Keypoints,
    correspond,
    keypoints_of_size,
    mirrored,
    soft_keypoints_of_size,
)
from isthisme.engine.query_view import FEW_SIDE, MOST_KEYPOINTS, MOST_ROUGH, QueryView
from isthisme.engine.regions import box_of

PHOTO_SIDE = 448  # pixels; the photo's preview is searched for keypoints at this size
_PART_SHARE = 0.6  # a region smaller than this share of the image is looked at by itself
_CLEAR_VOTES = 30  # so many leave nothing for the other ways of aligning to find
_PLAIN_VOTES = 60  # and so many of the few that are looked for first


@dataclass(frozen=True, slots=True)
class Sight:
    """One way of looking: the photo's keypoints, as they are or mirrored, against those of a part of the query."""

    photo: Keypoints
    query: Keypoints
    pairs: Correspondences
    is_mirrored: bool
    alignment: Alignment | None  # that most of the pairs vote for


def plain_sight(view: QueryView, region: Region | None, grey: NDArray[np.uint8]) -> Sight | None:
    """By few keypoints of the region, at half the cost; None unless so many correspond that these may be enough."""
    own = keypoints_of_size(grey, FEW_SIDE, MOST_ROUGH)
    seen = view.few_keypoints(region.corners if region else rectangle(*view.size))
    sights = _both_ways(own, seen, grey)
    return next((each for each in sights if each.alignment and each.alignment.votes >= _PLAIN_VOTES), None)


def sights_of(view: QueryView, part: Polygon, grey: NDArray[np.uint8]) -> list[Sight]:
    """The photo (its brightness) and its mirror image against a part of the query."""
    return list(_both_ways(keypoints_of_size(grey, PHOTO_SIDE, MOST_KEYPOINTS), view.keypoints(part), grey))


def alignments(
    view: QueryView, region: Region | None, grey: NDArray[np.uint8], *, is_fair: bool
) -> tuple[list[Alignment], list[Sight]]:
    """By keypoints of the region, then of the whole; unless these do, by the region itself. And all that was looked at.

    A candidate that stands out fairly far is worth soft keypoints, too: they cost as much again.
    """
    whole = rectangle(*view.size)
    parts = [whole]
    if region and box_of(region).area < _PART_SHARE * view.size[0] * view.size[1]:
        parts.insert(0, region.corners)
    sights: list[Sight] = []
    own = keypoints_of_size(grey, PHOTO_SIDE, MOST_KEYPOINTS)
    for part in parts:
        sights += _both_ways(own, view.keypoints(part), grey)
        if is_found := _is_clear(sights):
            break
    if not is_found and is_fair:
        soft = soft_keypoints_of_size(grey, PHOTO_SIDE, MOST_KEYPOINTS)
        sights += _both_ways(soft, view.soft_keypoints(parts[0]), grey)
        is_found = _is_clear(sights)
    found = [each.alignment for each in sights if each.alignment]
    if is_found:
        return [max(found, key=lambda each: each.votes)], sights
    proposed = on_region(view, region.corners if region else whole, grey)
    size = grey.shape[1], grey.shape[0]
    return found + [Alignment(each, 0, decompose(each, size).is_mirrored, "region") for each in proposed], sights


def best_support(sights: Sequence[Sight], size: tuple[int, int], alignment: Alignment) -> Support:
    """By the way of looking that bears the alignment out best."""
    counted = [
        support(each.photo, each.query, each.pairs, size, alignment)
        for each in sights
        if each.is_mirrored == alignment.is_mirrored
    ]
    return max(counted, key=lambda each: each.inliers, default=Support(0, 0.0))


def _both_ways(own: Keypoints, seen: Keypoints, grey: NDArray[np.uint8]) -> Iterator[Sight]:
    size = grey.shape[1], grey.shape[0]
    for keypoints, is_mirrored in ((own, False), (mirrored(own, size[0]), True)):
        pairs = correspond(keypoints, seen)
        alignment = from_correspondences(keypoints, seen, pairs, size, is_mirrored=is_mirrored)
        yield Sight(keypoints, seen, pairs, is_mirrored, alignment)


def _is_clear(sights: Sequence[Sight]) -> bool:
    """Whether so much corresponds that nothing else needs to be tried."""
    return any(each.alignment and each.alignment.votes >= _CLEAR_VOTES for each in sights)
