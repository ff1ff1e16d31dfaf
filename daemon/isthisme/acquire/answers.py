"""What sites answered last, in memory, so that a second look at a picture asks for nothing, or for no bytes."""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from isthisme.acquire.freshness import LONGEST_SECONDS, lifetime_seconds, says_how_long
from isthisme.domain import Exchange

_SENDABLE = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,499}")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture's bytes, or a page's, not looked at yet."""

    data: bytes
    final_address: str  # after redirects
    media_type: str | None  # what the site says it is
    exchange: Exchange  # how it came
    charset: str | None = None  # of a page, where the site names it


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the site says that the picture is."""

    location: str
    is_lasting: bool
    referrer_policy: str | None  # for the rest of the way


type Answer = Fetched | Redirect


@dataclass(slots=True)
class Kept:
    answer: Answer
    forgotten_at: float  # by the clock of the answers
    fresh_until: float
    validators: dict[str, str]  # headers by which the site tells whether it has changed
    asked_with: dict[str, str | None]  # the headers of the request that the answer depends on


class Answers:
    """Keeps what was used last, up to a number of bytes."""

    def __init__(
        self, max_bytes: int, clock: Callable[[], float] = time.monotonic, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        self._wall_clock = wall_clock
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable, request: Mapping[str, str]) -> Kept | None:
        """What was answered to such a request, fresh or to be asked about."""
        kept = self._kept.get(key)
        if kept is None or any(request.get(name) != value for name, value in kept.asked_with.items()):
            return None
        if self._clock() >= kept.forgotten_at or not (self.is_fresh(kept) or kept.validators):
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept

    def is_fresh(self, kept: Kept) -> bool:
        return self._clock() < kept.fresh_until

    def put(self, key: Hashable, answer: Answer, request: Mapping[str, str], response: Mapping[str, str]) -> None:
        """Keeps an answer as long as the site allows."""
        if key in self._kept:
            self._drop(key)
        seconds = lifetime_seconds(response, self._wall_clock())
        if isinstance(answer, Redirect) and not answer.is_lasting and not says_how_long(response):
            seconds = None
        validators = {
            question: response[name]
            for question, name in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
            if isinstance(answer, Fetched) and _SENDABLE.fullmatch(response.get(name, ""))
        }
        if seconds is None or (seconds == 0 and not validators):
            return
        named = [name.strip() for name in response.get("Vary", "").split(",") if name.strip()]
        asked_with = {name: request.get(name) for name in named}
        now = self._clock()
        self._kept[key] = Kept(answer, now + LONGEST_SECONDS, now + seconds, validators, asked_with)
        self._bytes += _size(answer)
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))

    def confirm(self, key: Hashable, kept: Kept, response: Mapping[str, str]) -> None:
        """The site says that it has not changed."""
        kept.fresh_until = self._clock() + (lifetime_seconds(response, self._wall_clock()) or 0.0)

    def clear(self) -> None:
        self._kept.clear()
        self._bytes = 0

    def _drop(self, key: Hashable) -> None:
        self._bytes -= _size(self._kept.pop(key).answer)


def _size(answer: Answer) -> int:
    return len(answer.data) if isinstance(answer, Fetched) else len(answer.location)
