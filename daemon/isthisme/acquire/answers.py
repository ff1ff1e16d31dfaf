"""What sites answered last, in memory, so that a second look at a picture asks for nothing, or for no bytes."""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass

from isthisme.acquire.freshness import LONGEST_SECONDS, lifetime_seconds, says_how_long
from isthisme.domain import Exchange

_SENDABLE = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,499}")
_OBJECTS_BYTES = 1_000  # of an answer, beside its texts: a page may have thousands of pictures of 43 bytes
_HEADER_BYTES = 160  # of a header, beside its texts: two strings and what holds them


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
    bytes: int  # of memory, about


class Answers:
    """Keeps what was used last, up to a number of bytes of memory, and until it is of no use any more."""

    def __init__(
        self, max_bytes: int, clock: Callable[[], float] = time.monotonic, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        self._wall_clock = wall_clock
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, request: Mapping[str, str]) -> Kept | None:
        """What was answered to such a request, fresh or to be asked about."""
        kept = self._kept.get(key)
        if kept is None or any(request.get(name) != value for name, value in kept.asked_with.items()):
            return None
        if not self._is_of_use(kept):
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
        size = _OBJECTS_BYTES + len(str(key)) + _size(answer) + _texts(validators.items()) + _texts(asked_with.items())
        self._kept[key] = Kept(answer, now + LONGEST_SECONDS, now + seconds, validators, asked_with, size)
        self._bytes += size
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))

    def confirm(self, key: Hashable, kept: Kept, response: Mapping[str, str]) -> None:
        """The site says that it has not changed."""
        kept.fresh_until = self._clock() + (lifetime_seconds(response, self._wall_clock()) or 0.0)

    def drop_useless(self) -> None:
        """What may not be used again goes even where nobody asks for it: most pictures are asked for once."""
        for key in [key for key, kept in self._kept.items() if not self._is_of_use(kept)]:
            self._drop(key)

    def clear(self) -> None:
        self._kept.clear()
        self._bytes = 0

    def _is_of_use(self, kept: Kept) -> bool:
        return self._clock() < kept.forgotten_at and (self.is_fresh(kept) or bool(kept.validators))

    def _drop(self, key: Hashable) -> None:
        self._bytes -= self._kept.pop(key).bytes


def _size(answer: Answer) -> int:
    if isinstance(answer, Redirect):
        return len(answer.location)
    exchange = answer.exchange
    return len(answer.data) + _texts(exchange.request_headers) + _texts(exchange.response_headers)


def _texts(headers: Iterable[tuple[str, str | None]]) -> int:
    return sum(_HEADER_BYTES + len(name) + len(value or "") for name, value in headers)
