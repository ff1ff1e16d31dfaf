"""How far a run is: how many pictures there are in all, how many it does in a second, what it costs, when it ends."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pyarrow
import pyarrow.parquet

from isthisme.bulk.ingesting import Outcome
from isthisme.bulk.sources import Archive, Unit, find_units
from isthisme.bulk.stores import in_words, open_store
from isthisme.errors import IsThisMeError

_WINDOW_SECONDS = 60.0
_SETTLED_SECONDS = 3.0  # before, a rate says more about the start than about what comes
_ARCHIVED_BYTES = 150_000  # of a picture in an archive, until some were seen


class Forecast:
    """Counts, in a thread of its own, what lies at the addresses. Pictures in archives are guessed from their size."""

    def __init__(self, urls: Sequence[str]) -> None:
        self.is_whole = False
        self._counted = 0
        self._archive_bytes = 0
        self._urls = urls
        threading.Thread(target=self._count, daemon=True).start()

    def pictures(self, outcome: Outcome) -> int | None:
        """In all; None until everything was counted."""
        if not self.is_whole:
            return None
        mean = outcome.archived_bytes / outcome.archived if outcome.archived else _ARCHIVED_BYTES
        return max(self._counted + round(self._archive_bytes / max(mean, 1)), outcome.pictures + outcome.members_before)

    def _count(self) -> None:
        with suppress(IsThisMeError):  # the run itself tells of it
            for url in self._urls:
                for found in find_units(url):
                    if isinstance(found, Unit):
                        self._counted += len(found.members)
                    elif isinstance(found, Archive) and found.kind == "addresses":
                        self._counted += _rows(found.address)
                    elif isinstance(found, Archive):
                        self._archive_bytes += found.size
            self.is_whole = True


def _rows(address: str) -> int:
    store, path = open_store(address)
    try:
        with in_words(address), store.open(path, "rb") as stream:
            return int(pyarrow.parquet.ParquetFile(stream).metadata.num_rows)
    except IsThisMeError:
        return 0


@dataclass(frozen=True, slots=True)
class Progress:
    done: int  # pictures, with those of earlier runs
    total: int | None
    rate: float  # pictures a second, lately; 0.0 where there is no telling
    seconds_left: float | None
    processor_seconds: float
    cost: float | None  # so far, in the money of the hourly price; None without one
    cost_in_all: float | None  # of this run, when it goes on like this
    errors: int


class Meter:
    """Reads an outcome now and then."""

    def __init__(
        self,
        outcome: Outcome,
        forecast: Forecast,
        workers: Callable[[], int],
        *,
        hourly_price: float | None = None,  # of a worker
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outcome = outcome
        self._forecast = forecast
        self._workers = workers
        self._hourly_price = hourly_price
        self._clock = clock
        self._looked_at = clock()
        self._worker_hours = 0.0
        self._points: deque[tuple[float, int]] = deque()

    def progress(self) -> Progress:
        now, outcome = self._clock(), self._outcome
        workers = self._workers()
        self._worker_hours += workers * (now - self._looked_at) / 3_600
        self._looked_at = now
        rate = self._rate(now)
        total, done = self._forecast.pictures(outcome), outcome.pictures + outcome.members_before
        left = (total - done) / rate if rate > 0 and total is not None else None
        price = self._hourly_price
        cost = None if price is None else price * self._worker_hours
        in_all = None if cost is None or price is None or left is None else cost + price * workers * left / 3_600
        spent = sum(outcome.processor_seconds.values())
        return Progress(done, total, rate, left, spent, cost, in_all, outcome.unread)

    def _rate(self, now: float) -> float:
        """Over the last minute, from unit to unit: they come in dozens."""
        if not self._points or self._points[-1][1] != self._outcome.pictures:
            self._points.append((now, self._outcome.pictures))
        while len(self._points) > 2 and now - self._points[1][0] >= _WINDOW_SECONDS:
            self._points.popleft()
        (first_time, first), (last_time, last) = self._points[0], self._points[-1]
        return (last - first) / (last_time - first_time) if last_time - first_time >= _SETTLED_SECONDS else 0.0
