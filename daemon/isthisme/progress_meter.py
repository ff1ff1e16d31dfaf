"""Turns counts into progress: rate over the last seconds, and the time that is left."""

import time
from collections import deque
from collections.abc import Callable

from isthisme.catalog.facts import Progress

_WINDOW_SECONDS = 15.0
_BETWEEN_SECONDS = 0.4


class ProgressMeter:
    def __init__(
        self, task: str, publish: Callable[[Progress], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._task = task
        self._publish = publish
        self._clock = clock
        self._done = self._total = self._unreadable = 0
        self._points: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._published = float("-inf")

    def begin(self, total: int) -> None:
        self._total = total
        self._points = deque([(self._clock(), 0)])
        self.publish(at_once=True)

    def count(self, *, is_unreadable: bool) -> None:
        self._done += 1
        self._unreadable += is_unreadable

    def finish(self) -> None:
        self.publish(at_once=True)

    def publish(self, *, at_once: bool = False) -> None:
        now = self._clock()
        if not at_once and now - self._published < _BETWEEN_SECONDS:
            return
        self._published = now
        self._points.append((now, self._done))
        while len(self._points) > 2 and now - self._points[0][0] > _WINDOW_SECONDS:
            self._points.popleft()
        self._publish(self._progress())

    def _progress(self) -> Progress:
        (first_time, first_done), (last_time, last_done) = self._points[0], self._points[-1]
        elapsed = last_time - first_time
        rate = (last_done - first_done) / elapsed if elapsed > 0 else 0.0
        left = (self._total - self._done) / rate if rate > 0 else None
        return Progress(self._task, self._done, self._total, round(rate, 1), left, self._unreadable)
