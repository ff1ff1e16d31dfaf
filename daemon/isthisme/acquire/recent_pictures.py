"""The pictures fetched last, in memory, so that a second look at one asks the site for nothing."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture's bytes, not looked at yet."""

    data: bytes
    final_address: str  # after redirects
    media_type: str | None  # what the site says it is


class RecentPictures:
    """Keeps what was used last, up to a number of bytes and for a time."""

    def __init__(self, max_bytes: int, max_age_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_bytes = max_bytes
        self._max_age_seconds = max_age_seconds
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[Fetched, float]] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> Fetched | None:
        if key not in self._kept:
            return None
        picture, since = self._kept[key]
        if self._clock() - since > self._max_age_seconds:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return picture

    def put(self, key: Hashable, picture: Fetched) -> None:
        if key in self._kept:
            self._drop(key)
        self._kept[key] = picture, self._clock()
        self._bytes += len(picture.data)
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))

    def clear(self) -> None:
        self._kept.clear()
        self._bytes = 0

    def _drop(self, key: Hashable) -> None:
        picture, _ = self._kept.pop(key)
        self._bytes -= len(picture.data)
