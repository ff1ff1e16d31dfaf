"""Looking again: what there, gone and not known rest on, and what follows for cases and news."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest
from aiohttp import web

from isthisme.acquire.fetch import Fetcher
from isthisme.acquire.system_proxy import SystemProxy
from isthisme.answer_note import AnswerNote, MatchNote
from isthisme.catalog import Catalog
from isthisme.catalog.cases import Status
from isthisme.catalog.observations import Observation
from isthisme.catalog.sightings import SeenPicture
from isthisme.domain import (
    Answer,
    Exchange,
    Judgement,
    Match,
    Moment,
    PhotoDescription,
    Presence,
    Reason,
    SmallCopy,
    Verdict,
)
from isthisme.errors import NotFound, Offline, UnreadableImage
from isthisme.server.news import untold_news
from isthisme.server.recheck_schedule import RecheckSchedule, due_sightings
from isthisme.server.rechecking import ANOTHER_PICTURE, SOFT_SECONDS, Rechecker
from isthisme.server.threads import Threads
from tests.acquire.site import Site

_CORNERS = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
START = 1_800_000_000.0
DAY = 86_400.0
SAME, SAVED_ANEW, CROPPED = b"same", b"saved anew", b"cropped"
STRANGER, PLAIN, BROKEN = b"stranger", b"plain", b"broken"


class StandInEngine:
    """Knows a few pictures by their bytes."""

    def shrink(self, data: bytes) -> SmallCopy:
        if data == BROKEN:
            raise UnreadableImage("no picture")
        return SmallCopy(b"jpeg", {SAME: 0, SAVED_ANEW: 0b111}.get(data, 0xFFFF))

    def answer(self, data: bytes, *, deep: bool = False) -> Answer:
        assert deep
        if data == PLAIN:
            return _answer(Verdict.UNDECIDED, Reason("too_plain", "too plain"))
        return _answer(Verdict.COPY if data == CROPPED else Verdict.NO_COPY)


def _answer(verdict: Verdict, reason: Reason | None = None) -> Answer:
    match = Match(1, verdict, 0.9, (), "", _CORNERS, _CORNERS)
    return Answer(Judgement(verdict, 0.9, (match,) if verdict.is_match else (), reason), 1, 9, 9, 1.0)


class Clock:
    def __init__(self) -> None:
        self.now = START
        self.rests: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def rest(self, seconds: float) -> None:
        self.rests.append(seconds)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path / "catalog.db")) as opened:
        description = PhotoDescription(None, 9, 9, np.array([0], np.uint64), None, b"preview")
        opened.photos.add(b"hash", description, b"/photos/1.jpg")
        yield opened


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    await site.start()
    yield site
    await site.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def rechecker(catalog: Catalog, clock: Clock) -> AsyncIterator[Rechecker]:
    fetcher, engine = Fetcher(timeout_seconds=60), StandInEngine()
    with closing(Threads(1)) as threads:
        proxy = SystemProxy(lambda: False)
        yield Rechecker(catalog, fetcher, engine, engine, threads, proxy, wall_clock=clock, rest=clock.rest)
        await fetcher.aclose()


def seen(
    catalog: Catalog,
    site: Site,
    path: str = "/a.jpg",
    *,
    exchange: Exchange | None = None,
    status: Status | None = "reported",
    page: str = "/page",
) -> int:
    """A sighting of SAME, which the companion fetched; in a case where that has a status."""
    address = site.address(path)
    note = MatchNote(1, "/photos/1.jpg", "copy", 0.9, "", [], [], [])
    answer = msgspec.json.encode(AnswerNote("copy", 0.9, None, [note], 9, 9, 1)).decode()
    digest = hashlib.sha256(SAME).digest()
    number = catalog.sightings.keep(
        SeenPicture(site.address(page), "A page", address, digest, b"jpeg", 9, 9, answer, 0, SAME)
    )
    how = exchange or Exchange(address, address, "companion", (("User-Agent", "Browser/1"),), 200)
    catalog.observations.add(number, Observation(Moment(START - DAY, 0), "page", "there", site.address(page), how))
    if status is not None:
        case = catalog.cases.make("case", "", [number])
        catalog.cases.set_status(case, status)
    return number


def presence(catalog: Catalog, number: int) -> Presence:
    sighting = catalog.sightings.one(number)
    assert sighting is not None
    return sighting.presence


def status(catalog: Catalog, number: int) -> Status:
    sighting = catalog.sightings.one(number)
    assert sighting is not None
    assert sighting.case_id is not None
    return catalog.cases.one(sighting.case_id).status


@pytest.mark.parametrize(
    ("answer", "found", "words"),
    [
        ({"body": SAME}, "there", "the same file"),
        ({"body": SAVED_ANEW}, "there", "the same picture is there, in another file"),
        ({"body": CROPPED}, "there", "it shows your photo, too"),
        ({"body": STRANGER}, "unknown", ANOTHER_PICTURE),
        ({"body": PLAIN}, "unknown", ANOTHER_PICTURE),
        ({"body": BROKEN}, "unknown", "cannot be read"),
        ({"status": 404}, "gone", "answered 404"),
        ({"status": 410}, "gone", "answered 410"),
        ({"status": 403}, "unknown", "only to some visitors"),
        ({"status": 401}, "unknown", "only to some visitors"),
        ({"status": 429}, "unknown", "fewer requests"),
        ({"status": 500}, "unknown", "answered 500"),
        ({"body": b"<p>Sign in", "Content_Type": "text/html"}, "unknown", "in place of a picture"),
        ({"status": 302, "Location": "/login"}, "gone", "answered 404"),
        ({"status": 302, "Location": "http://127.0.0.2/"}, "unknown", "only for pages of that same host"),
        ({"body": b"x" * (11 << 20)}, "unknown", "the limit is"),
    ],
)
async def test_what_a_look_tells(
    catalog: Catalog, site: Site, rechecker: Rechecker, answer: dict[str, object], found: Presence, words: str
) -> None:
    number = seen(catalog, site)
    site.serves("/a.jpg", **answer)  # type: ignore[arg-type]
    (look,), _ = await rechecker.look_at_all([number])
    assert look.presence == presence(catalog, number) == found
    assert words in look.words
    observed = catalog.observations.of(number)[-1]
    assert (observed.kind, observed.presence, observed.words) == ("recheck", found, look.words)
    entry = catalog.journal.entries()[-1]
    assert (entry.event, entry.detail) == ("rechecked", {"sighting": number, "presence": found})


async def test_it_is_asked_as_it_was_asked_before(catalog: Catalog, site: Site, rechecker: Rechecker) -> None:
    site.serves("/a.jpg", SAME, Cache_Control="max-age=3600", ETag='"1"', Set_Cookie="who=you")
    told = (("User-Agent", "Browser/1"), ("Referer", site.address("/")))
    number = seen(catalog, site, exchange=Exchange("a", "a", "companion", told, 200))
    for _ in range(2):
        await rechecker.look_at(number)
    assert len(site.requests) == 2
    for request in site.requests:
        assert request.headers["User-Agent"] == "Browser/1"
        assert request.headers["Referer"] == site.address("/")
        assert not {"Cookie", "If-None-Match"} & set(request.headers)


@pytest.mark.parametrize(
    ("exchange", "page", "picture", "words"),
    [
        ("browser", "https://a.example/", "https://a.example/a.jpg", "open the page"),
        ("page", "https://a.example/", "data:image/png;base64,AAAA", "no address of its own"),
        ("file", "file:///a/pack.zip", "file:///a/pack.zip/a.jpg", "in a file on this computer"),
        ("companion", "https://a.example/", "", "no address of its own"),
    ],
)
async def test_what_only_the_browser_has_is_not_asked_for(
    catalog: Catalog, site: Site, rechecker: Rechecker, exchange: str, page: str, picture: str, words: str
) -> None:
    number = catalog.sightings.keep(SeenPicture(page, None, picture, b"hash", b"jpeg", 9, 9, "{}", 0))
    how = Exchange(picture, picture, exchange)  # type: ignore[arg-type]
    catalog.observations.add(number, Observation(Moment(START, 0), "page", "there", page, how))
    look = await rechecker.look_at(number)
    assert (look.presence, look.was_asked) == ("unknown", False)
    assert words in look.words
    assert presence(catalog, number) == "there"  # nothing new is known
    assert not site.requests


async def test_nothing_is_asked_for_where_only_the_browser_fetches(
    catalog: Catalog, site: Site, rechecker: Rechecker, clock: Clock
) -> None:
    number = seen(catalog, site)
    site.serves("/a.jpg", SAME)
    catalog.facts.put_who_fetches("firefox", is_browser_alone=True)
    catalog.facts.put_who_fetches("chromium", is_browser_alone=False)
    look = await rechecker.look_at(number)
    assert (look.presence, look.was_asked) == ("unknown", False)
    assert "in firefox only the browser fetches" in look.words
    assert not site.requests
    catalog.facts.put_who_fetches("firefox", is_browser_alone=False)
    assert (await rechecker.look_at(number)).presence == "there"


async def test_nothing_is_asked_for_past_a_proxy(catalog: Catalog, site: Site) -> None:
    number = seen(catalog, site)
    fetcher, engine = Fetcher(), StandInEngine()
    with closing(Threads(1)) as threads:
        looking = Rechecker(catalog, fetcher, engine, engine, threads, SystemProxy(lambda: True))
        look = await looking.look_at(number)
        await fetcher.aclose()
    assert (look.was_asked, "through a proxy" in look.words) == (False, True)
    assert not site.requests


class OfflineFetcher:
    async def fetch(self, *_: object, **__: object) -> None:
        raise Offline("the name a.example is not known")


async def test_without_a_network_nothing_is_learned(catalog: Catalog, site: Site) -> None:
    number = seen(catalog, site)
    engine = StandInEngine()
    with closing(Threads(1)) as threads:
        proxy = SystemProxy(lambda: False)
        looking = Rechecker(catalog, OfflineFetcher(), engine, engine, threads, proxy)  # type: ignore[arg-type]
        look = await looking.look_at(number)
    assert (look.presence, look.was_asked) == ("unknown", False)
    assert presence(catalog, number) == "there"


async def test_another_picture_counts_as_gone_when_it_stays(
    catalog: Catalog, site: Site, rechecker: Rechecker, clock: Clock
) -> None:
    number = seen(catalog, site)
    site.serves("/a.jpg", STRANGER)
    assert (await rechecker.look_at(number)).presence == "unknown"
    clock.now += SOFT_SECONDS - 1
    assert (await rechecker.look_at(number)).presence == "unknown"  # it is too soon
    clock.now += 1
    assert (await rechecker.look_at(number)).presence == "gone"
    clock.now += 1
    assert (await rechecker.look_at(number)).presence == "gone"
    site.serves("/a.jpg", SAME)
    assert (await rechecker.look_at(number)).presence == "there"
    site.serves("/a.jpg", STRANGER)
    assert (await rechecker.look_at(number)).presence == "unknown"  # counted anew


async def test_a_case_is_removed_when_all_of_it_is_gone_and_came_back_when_one_is_there(
    catalog: Catalog, site: Site, rechecker: Rechecker
) -> None:
    first, second = seen(catalog, site, "/a.jpg"), seen(catalog, site, "/b.jpg", page="/other", status=None)
    sighting = catalog.sightings.one(first)
    assert sighting is not None
    in_a_file = catalog.sightings.keep(SeenPicture("file:///a.zip", None, "file:///a.zip/a", b"h", b"j", 9, 9, "{}", 0))
    catalog.cases.put([second, in_a_file], sighting.case_id)
    site.serves("/b.jpg", SAME)
    await rechecker.look_at_all([first, second])
    assert status(catalog, first) == "reported"
    site.serves("/b.jpg", status=410)
    await rechecker.look_at_all([first, second])
    assert status(catalog, first) == "removed"
    site.serves("/a.jpg", status=403)
    await rechecker.look_at(first)
    assert status(catalog, first) == "removed"  # nothing is known
    site.serves("/a.jpg", SAME)
    await rechecker.look_at(first)
    assert status(catalog, first) == "came_back"


async def test_what_changed_is_news_until_it_was_told(catalog: Catalog, site: Site, rechecker: Rechecker) -> None:
    number = seen(catalog, site)
    for answer, expected in (
        ({"body": SAME}, []),
        ({"status": 404}, [(number, "gone")]),
        ({"status": 404}, [(number, "gone")]),
        ({"status": 500}, [(number, "gone")]),
        ({"body": SAME}, [(number, "there")]),
    ):
        site.serves("/a.jpg", **answer)  # type: ignore[arg-type]
        await rechecker.look_at(number)
        assert [(each.sighting_id, each.presence) for each in untold_news(catalog)] == expected
    catalog.facts.drop_news(number, "gone")  # older than what is waiting
    (news,) = untold_news(catalog)
    assert (news.page_title, news.page_address) == ("A page", site.page.partition("?")[0])
    catalog.facts.drop_news(number, "there")
    assert untold_news(catalog) == []


async def test_news_of_what_was_deleted_are_forgotten(catalog: Catalog, site: Site, rechecker: Rechecker) -> None:
    number = seen(catalog, site)
    await rechecker.look_at(number)
    catalog.sightings.delete([number])
    assert untold_news(catalog) == []
    assert catalog.facts.news() == {}
    with pytest.raises(NotFound):
        await rechecker.look_at(number)


async def test_what_is_deleted_while_it_is_looked_at_is_not_kept(
    catalog: Catalog, site: Site, rechecker: Rechecker
) -> None:
    number = seen(catalog, site)

    async def delete(_request: web.Request) -> web.Response:
        catalog.sightings.delete([number])
        return web.Response(body=SAME)

    site.handles("/a.jpg", delete)
    with pytest.raises(NotFound):
        await rechecker.look_at(number)
    assert catalog.observations.of(number) == []


async def test_what_is_deleted_meanwhile_costs_the_others_nothing(
    catalog: Catalog, site: Site, rechecker: Rechecker
) -> None:
    numbers = [seen(catalog, site, f"/{each}.jpg", page=f"/{each}") for each in range(3)]
    catalog.sightings.delete(numbers[1:2])
    looks, left = await rechecker.look_at_all(numbers)
    assert ([look.sighting_id for look in looks], left) == ([numbers[0], numbers[2]], [])


async def test_what_there_is_no_time_for_is_left(catalog: Catalog, site: Site, rechecker: Rechecker) -> None:
    numbers = [seen(catalog, site, f"/{each}.jpg", page=f"/{each}") for each in range(4)]
    has_time = iter([True, False])
    looks, left = await rechecker.look_at_all(numbers, lambda: next(has_time))
    assert ([look.sighting_id for look in looks], left) == (numbers[:2], numbers[2:])
    looks, left = await rechecker.look_at_all(left, lambda: False)
    assert (len(looks), left) == (1, numbers[3:]), "or whoever asks again and again never ends"


async def test_a_host_is_not_asked_in_a_burst(catalog: Catalog, site: Site, rechecker: Rechecker, clock: Clock) -> None:
    numbers = [seen(catalog, site, f"/{each}.jpg", page=f"/{each}") for each in range(3)]
    await rechecker.look_at_all(numbers)
    assert len(clock.rests) == 2
    assert site.most_under_way == 1


# The schedule


def due(catalog: Catalog, now: float) -> list[int]:
    return [each.sighting_id for each in due_sightings(catalog, now)]


def test_never_is_the_default(catalog: Catalog, site: Site) -> None:
    seen(catalog, site)
    assert catalog.facts.recheck_hours() == 0
    assert due(catalog, START + 365 * DAY) == []


@pytest.mark.parametrize(
    ("case_status", "is_watched"),
    [("found", False), ("reported", True), ("answered", True), ("removed", True), ("came_back", True), (None, False)],
)
def test_only_reported_pictures_are_looked_at(
    catalog: Catalog, site: Site, case_status: Status | None, is_watched: bool
) -> None:
    number = seen(catalog, site, status=case_status)
    catalog.facts.put_recheck_hours(24)
    assert due(catalog, _last(catalog, number) + 2 * DAY) == ([number] if is_watched else [])


def _last(catalog: Catalog, number: int) -> float:
    sighting = catalog.sightings.one(number)
    assert sighting is not None
    return sighting.last_seen


async def test_what_is_due_follows_from_the_last_look(
    catalog: Catalog, site: Site, rechecker: Rechecker, clock: Clock
) -> None:
    number = seen(catalog, site)
    site.serves("/a.jpg", SAME)
    catalog.facts.put_recheck_hours(24)
    clock.now = _last(catalog, number) + DAY
    await rechecker.look_at(number)
    assert due(catalog, clock.now + DAY - 1) == []
    assert due(catalog, clock.now + 1.1 * DAY) == [number]
    assert due(catalog, clock.now - 400 * DAY) in ([], [number])  # the clock was set back: soon, and not in 400 days
    assert due(catalog, clock.now - 400 * DAY + 1.1 * DAY) in ([], [number])


async def test_another_picture_is_looked_at_sooner(
    catalog: Catalog, site: Site, rechecker: Rechecker, clock: Clock
) -> None:
    number = seen(catalog, site)
    site.serves("/a.jpg", STRANGER)
    catalog.facts.put_recheck_hours(168)
    clock.now = _last(catalog, number) + 1
    await rechecker.look_at(number)
    assert due(catalog, clock.now + SOFT_SECONDS - 1) == []
    assert due(catalog, clock.now + 1.1 * SOFT_SECONDS) == [number]


def test_pictures_that_only_the_browser_has_are_never_due(catalog: Catalog, site: Site) -> None:
    seen(catalog, site, exchange=Exchange("a", "a", "browser"))
    catalog.facts.put_recheck_hours(24)
    assert due(catalog, START + 365 * DAY) == []


async def test_the_schedule_spreads_its_looks(catalog: Catalog, site: Site, rechecker: Rechecker, clock: Clock) -> None:
    numbers = [seen(catalog, site, f"/{each}.jpg", page=f"/{each}") for each in range(2)]
    catalog.facts.put_recheck_hours(24)
    wall_clock, monotonic = Clock(), Clock()
    wall_clock.now = clock.now = _last(catalog, numbers[-1]) + 2 * DAY
    with closing(Threads(1)) as threads:
        schedule = RecheckSchedule(catalog, rechecker, threads, clock=monotonic, wall_clock=wall_clock)
        assert 30 <= await schedule.step() <= 90
        assert await schedule.step() == 60  # the other is at the same host
        assert len(site.requests) == 1
        monotonic.now += 600
        await schedule.step()
        assert len(site.requests) == 2
        monotonic.now += 600
        assert await schedule.step() == 60  # all were looked at
    assert len(site.requests) == 2


async def test_the_schedule_rests_where_it_may_not_ask(catalog: Catalog, site: Site, rechecker: Rechecker) -> None:
    number = seen(catalog, site)
    catalog.facts.put_recheck_hours(24)
    catalog.facts.put_who_fetches("firefox", is_browser_alone=True)
    wall_clock = Clock()
    wall_clock.now = _last(catalog, number) + 2 * DAY
    with closing(Threads(1)) as threads:
        schedule = RecheckSchedule(catalog, rechecker, threads, wall_clock=wall_clock)
        assert await schedule.step() == 60
        catalog.facts.put_who_fetches("firefox", is_browser_alone=False)
        assert await schedule.step() == 60  # that host rests for half an hour
    assert not site.requests


async def test_a_slow_site_is_waited_for_no_longer_than_a_page_would(catalog: Catalog, site: Site) -> None:
    async def never(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    number = seen(catalog, site)
    site.handles("/a.jpg", never)
    fetcher, engine = Fetcher(timeout_seconds=0.1), StandInEngine()
    with closing(Threads(1)) as threads:
        looking = Rechecker(catalog, fetcher, engine, engine, threads, SystemProxy(lambda: False))
        look = await looking.look_at(number)
        await fetcher.aclose()
    assert (look.presence, look.was_asked) == ("unknown", True)
