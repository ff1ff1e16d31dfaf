"""Is a picture still there? One look at its address, on the user's word alone, and what follows from it.

A look is a request that exists because a picture matched: the site can see that some computer of this network asked
for that picture again. So nobody looks unless the user asks for it or has set a schedule. It is asked as it was asked
before, without cookies, through the same guard. What only the browser could have, or where the browser's connections
go another way than the companion's, is not asked for at all.
"""

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from isthisme.acquire.answers import Fetched
from isthisme.acquire.browser_headers import Browser
from isthisme.acquire.fetch import Fetcher
from isthisme.acquire.system_proxy import SystemProxy
from isthisme.answer_note import AnswerNote
from isthisme.catalog import Catalog
from isthisme.catalog.decisions import NEAR_COPY_BITS
from isthisme.catalog.observations import Observation
from isthisme.catalog.sightings import Sighting
from isthisme.domain import Answer, Exchange, Moment, Presence, SmallCopy, Verdict
from isthisme.errors import InputError, NotFound, NotThere, Offline, TransientError
from isthisme.evidence.foreign_text import host_of
from isthisme.server.threads import Threads

ANOTHER_PICTURE = "another picture is at its address now; whether that stays so, another look will tell"
_STILL_ANOTHER = "another picture has been at its address for a while"
# So long another picture has to stay before the one that was there counts as gone: sites show others for a moment.
SOFT_SECONDS = 6 * 3_600.0
_GAP_SECONDS = 1.0  # between two looks at one host that the user waits for

_IN_A_FILE = "it was found in a file on this computer; look there"
_BY_BROWSER = "the browser had handed this picture in, and only the browser can have it; open the page to look"
_WITHOUT_ADDRESS = "this picture has no address of its own; open the page to look"
_PROXY = (
    "browsers go through a proxy here, and the companion does not, so it looks nowhere by itself; open the page to look"
)


class Matching(Protocol):
    def answer(self, data: bytes, *, deep: bool = False) -> Answer:
        """The verdict on a picture."""
        ...


