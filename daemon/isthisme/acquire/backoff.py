"""Leaving sites alone that ask for it."""

import time
from collections import OrderedDict
from collections.abc import Callable

from isthisme.errors import TooManyRequests

_FIRST_SECONDS = 30.0
_LONGEST_SECONDS = 3_600.0
_MOST_HOSTS = 1_000


class Backoff:
    """For each host until when it is not asked. What a site says counts, else each time twice as long."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._hosts: OrderedDict[str, tuple[float, int]] = OrderedDict()  # until when, and refusals in a row

    def check(self, host: str) -> None:
        """Raises TooManyRequests while the host is to be left alone."""
        until, _ = self._hosts.get(host, (0.0, 0))
        left = until - self._clock()
        if left > 0:
            raise TooManyRequests(f"{host} asked for fewer requests; it is asked again in {left:.0f} s")

    def refused(self, host: str, retry_seconds: float | None) -> None:
        """The host wants fewer requests, for so long if it said so."""
        _, times = self._hosts.pop(host, (0.0, 0))
        seconds = _FIRST_SECONDS * 2.0 ** min(times, 10) if retry_seconds is None else retry_seconds
        self._hosts[host] = self._clock() + min(seconds, _LONGEST_SECONDS), times + 1
        while len(self._hosts) > _MOST_HOSTS:
            self._hosts.popitem(last=False)

    def answered(self, host: str) -> None:
        """The host gave a picture."""
        self._hosts.pop(host, None)

    def forget(self) -> None:
        self._hosts.clear()
