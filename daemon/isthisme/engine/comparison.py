"""The photo laid over the query image, compared again where they overlap: structure, window by window."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.overlay import Frame

type Grey = NDArray[np.float32]  # (H, W), 0 to 255

_WIDE = 0.06  # share of the frame's longer side: half the width of a wide window
_NARROW = 0.028
_NOISE = 3.0  # levels of 255; contrast below this is no structure
_FULL_CONTRAST = 14.0  # levels; more contrast than this gives a window no more weight
_AGREES = 0.6  # correlation from which a window agrees
_CONFLICTS = 0.25  # and below which it shows something else
_BLURS = (0.0, 1.2, 2.4)  # pixels of the frame
_SOFT = 1.5  # pixels; colours are compared without the finest detail
_BLACK, _WHITE = 4.0, 251.0  # levels of 255, beyond which the query is cut off
_CUT_OFF = 0.05  # of what shows; less than this is the photo's own
_LEAST_SHOWN = 100  # pixels
_SHARES = np.linspace(0, 100, 65)  # percentiles that the curve goes through
_TILES = 7  # a side, for displacements
_MOVED_GAIN = 0.1  # correlation that a tile must gain elsewhere to count as moved; noise alone moves it by less
_REACH = 5  # pixels of the frame that a tile is searched in each direction


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the comparison of structure found. Shares are of contrast-weighted area, 0 to 1."""

    agreeing: float  # wide windows that agree
    narrow_agreeing: float  # narrow windows that agree
    conflicting: float  # where the query shows other structure
    largest_conflict: float  # the largest connected part of that, as a share of what shows
    correlation: float  # weighted mean over wide windows, -1 to 1
    coarse_correlation: float  # the same with fine detail smoothed away
    texture: float  # share of the frame that has structure at all
    windows: float  # how many independent wide windows have structure
    displacement: float  # spread of the tiles' own best places, in shares of the frame's longer side
    grid: NDArray[np.float32]  # (24, 24) mean correlation by place, nan where there is no structure


@dataclass(frozen=True, slots=True)
class _Windows:
    """(H, W) each."""

    correlation: Grey  # -1 to 1
    weight: Grey  # the photo's contrast, 0 to 1
    other: Grey  # the query's contrast, 0 to 1

    @property
    def mean(self) -> float:
        return float((self.weight * self.correlation).sum() / (float(self.weight.sum()) + 1e-6))

    def share(self, mask: NDArray[np.bool_]) -> float:
        return float((self.weight * mask).sum() / (float(self.weight.sum()) + 1e-6))


@dataclass(frozen=True)
class Structure:
    """How far structure agrees in wide windows: all that alignments and bounds are chosen by.

    The rest of an agreement takes as long again, and is made of the chosen one only.
    """

    _own: Grey  # the photo as it is
    _photo: Grey  # and with its ends cut off as the query's are
    _query: Grey
    _shown: Grey
    _blur: float  # of the photo, at which the two agree best
    _reach: int  # pixels; half the width of a window
    _wide: _Windows

    @cached_property
    def agreeing(self) -> float:
        """Share of the structure, 0 to 1."""
        return self._wide.share(self._wide.correlation > _AGREES)

    @cached_property
    def conflicting(self) -> float:
        """Share of the structure where the query shows another, 0 to 1."""
        return self._wide.share((self._wide.correlation < _CONFLICTS) & (self._wide.other > 0.4))

    @cached_property
    def correlation(self) -> float:
        """Weighted mean, -1 to 1."""
        return self._wide.mean

    @cached_property
    def texture(self) -> float:
        """Share of the frame that has structure at all."""
        return float(self._wide.weight.sum()) / (float(self._shown.sum()) + 1e-6)

    @cached_property
    def own_texture(self) -> float:
        """The same, whatever of it the query can show: by this two parts of one query are told apart.

        One that is dark or blurred would else seem to hold less of the photo than it does.
        """
        weight = _structured(self._own, self._shown, self._reach)
        return float(weight.sum()) / (float(self._shown.sum()) + 1e-6)

    @property
    def gain(self) -> float:
        """Structure that agrees less twice what conflicts, as a share of the frame."""
        return self.texture * (self.agreeing - 2 * self.conflicting)

    @cached_property
    def grid(self) -> NDArray[np.float32]:
        """(24, 24) mean correlation by place, nan where there is no structure."""
        return _by_place(self._wide)

    def in_full(self) -> Agreement:
        """The same with all that speaks for or against a copy."""
        shown, reach = self._shown, self._reach
        narrow = max(2, round(_NARROW * max(self._photo.shape)))
        photo, query = _blurred(self._photo, self._blur), _blurred(self._query, 0.5 * self._blur)
        thin = _correlate(photo, query, shown, _amount(shown, narrow), narrow)
        soft = max(1.0, 0.25 * reach)
        photo_soft, query_soft = _blurred(self._photo, soft), _blurred(self._query, soft)
        coarse = _correlate(photo_soft, query_soft, shown, _amount(shown, 2 * reach), 2 * reach)
        return Agreement(
            self.agreeing,
            thin.share(thin.correlation > _AGREES),
            self.conflicting,
            _largest_conflict(self._wide, shown),
            self.correlation,
            coarse.mean,
            self.texture,
            float(self._wide.weight.sum()) / (2 * reach + 1) ** 2,
            _displacement(photo, self._query, self._wide.weight * shown),
            self.grid,
        )


