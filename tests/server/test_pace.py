"""A site cannot tell from the order or the times of the requests for its pictures whether they match.

A server that spies notes when each picture of many visits was asked for. Half of the visits, in random order, show the
user's photos among others, and judging those takes long. Then what the server measured of the two kinds of visits is
compared by rank (Mann and Whitney, two-sided).

Since the order of the visits is drawn by lot, a visit's kind says nothing about what was measured of it where the
daemon behaves the same, whatever else the machine does meanwhile. So a comparison is a false alarm once in 50,000
times, and all four of them once in 12,500.
"""

import asyncio
import itertools
import math
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, closing
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from isthisme.acquire.browser_headers import Browser
from isthisme.acquire.fetch import Fetcher
from isthisme.catalog import Catalog
from isthisme.domain import Answer, Edit, EditKind, Judgement, Match, SmallCopy, Verdict
from isthisme.index_files import IndexFiles
from isthisme.live_index import LiveIndex
from isthisme.server import messages
from isthisme.server.checking import Asker, Checked, Checker
from isthisme.server.handlers import Handlers
from isthisme.server.messages import Image, Page
from isthisme.server.threads import Threads
from tests.picture_site import Site, picture_site

_VISITS = 18  # of each kind; parted cleanly, they are an alarm a hundred times over
_PICTURES = 16  # of a page; eight are fetched at once
_EVERY = 3  # pictures of a page with matches one is the user's
_VERIFYING_SECONDS = 0.08  # less than it takes in truth
_ALARM = 2e-5  # by chance, of one comparison
_MINE = "mine"

_CORNERS = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
_MATCH = Match(1, Verdict.COPY, 0.99, (Edit(EditKind.EXACT),), "Your photo.", _CORNERS, _CORNERS)


class Judge:
    """Takes its time for what matches, as verification does."""

    def answer(self, data: bytes, *, deep: bool = False) -> Answer:
        del deep
        if _MINE.encode() not in data:
            return Answer(Judgement(Verdict.NO_COPY, 0.0, (), None), 1, 9, 9, 1.0)
        time.sleep(_VERIFYING_SECONDS)
        return Answer(Judgement(Verdict.COPY, 0.99, (_MATCH,), None), 1, 9, 9, 1.0)

    def shrink(self, data: bytes) -> SmallCopy:
        return SmallCopy(data[:100], 0b1011)


class MatchesLast(Checker):
    """With a fault such as is looked for: what matches is asked for later than the others."""

    async def on_page(self, page: Page, image: Image, asker: Asker, turn: asyncio.Semaphore) -> Checked:
        assert image.address is not None
        if _MINE in image.address:
            await asyncio.sleep(0.2)
        return await super().on_page(page, image, asker, turn)


class Listener:
    """A connection whose browser hears the answers and says nothing."""

    browser = Browser("Mozilla/5.0")
    is_browser = False

    class supplies:  # noqa: N801 it stands for an attribute
        @staticmethod
        def for_request(_number: int) -> Any:
            return None

    async def send(self, kind: str, request_id: int | None, fields: Any) -> None:
        del kind, request_id, fields


class NeverPaused:
    def is_paused(self, site: str) -> bool:
        del site
        return False


@pytest.fixture
def site() -> Iterator[Site]:
    with picture_site() as made:
        yield made


@asynccontextmanager
async def handlers(folder: Path, kind: type[Checker]) -> AsyncIterator[Handlers]:
    judge, unasked = cast(Any, Judge()), cast(Any, None)
    with closing(Catalog(folder / "catalog.db")) as catalog, closing(Threads(1)) as threads:
        live = LiveIndex(catalog, lambda: None, IndexFiles(catalog, folder / "index"))
        async with aclosing(Fetcher(max_bytes=1 << 20)) as fetcher:
            judges = {"passive": judge, "private": judge, "asked": judge, "shrinker": judge}
            checker = kind(catalog, live, fetcher, **judges, threads=threads)
            yield Handlers(checker, rows=cast(Any, NeverPaused()), threads=threads, evidence=unasked, rechecker=unasked)


def hang(site: Site, visit: int, *, matches: bool) -> list[str]:
    """Puts pictures that were never shown on the site; their paths, in the page's order."""
    paths = []
    for number in range(_PICTURES):
        name = _MINE if matches and number % _EVERY == 1 else "other"
        path = f"/{visit}/{number}-{name}.jpg"
        site.files[path] = ("image/jpeg", b"\xff\xd8\xff" + path.encode() + bytes(20_000))
        paths.append(path)
    return paths


async def measured(site: Site, folder: Path, kind: type[Checker]) -> tuple[list[list[float]], list[list[float]]]:
    """What the server saw of visits with matches, and of visits without: a row for each visit."""
    seen: dict[bool, list[list[float]]] = {True: [], False: []}
    kinds = np.random.default_rng(5).permutation(np.repeat([True, False], _VISITS)).tolist()
    async with handlers(folder, kind) as made:
        for visit, matches in enumerate([True, False, *kinds]):
            paths = hang(site, visit, matches=matches)
            site.moments.clear()
            images = [Image(str(number), site.url(path)) for number, path in enumerate(paths)]
            page = Page(site.url(f"{visit}/"))
            await made.check_page(cast(Any, Listener()), messages.CheckPage(visit, page, images))
            if visit > 1:  # the first two open files and the like
                seen[matches].append(what_it_shows(site.moments, paths))
    return seen[True], seen[False]


def what_it_shows(moments: Sequence[tuple[float, str]], paths: Sequence[str]) -> list[float]:
    """The longest and the middle gap between requests, how long they took in all, how far out of order they came."""
    assert sorted(path for _, path in moments) == sorted(paths), "each picture is asked for once"
    ordered = sorted(moments)
    gaps = np.diff([moment for moment, _ in ordered])
    places = [paths.index(path) for _, path in ordered]
    swapped = sum(one > other for one, other in itertools.combinations(places, 2))
    return [float(gaps.max()), float(np.median(gaps)), ordered[-1][0] - ordered[0][0], float(swapped)]


def chance(one: Sequence[float], other: Sequence[float]) -> float:
    """Of two samples of one distribution being as far apart by rank, or farther (normal approximation)."""
    wins = np.subtract.outer(np.asarray(one), np.asarray(other))
    above = float((wins > 0).sum() + (wins == 0).sum() / 2)
    many, others = len(one), len(other)
    spread = math.sqrt(many * others * (many + others + 1) / 12)
    return math.erfc(abs(above - many * others / 2) / spread / math.sqrt(2))


def chances(site: Site, folder: Path, kind: type[Checker]) -> list[float]:
    with_matches, without = asyncio.run(measured(site, folder, kind))
    return [
        chance(one, other)
        for one, other in zip(zip(*with_matches, strict=True), zip(*without, strict=True), strict=True)
    ]


def test_a_server_cannot_tell_visits_with_matches_from_visits_without(site: Site, tmp_path: Path) -> None:
    assert min(chances(site, tmp_path, Checker)) > _ALARM


def test_the_server_would_see_it_if_matches_were_asked_for_later(site: Site, tmp_path: Path) -> None:
    assert min(chances(site, tmp_path, MatchesLast)) < _ALARM


def test_equal_samples_are_no_alarm_and_parted_ones_are() -> None:
    assert chance([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == 1
    assert chance(range(_VISITS), range(_VISITS, 2 * _VISITS)) < _ALARM / 50