class Shrinker(Protocol):
    def shrink(self, data: bytes) -> SmallCopy:
        """A small JPEG of a picture, and its hash."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """What a look told. `was_asked`: whether the site was; else nothing is known of now, and nothing is kept."""

    sighting_id: int
    presence: Presence
    words: str
    was_asked: bool


@dataclass(frozen=True, slots=True)
class _Question:
    """How a picture is asked for: as it was before."""

    sighting: Sighting
    browser: Browser
    referrer_policy: str


class Rechecker:
    def __init__(
        self,
        catalog: Catalog,
        fetcher: Fetcher,
        matcher: Matching,
        shrinker: Shrinker,
        threads: Threads,
        system_proxy: SystemProxy,
        *,
        wall_clock: Callable[[], float] = time.time,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._catalog = catalog
        self._fetcher = fetcher
        self._matcher = matcher
        self._shrinker = shrinker
        self._threads = threads
        self._system_proxy = system_proxy
        self._wall_clock = wall_clock
        self._rest = rest
        self._looking = asyncio.Lock()

    async def look_at_all(
        self, sighting_ids: Sequence[int], has_time: Callable[[], bool] = lambda: True
    ) -> tuple[list[Look], list[int]]:
        """One after the other, the first in any case and the others while there is time; then those that are left.

        One that is deleted meanwhile is among neither.
        """
        looks: list[Look] = []
        left = deque(sighting_ids)
        asked_hosts: set[str] = set()
        while left and (not looks or has_time()):
            number = left.popleft()
            with suppress(NotFound):
                sighting = await self._threads.catalog(self._sighting, number)
                host = host_of(sighting.picture_address)
                if host in asked_hosts:
                    await self._rest(_GAP_SECONDS)
                looks.append(await self.look_at(number))
                if looks[-1].was_asked:
                    asked_hosts.add(host)
        return looks, list(left)

    async def look_at(self, sighting_id: int) -> Look:
        """Asks for the picture, keeps what came of it, and settles its case. Raises NotFound, also where it is deleted
        meanwhile."""
        async with self._looking:
            asking = await self._threads.catalog(self._prepare, sighting_id)
            if isinstance(asking, Look):
                return asking
            try:
                fetched = await self._fetcher.fetch(
                    asking.sighting.picture_address,
                    page_address=asking.sighting.page_address,
                    referrer_policy=asking.referrer_policy,
                    browser=asking.browser,
                    uses_kept=False,
                )
            except NotThere as error:
                told = await self._threads.catalog(self._keep, asking.sighting, "gone", str(error), None)
            except Offline as error:
                return Look(sighting_id, "unknown", str(error), was_asked=False)
            except (InputError, TransientError) as error:
                told = await self._threads.catalog(self._keep, asking.sighting, "unknown", str(error), None)
            else:
                told = await self._threads.passive(self._compare, asking.sighting, fetched)
            return told

    def _sighting(self, sighting_id: int) -> Sighting:
        found = self._catalog.sightings.one(sighting_id)
        if found is None:
            raise NotFound(f"there is no sighting {sighting_id}; 'isthisme sightings list' names them")
        return found

    def _prepare(self, sighting_id: int) -> "_Question | Look":
        sighting = self._sighting(sighting_id)
        exchange = self._last_exchange(sighting_id)
        words = _why_not(sighting, exchange) or self._why_nowhere()
        if words is not None:
            return Look(sighting_id, "unknown", words, was_asked=False)
        headers = {} if exchange is None else {name.lower(): value for name, value in exchange.request_headers}
        told = headers.get("referer")
        policy = "no-referrer" if told is None else "origin" if urlsplit(told).path in ("", "/") else "unsafe-url"
        return _Question(sighting, Browser(headers.get("user-agent", "")), policy)

    def _last_exchange(self, sighting_id: int) -> Exchange | None:
        """How the picture came when it last came at all."""
        seen = self._catalog.observations.of(sighting_id)
        return next((each.exchange for each in reversed(seen) if each.exchange is not None), None)

    def _why_nowhere(self) -> str | None:
        browsers = self._catalog.facts.browsers_that_fetch()
        if browsers:
            return (
                f"in {', '.join(browsers)} only the browser fetches pictures, because of a proxy or as you chose, "
                "so the companion looks nowhere by itself; open the page to look"
            )
        return _PROXY if self._system_proxy.is_used() else None

    def _compare(self, sighting: Sighting, fetched: Fetched) -> Look:
        """What is at the address now, held against what was there."""
        if hashlib.sha256(fetched.data).digest() == sighting.picture_hash:
            return self._keep(sighting, "there", "the same file is there", fetched.exchange)
        try:
            small = self._shrinker.shrink(fetched.data)
        except (InputError, TransientError) as error:
            return self._keep(sighting, "unknown", f"what is there now cannot be read: {error}", fetched.exchange)
        _, before = self._catalog.sightings.hashes_of(sighting.sighting_id) or (b"", None)
        if _is_near(before, small.perceptual_hash):
            return self._keep(sighting, "there", "the same picture is there, in another file", fetched.exchange)
        answer = self._matcher.answer(fetched.data, deep=True)
        photo_ids = {match.photo_id for match in msgspec.json.decode(sighting.answer, type=AnswerNote).matches}
        if photo_ids & {match.photo_id for match in answer.judgement.matches}:
            words = "another picture is there, and it shows your photo, too"
            return self._keep(sighting, "there", words, fetched.exchange)
        reason = answer.judgement.reason
        if answer.judgement.verdict is Verdict.UNDECIDED and reason is not None and reason.code != "too_plain":
            return self._keep(
                sighting, "unknown", f"what is there now cannot be judged: {reason.words}", fetched.exchange
            )
        if self._was_another_long_ago(sighting.sighting_id):
            return self._keep(sighting, "gone", _STILL_ANOTHER, fetched.exchange)
        return self._keep(sighting, "unknown", ANOTHER_PICTURE, fetched.exchange)

    def _was_another_long_ago(self, sighting_id: int) -> bool:
        """Whether another picture was there in all looks since a while ago."""
        since: float | None = None
        for seen in reversed(self._catalog.observations.of(sighting_id)):
            if seen.presence == "there":
                break
            if seen.kind == "recheck" and (seen.words == ANOTHER_PICTURE or seen.presence == "gone"):
                since = seen.moment.at
        return since is not None and self._wall_clock() - since >= SOFT_SECONDS

    def _keep(self, sighting: Sighting, presence: Presence, words: str, exchange: Exchange | None) -> Look:
        with self._catalog.transaction():
            self._sighting(sighting.sighting_id)  # it may have been deleted meanwhile
            moment = replace(Moment.now(), at=self._wall_clock())
            seen = Observation(moment, "recheck", presence, sighting.page_address, exchange, words)
            has_changed = self._catalog.observations.add(sighting.sighting_id, seen)
            self._catalog.journal.note("rechecked", {"sighting": sighting.sighting_id, "presence": presence})
            if has_changed:
                self._catalog.facts.put_news(sighting.sighting_id, presence)
        return Look(sighting.sighting_id, presence, words, was_asked=True)


def can_look(catalog: Catalog, sighting: Sighting) -> bool:
    """Whether the companion can look by itself, as far as that lies in the picture."""
    seen = catalog.observations.of(sighting.sighting_id)
    exchange = next((each.exchange for each in reversed(seen) if each.exchange is not None), None)
    return _why_not(sighting, exchange) is None


def _why_not(sighting: Sighting, exchange: Exchange | None) -> str | None:
    """Why a picture cannot be asked for; None where it can."""
    if sighting.page_address.startswith("file:"):
        return _IN_A_FILE
    if exchange is not None and exchange.by == "browser":
        return _BY_BROWSER
    return None if sighting.picture_address.startswith(("http://", "https://")) else _WITHOUT_ADDRESS


def _is_near(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and (one ^ other).bit_count() <= NEAR_COPY_BITS
