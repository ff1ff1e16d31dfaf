"""Fetching pictures for pages, and pages: as the browser would, through the address guard, within limits.

Nothing here knows what a picture turned out to be. What a site is asked depends on the picture's address, its page and
the browser; whether and when, also on what was fetched lately and how long the site says that this holds, on the line
before a busy host, on whether the host asked to be left alone, and on whether the user waits. That nobody asks because
of a match is up to those who call.
"""

import asyncio
import re
import time
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote, urljoin

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from isthisme.acquire.address_guard import (
    PUBLIC_ONLY,
    Target,
    allowed_reaches,
    as_browsers_ask,
    judge_name,
    parse_page,
    parse_target,
)
from isthisme.acquire.answers import Answer, Answers, Fetched, Redirect
from isthisme.acquire.backoff import Backoff
from isthisme.acquire.browser_headers import Browser, site_of
from isthisme.acquire.connections import open_session
from isthisme.acquire.data_address import decode_data_address, is_data_address
from isthisme.acquire.errands import Errand, PageErrand
from isthisme.acquire.exchanges import asked_for_at, exchange_of
from isthisme.acquire.freshness import retry_seconds
from isthisme.acquire.inflate import Inflater
from isthisme.acquire.network_ranges import Reach
from isthisme.acquire.own_networks import OwnNetworks
from isthisme.acquire.referrer import POLICIES, referrer
from isthisme.acquire.refusals import check_answer, refusal, tells_of_no_network, too_large
from isthisme.acquire.slots import SlotsWithReserve
from isthisme.domain import Exchange
from isthisme.errors import (
    AddressRefused,
    Cancelled,
    DeadlineExceeded,
    FetchFailed,
    Offline,
    TooManyRequests,
)

_CONNECTIONS_PER_HOST = 6  # as browsers
_CONNECTIONS_IN_ALL = 16  # each may hold a picture of the largest size
_KEPT_BYTES = 64 << 20
_CHUNK_BYTES = 1 << 16
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LARGE_ADDRESS = 1 << 18  # characters of a data: address from which on decoding it would hold up the others
_LASTING_REDIRECTS = frozenset({301, 308})
_SOME_BROWSER = Browser("")

type _Place = tuple[str, frozenset[Reach], str]  # of an answer: address, how far it may lead, the page's site
type _Key = tuple[str, frozenset[Reach], str, str | None, bool]


def place_of(target: Target, reaches: frozenset[Reach], page: Target | None) -> _Place:
    """Where an answer is kept: for the pages of one site, as in browsers, or sites could follow people by it."""
    return target.address, reaches, "" if page is None else site_of(page)


class _Flight:
    """One request that several may be waiting for."""

    task: asyncio.Task[Fetched]

    def __init__(self, *, is_urgent: bool) -> None:
        self.is_urgent = is_urgent
        self.has_begun = False  # until then it stands in line
        self.waiting = 0