def structure(frame: Frame) -> Structure:
    """Correlation of brightness in windows, which survives recolouring."""
    shown = frame.is_shown.astype(np.float32)
    query = _grey(frame.query)
    own = _grey(frame.photo)
    photo = _exposed_like(own, query, frame.is_shown)
    reach = max(2, round(_WIDE * max(photo.shape)))
    blur, wide = _best_blur(photo, query, shown, reach)
    return Structure(own, photo, query, shown, blur, reach, wide)


def difference(frame: Frame) -> float:
    """Median distance of the colours as they are, levels of 255: of photos of one burst the copied one is nearest."""
    photo, query = (cv2.GaussianBlur(each, (0, 0), _SOFT) for each in (frame.photo, frame.query))
    apart = cv2.absdiff(photo, query)[frame.is_shown]
    return float(np.median(apart)) + float(apart.mean()) / 256 if apart.size else 255.0


def _grey(picture: NDArray[np.uint8]) -> Grey:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)


def _exposed_like(photo: Grey, query: Grey, is_shown: NDArray[np.bool_]) -> Grey:
    """The photo with its light and dark ends cut off as the query's are, or as it is where the query's are not.

    What was cut off at white or black shows no structure any more, and conflicts with none. The curve only rises: it
    takes structure away, and makes none.
    """
    shown = query[is_shown]
    if shown.size < _LEAST_SHOWN or ((shown < _BLACK) | (shown > _WHITE)).mean() < _CUT_OFF:
        return photo
    levels, places = np.unique(np.percentile(photo[is_shown], _SHARES), return_index=True)
    return np.asarray(np.interp(photo, levels, np.percentile(shown, _SHARES)[places]), np.float32)


def _best_blur(photo: Grey, query: Grey, shown: Grey, reach: int) -> tuple[float, _Windows]:
    """The blur of the photo at which the two agree best, for copies lose detail; and how they agree there."""
    amount = _amount(shown, reach)
    tried = [
        (blur, _correlate(_blurred(photo, blur), _blurred(query, 0.5 * blur), shown, amount, reach)) for blur in _BLURS
    ]
    return max(tried, key=lambda each: each[1].mean - 0.004 * each[0])


def _blurred(image: Grey, sigma: float) -> Grey:
    return image if sigma <= 0 else np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)


def _amount(shown: Grey, reach: int) -> Grey:
    """(H, W) how much of the window around each pixel is shown, 0 to 1."""
    return np.asarray(cv2.boxFilter(shown, -1, (2 * reach + 1, 2 * reach + 1)) + 1e-3, np.float32)


