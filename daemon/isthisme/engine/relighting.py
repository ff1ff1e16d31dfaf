"""The photo with its colours and its light bent to the query's, so that what still differs was laid over or lost."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE = 48  # pixels; colours and light are fitted without detail
_STEPS = 4  # of reweighting
_LEAST_SPREAD = 0.02  # of full brightness; differences below it are no outliers
_OUTLIER = 2.5  # spreads
_DARKEST, _BRIGHTEST = 0.03, 0.97  # beyond them the query was cut off and tells nothing
_LEAST_PLACES = 100
_LIGHT = 5  # terms of a change of light over the picture: x, y and their products

type _Places = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Relit:
    """What the photo looks like under the query's colours and light."""

    picture: NDArray[np.uint8]  # (H, W, 3)
    shift: float  # mean difference between photo and query of the channel that differs most, levels of 255
    tint: float  # the largest mean difference of a channel, with its sign kept while averaging


def relit_like(photo: NDArray[np.uint8], query: NDArray[np.uint8], where: NDArray[np.bool_]) -> Relit:
    """`photo` (H, W, 3) as `query` shows it, learnt `where` (H, W).

    Each channel is a quadratic of the three, plus and times a quadratic of the place (a vignette, a lamp), fitted with
    outliers weighed down and without pixels that were cut off at black or white.
    """
    height, width = photo.shape[:2]
    factor = min(1.0, _SIDE / max(height, width))
    size = max(8, round(width * factor)), max(8, round(height * factor))
    small, target = (
        np.asarray(cv2.resize(each, size, interpolation=cv2.INTER_AREA), np.float32) / 255 for each in (photo, query)
    )
    places = _inner(where, size)
    light = _light(size)
    weights, kept = _fitted(small[places], target[places], light[places])
    full = photo.astype(np.float32) / 255
    bent = np.asarray(cv2.transform(full, np.hstack([weights[:, 1:4], weights[:, :1]])), np.float32)
    bent += cv2.transform(full * full, np.ascontiguousarray(weights[:, 4:7]))
    bent += cv2.resize(light @ weights[:, 7 : 7 + _LIGHT].T, (width, height))
    bent += full * cv2.resize(light @ weights[:, 7 + _LIGHT :].T, (width, height))
    apart = 255 * (target - small)[places][kept]
    return Relit(
        np.asarray(np.clip(255 * bent, 0, 255), np.uint8),
        float(np.abs(apart).max(axis=1).mean()),
        float(np.abs(apart.mean(axis=0)).max()),
    )


def _inner(where: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    """(h, w) the places that lie wholly within `where`; all that touch it, or all, when these are few."""
    places = np.asarray(cv2.resize(where.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST), np.uint8)
    inner = cv2.erode(places, np.ones((3, 3), np.uint8), borderValue=0)
    chosen = inner if inner.sum() > _LEAST_PLACES else places
    return chosen.astype(bool) if chosen.any() else np.ones(places.shape, np.bool_)


def _light(size: tuple[int, int]) -> NDArray[np.float32]:
    """(h, w, 5) the terms of a slow change over the picture."""
    down, across = np.mgrid[-1 : 1 : size[1] * 1j, -1 : 1 : size[0] * 1j].astype(np.float32)
    return np.dstack([across, down, across * across, across * down, down * down])


def _fitted(source: _Places, target: _Places, light: _Places) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(3, 17) weights of each channel, and (N,) the places that they explain."""
    common = np.hstack([np.ones((len(source), 1)), source, source * source, light])
    terms = [np.hstack([common, source[:, [channel]] * light]) for channel in range(3)]
    told = [_told(target[:, channel]) for channel in range(3)]
    ridge = np.diag([1e-6] + 6 * [1e-4] + 2 * _LIGHT * [1e-3]) * len(source)
    weights = np.zeros((3, ridge.shape[0]))
    trust = np.ones(len(source))
    apart = np.zeros(len(source))
    spread = _LEAST_SPREAD
    for _ in range(_STEPS):
        for channel, each in enumerate(terms):
            weighed = each * (trust * told[channel])[:, None]
            weights[channel] = np.linalg.solve(weighed.T @ each + ridge, weighed.T @ target[:, channel])
        fitted = np.stack([each @ weights[channel] for channel, each in enumerate(terms)], axis=1)
        apart = np.abs(np.clip(fitted, 0, 1) - target).max(axis=1)
        spread = max(_LEAST_SPREAD, 1.5 * float(np.median(apart)))
        trust = 1 / (1 + (apart / spread) ** 2) ** 2
    kept = apart < _OUTLIER * spread
    return weights.astype(np.float32), kept if kept.any() else np.ones_like(kept)


def _told(channel: NDArray[np.float32]) -> NDArray[np.bool_]:
    told = (channel > _DARKEST) & (channel < _BRIGHTEST)
    return told if told.sum() > _LEAST_PLACES else np.ones_like(told)