class Fetcher:
    """Fetches pictures. One for the daemon; needs a running event loop; ends with `aclose`."""

    def __init__(
        self,
        *,
        max_bytes: int = 10 << 20,
        timeout_seconds: float = 10.0,
        resolver: AbstractResolver | None = None,
        own_networks: OwnNetworks | None = None,
    ) -> None:
        self._max_bytes = max_bytes
        self._timeout_seconds = timeout_seconds
        self._resolver = resolver or aiohttp.ThreadedResolver()
        self._own_networks = own_networks or OwnNetworks()
        self._public = open_session(self._resolver, PUBLIC_ONLY, self._own_networks, keeps_connections=True)
        self._slots = SlotsWithReserve(_CONNECTIONS_PER_HOST, _CONNECTIONS_IN_ALL)
        self._answers = Answers(_KEPT_BYTES)
        self._backoff = Backoff()
        self._flights: dict[_Key, _Flight] = {}

    async def fetch(
        self,
        address: str,
        *,
        page_address: str | None,
        document_address: str | None = None,
        referrer_policy: str | None = None,
        browser: Browser = _SOME_BROWSER,
        is_urgent: bool = False,
        uses_kept: bool = True,
    ) -> Fetched:
        """The picture at an http:, https: or data: address, for the page that it is on.

        `document_address` is the frame's that shows it, where that is not the page; `referrer_policy` that of the
        picture, None where it is not known. Raises AddressRefused, FetchFailed, ImageTooLarge, UnreadableImage or
        DeadlineExceeded. Who asks for what is already under way waits for that; what the site lets be used again is not
        asked for again, unless `uses_kept` is false. What is urgent, because the user waits for it, does not stand in
        line behind what is not.
        """
        if is_data_address(address):
            return await self._decode(address)
        page = parse_page(page_address)
        document = page if document_address is None else parse_page(document_address)
        target = as_browsers_ask(parse_target(address), page)
        errand = Errand(target, page, document, referrer_policy, browser, uses_kept)
        # Pages of two sites, or that may reach differently far, or say different things, share no answer under way.
        told = referrer(document, target, referrer_policy)
        key = *place_of(target, allowed_reaches(target, page), page), told, uses_kept
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(is_urgent=is_urgent)
            flight.task = asyncio.create_task(self._carry_out(errand, flight))
        elif is_urgent and not flight.is_urgent:
            flight.is_urgent = True
            if not flight.has_begun:
                flight.task.cancel()  # leaves the line; those who wait for it wait for its successor
                flight.task = asyncio.create_task(self._carry_out(errand, flight))
        return await self._wait_for(flight, key)

    async def fetch_page(self, address: str, *, start_address: str, linked_from: str | None = None) -> Fetched:
        """The page at an http: or https: address, which the user gave or which one of its pages leads to.

        `start_address` is what the user gave: only its own host may be asked where it is near. Nothing of it is kept.
        Raises what `fetch` raises; SiteRefused for what is no page.
        """
        start, linking = parse_page(start_address), parse_page(linked_from)
        # Without a known policy, only the site itself is told which of its pages led here.
        errand = PageErrand(parse_target(address), start, linking, None, _SOME_BROWSER, uses_kept=False)
        return await self._carry_out(errand, _Flight(is_urgent=True))

    def forget(self) -> None:
        """Drops what is kept in memory of sites and their pictures."""
        self._answers.clear()
        self._backoff.forget()

    def drop_useless(self) -> None:
        """Drops what is kept in memory and may not be used again."""
        self._answers.drop_useless()

    async def aclose(self) -> None:
        """Ends what is under way; those who wait for it get Cancelled."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._public.close()
        await self._resolver.close()
        self.forget()

    async def _decode(self, address: str) -> Fetched:
        if len(address) < _LARGE_ADDRESS:
            data, media_type = decode_data_address(address, self._max_bytes)
        else:
            data, media_type = await asyncio.to_thread(decode_data_address, address, self._max_bytes)
        return Fetched(data, address, media_type, Exchange(address, address, "page"))

    async def _wait_for(self, flight: _Flight, key: _Key) -> Fetched:
        flight.waiting += 1
        try:
            while True:
                task = flight.task
                await asyncio.wait([task])
                if not task.cancelled():
                    return task.result()
                if task is flight.task:  # it has no successor: the fetcher ended
                    raise Cancelled("the picture was being fetched when the program ended; ask again")
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                flight.task.cancel()
                if self._flights.get(key) is flight:
                    del self._flights[key]

    async def _carry_out(self, errand: Errand, flight: _Flight) -> Fetched:
        """Follows the way to what is asked for, each step judged and asked for by itself."""
        page, policy = errand.page, errand.referrer_policy
        seconds_left = self._timeout_seconds
        page_in_reach = page  # the exception for its host ends where a redirect leaves that host
        way = [errand.target]
        for _ in range(errand.max_redirects + 1):
            target = way[-1]
            reaches = allowed_reaches(target, page_in_reach)
            judge_name(target, reaches)
            headers = errand.headers(way)
            if (told := referrer(errand.document, target, policy)) is not None:
                headers["Referer"] = told
            key = place_of(target, reaches, page)
            answer = self._kept_answer(key, headers) if errand.uses_kept else None
            if answer is None:
                self._backoff.check(target.host)
                async with self._slots.taken(target.host, is_urgent=flight.is_urgent):
                    flight.has_begun = True
                    self._backoff.check(target.host)  # it may have asked for it while others were answered
                    began = time.monotonic()  # waiting for a slot is not the site's fault
                    answer = await self._ask_in_time(errand, target, key, headers, seconds_left)
                    seconds_left -= time.monotonic() - began
            if isinstance(answer, Fetched):
                return answer if len(way) == 1 else asked_for_at(answer, errand.target)
            if page_in_reach is not None and target.host != page_in_reach.host:
                page_in_reach = None
            policy = answer.referrer_policy or policy
            way.append(errand.next_target(_follow(target, answer.location)))
        raise FetchFailed(
            f"{way[-1].host} redirects more than {errand.max_redirects} times; open the {errand.noun} itself"
        )

    def _kept_answer(self, key: _Place, headers: Mapping[str, str]) -> Answer | None:
        kept = self._answers.get(key, headers)
        return kept.answer if kept is not None and self._answers.is_fresh(kept) else None

    async def _ask_in_time(
        self, errand: Errand, target: Target, key: _Place, headers: dict[str, str], seconds_left: float
    ) -> Answer:
        try:
            async with asyncio.timeout(max(seconds_left, 0)):
                return await self._ask_in_reach(errand, target, key, headers)
        except TimeoutError as error:
            raise DeadlineExceeded(
                f"{target.host} did not give the {errand.noun} in {self._timeout_seconds:g} seconds; try again later"
            ) from error

    async def _ask_in_reach(self, errand: Errand, target: Target, key: _Place, headers: dict[str, str]) -> Answer:
        """Through the session for public addresses where only those are allowed, else on a connection for this once.

        A kept connection to a private address would serve the next page, which may not be allowed there.
        """
        _, reaches, _ = key
        if reaches == PUBLIC_ONLY:
            return await self._ask(self._public, errand, target, key, headers)
        async with open_session(self._resolver, reaches, self._own_networks, keeps_connections=False) as session:
            return await self._ask(session, errand, target, key, headers)

    async def _ask(
        self, session: aiohttp.ClientSession, errand: Errand, target: Target, key: _Place, headers: dict[str, str]
    ) -> Answer:
        """One request: what is asked for, or where the site says that it is."""
        kept = self._answers.get(key, headers) if errand.uses_kept else None
        asked = headers | (kept.validators if kept is not None else {})
        began = time.time()
        try:
            async with session.get(_url(target), headers=asked, allow_redirects=False) as response:
                if kept is not None and response.status == HTTPStatus.NOT_MODIFIED:
                    self._answers.confirm(key, kept, response.headers)
                    return kept.answer
                answer = await self._answer(response, errand, target, began)
                if errand.uses_kept:
                    self._answers.put(key, answer, headers, response.headers)
                return answer
        except aiohttp.ClientConnectorDNSError as error:
            words = f"the name {target.host} is not known; check the network connection"
            raise (Offline if tells_of_no_network(error) else FetchFailed)(words) from error
        except aiohttp.ClientSSLError as error:
            raise FetchFailed(
                f"{target.host} has no certificate that this computer trusts; nothing was sent"
            ) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            words = str(error) or type(error).__name__
            kind = Offline if tells_of_no_network(error) else FetchFailed
            raise kind(f"{target.host} did not give the {errand.noun} ({words[:200]}); try again later") from error

    async def _answer(self, response: aiohttp.ClientResponse, errand: Errand, target: Target, began: float) -> Answer:
        """Raises TooManyRequests, FetchFailed or ImageTooLarge where what is asked for does not come."""
        if response.status in _REDIRECTS:
            is_lasting = response.status in _LASTING_REDIRECTS
            return Redirect(response.headers.get("Location", ""), is_lasting, _policy_of(response))
        wait = retry_seconds(response.headers.get("Retry-After", ""), time.time())
        if response.status == HTTPStatus.TOO_MANY_REQUESTS or (
            response.status == HTTPStatus.SERVICE_UNAVAILABLE and wait is not None
        ):
            self._backoff.refused(target.host, wait)
            raise TooManyRequests(refusal(response, errand, target))
        check_answer(response, errand, target, self._max_bytes)
        data = await self._read(response, errand, target)
        self._backoff.answered(target.host)
        media_type = response.content_type if response.headers.get("Content-Type") else None
        return Fetched(data, target.address, media_type, exchange_of(response, target, began), response.charset)

    async def _read(self, response: aiohttp.ClientResponse, errand: Errand, target: Target) -> bytes:
        inflater = Inflater(response.headers.get("Content-Encoding", ""))
        data = bytearray()
        raw_bytes = 0  # a packed answer may go on for ever without adding to what was asked for
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            raw_bytes += len(chunk)
            data += inflater.inflate(chunk, self._max_bytes - len(data))
            if max(raw_bytes, len(data)) > self._max_bytes:
                raise too_large(errand, target, "more", self._max_bytes)
        inflater.finish()
        return bytes(data)


def _policy_of(response: aiohttp.ClientResponse) -> str | None:
    """The policy that a redirect sets for the rest of the way."""
    words = ",".join(response.headers.getall("Referrer-Policy", []))
    return words if any(word.strip().lower() in POLICIES for word in words.split(",")) else None


def _url(target: Target) -> URL:
    """The address for aiohttp. Raises AddressRefused when its parser reads another host or port than the guard's."""
    url = URL(target.address, encoded=True)
    if (url.scheme, url.raw_host, url.port, url.user) != (target.scheme, target.host, target.port, None):
        raise AddressRefused(f"two readings of the address of {target.host} differ; it is not asked")
    return url


def _follow(target: Target, location: str) -> Target:
    """Where a redirect leads. Raises FetchFailed or AddressRefused."""
    if not location:
        raise FetchFailed(f"{target.host} redirects without saying where to; try again later")
    location = quote(location.encode(errors="surrogateescape"), safe="".join(map(chr, range(0x21, 0x7F))))
    try:
        is_whole = re.match(r"[a-z][a-z0-9+.-]*:", location, re.IGNORECASE)  # urljoin would mend such an address
        return parse_target(location if is_whole else urljoin(target.address, location))
    except ValueError as error:
        raise FetchFailed(f"{target.host} redirects to what is no address; try again later") from error
    except AddressRefused as error:
        raise AddressRefused(f"{target.host} redirects to an address that is refused: {error}") from error