def _correlate(photo: Grey, query: Grey, shown: Grey, amount: Grey, reach: int) -> _Windows:
    """Correlation in square windows of 2 * reach + 1 pixels, over what is shown."""
    side = (2 * reach + 1, 2 * reach + 1)
    photo, query = (photo - 128) * shown, (query - 128) * shown
    photo_mean, query_mean = cv2.boxFilter(photo, -1, side) / amount, cv2.boxFilter(query, -1, side) / amount
    photo_variance = np.maximum(cv2.boxFilter(photo * photo, -1, side) / amount - photo_mean**2, 0)
    query_variance = np.maximum(cv2.boxFilter(query * query, -1, side) / amount - query_mean**2, 0)
    shared = cv2.boxFilter(photo * query, -1, side) / amount - photo_mean * query_mean
    correlation = shared / np.sqrt((photo_variance + _NOISE**2) * (query_variance + _NOISE**2))
    return _Windows(
        np.asarray(correlation, np.float32), _contrast(photo_variance) * shown, _contrast(query_variance) * shown
    )


def _structured(photo: Grey, shown: Grey, reach: int) -> Grey:
    """(H, W) the contrast in the window around each pixel that is shown, 0 to 1: the weight that `_correlate` gives."""
    side, amount = (2 * reach + 1, 2 * reach + 1), _amount(shown, reach)
    photo = (photo - 128) * shown
    mean = cv2.boxFilter(photo, -1, side) / amount
    return _contrast(np.maximum(cv2.boxFilter(photo * photo, -1, side) / amount - mean**2, 0)) * shown


def _contrast(variance: NDArray[np.floating]) -> Grey:
    return np.asarray(np.clip((np.sqrt(variance) - _NOISE) / (_FULL_CONTRAST - _NOISE), 0, 1), np.float32)


def _largest_conflict(windows: _Windows, shown: Grey) -> float:
    is_conflict = (windows.correlation < _CONFLICTS) & (windows.weight > 0.3) & (windows.other > 0.3)
    _, _, stats, _ = cv2.connectedComponentsWithStats(is_conflict.astype(np.uint8))
    return float(stats[1:, cv2.CC_STAT_AREA].max(initial=0) / (float(shown.sum()) + 1e-6))


def _displacement(photo: Grey, query: Grey, weight: Grey) -> float:
    """Median distance of textured tiles' best places from the common shift: near 0 for a copy, for it is rigid."""
    height, width = photo.shape
    tall, across = height // _TILES, width // _TILES
    reach = min(_REACH, tall // 2, across // 2)
    if reach < 2:
        return 0.0
    moves, weights = [], []
    for row in range(_TILES):
        for column in range(_TILES):
            top, left = row * tall, column * across
            low_y, low_x = max(0, top - reach), max(0, left - reach)
            amount = float(weight[top : top + tall, left : left + across].mean())
            if amount < 0.25:
                continue
            tile = photo[top : top + tall, left : left + across]
            place = query[low_y : top + tall + reach, low_x : left + across + reach]
            found = cv2.matchTemplate(place, tile, cv2.TM_CCOEFF_NORMED)
            _, best, _, at = cv2.minMaxLoc(found)
            if best > 0.5:
                stays = best - float(found[top - low_y, left - low_x]) < _MOVED_GAIN
                moves.append((0, 0) if stays else (at[0] - (left - low_x), at[1] - (top - low_y)))
                weights.append(amount)
    if len(moves) < 3:
        return 0.0
    shifts = np.asarray(moves, np.float64)
    apart = np.linalg.norm(shifts - np.median(shifts, axis=0), axis=1)
    return float(np.average(apart, weights=weights) / max(photo.shape))


def _by_place(windows: _Windows) -> NDArray[np.float32]:
    cells = (24, 24)
    amount = cv2.resize(windows.weight, cells, interpolation=cv2.INTER_AREA)
    mean = cv2.resize(windows.weight * windows.correlation, cells, interpolation=cv2.INTER_AREA)
    return np.asarray(np.where(amount > 0.02, mean / np.maximum(amount, 1e-6), np.nan), np.float32)
