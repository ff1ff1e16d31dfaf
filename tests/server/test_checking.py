"""One picture's way to its answer: whose bytes, whose request, what is kept."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from isthisme.acquire.answers import Fetched
from isthisme.acquire.browser_headers import Browser
from isthisme.catalog import Catalog
from isthisme.domain import (
    Answer,
    Edit,
    EditKind,
    Exchange,
    Judgement,
    Match,
    PhotoDescription,
    Reason,
    SmallCopy,
    Verdict,
)
from isthisme.errors import (
    AddressRefused,
    CatalogUnusable,
    DeadlineExceeded,
    FetchFailed,
    NotSupplied,
    TooManyRequests,
)
from isthisme.index_files import IndexFiles
from isthisme.live_index import LiveIndex
from isthisme.server.checking import Asker, Checker
from isthisme.server.messages import Image, Page
from isthisme.server.threads import Threads
from tests.acquire.site import until

_CORNERS = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
_MATCH = Match(1, Verdict.COPY, 0.99, (Edit(EditKind.EXACT),), "Your photo.", _CORNERS, _CORNERS)
_COPY = Answer(Judgement(Verdict.COPY, 0.99, (_MATCH,), None), 1, 9, 9, 1.0)
_PAGE = Page("https://page.example/")


async def _gives_nothing(key: str, from_document_only: bool) -> bytes:
    raise NotSupplied("the browser could not hand in the picture (gone)")


_ASKER = Asker(Browser(""), _gives_nothing)


JPEG = b"\xff\xd8\xff a picture"


class Fetcher:
    """Gives the same bytes for every address, or the same trouble."""

    def __init__(self) -> None:
        self.outcome: bytes | Exception = JPEG
        self.asked: list[str] = []
        self.named: dict[str, object] = {}

    async def fetch(self, address: str, **named: object) -> Any:
        self.asked.append(address)
        self.named = named
        if isinstance(self.outcome, Exception):
            raise self.outcome

        return Fetched(self.outcome, address, None, Exchange(address, address, "companion", status=200))


class Matcher:
    def __init__(self) -> None:
        self.judged: list[bytes] = []
        self.answer_to_all = _COPY

    def answer(self, data: bytes, *, deep: bool = False) -> Answer:
        del deep
        self.judged.append(data)
        return self.answer_to_all


class Shrinker:
    def shrink(self, data: bytes) -> SmallCopy:
        return SmallCopy(data, 0b1011)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path / "catalog.db")) as opened:
        yield opened


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher()


@pytest.fixture
def matcher() -> Matcher:
    return Matcher()


@pytest.fixture
def forgetful() -> Matcher:
    return Matcher()


@pytest.fixture
def checker(
    tmp_path: Path, catalog: Catalog, fetcher: Fetcher, matcher: Matcher, forgetful: Matcher
) -> Iterator[Checker]:
    judge, live = cast(Any, matcher), LiveIndex(catalog, lambda: None, IndexFiles(catalog, tmp_path / "index"))
    with closing(Threads(1)) as threads:
        yield Checker(
            catalog,
            live,
            cast(Any, fetcher),
            passive=judge,
            private=cast(Any, forgetful),
            asked=judge,
            shrinker=Shrinker(),
            threads=threads,
        )


class Supplier:
    """A browser that hands in the same bytes for every picture."""

    def __init__(self, data: bytes = b"\xff\xd8\xff supplied") -> None:
        self.data = data
        self.asked: list[tuple[str, bool]] = []

    async def __call__(self, key: str, from_document_only: bool) -> bytes:
        self.asked.append((key, from_document_only))
        return self.data


_IMAGE = Image("key", "https://page.example/picture.jpg")
_SUPPLIED_IMAGE = Image("key", "https://page.example/picture.jpg", may_supply=True)


def check(checker: Checker, image: Image = _IMAGE, asker: Asker = _ASKER) -> Any:
    return asyncio.run(checker.on_page(_PAGE, image, asker, asyncio.Semaphore()))


def test_a_match_is_kept_and_remembered(checker: Checker) -> None:
    first = check(checker)
    assert first.note.verdict == "copy"
    assert first.sighting_id is not None
    assert check(checker).is_from_cache


def test_what_is_seen_is_judged_before_what_is_not_and_came_first(checker: Checker, matcher: Matcher) -> None:
    begun: list[bytes] = []
    may_end = threading.Semaphore(0)
    answer = matcher.answer

    def held(data: bytes, *, deep: bool = False) -> Answer:
        begun.append(data)
        assert may_end.acquire(timeout=60)
        return answer(data, deep=deep)

    matcher.answer = held  # type: ignore[method-assign]

    async def visit() -> None:
        async with asyncio.TaskGroup() as group:
            for name in ("1", "2", "3", "far", "seen"):  # as many as one worker's threads take, and two more
                image = Image(name, bytes_=name.encode(), is_seen=name == "seen")
                group.create_task(checker.on_page(_PAGE, image, _ASKER, asyncio.Semaphore()))
                await asyncio.sleep(0.01)
            await until(lambda: len(begun) == 3)
            may_end.release()  # so that one more begins
            await until(lambda: len(begun) == 4)
            may_end.release(4)

    asyncio.run(visit())
    assert begun[3:] == [b"seen", b"far"]


def test_what_a_site_sent_is_kept_as_evidence(checker: Checker, catalog: Catalog) -> None:
    number = check(checker).sighting_id
    found = catalog.sightings.one(number)
    assert found is not None
    assert catalog.sightings.original(found.picture_hash) == JPEG
    (seen,) = catalog.observations.of(number)
    assert (seen.kind, seen.presence, seen.page_address) == ("page", "there", _PAGE.address)
    assert seen.exchange is not None
    assert (seen.exchange.by, seen.exchange.status) == ("companion", 200)
    assert check(checker).is_from_cache
    assert len(catalog.observations.of(number)) == 1, "the same visit"


def test_where_the_browser_was_asked_to_go_is_kept(checker: Checker, catalog: Catalog) -> None:
    page = Page(_PAGE.address, asked_address="https://short.example/x")
    number = asyncio.run(checker.asked(page, _IMAGE, _ASKER)).sighting_id
    assert number is not None
    (seen,) = catalog.observations.of(number)
    assert (seen.kind, seen.asked_address) == ("asked", "https://short.example/x")


def test_what_the_browser_handed_in_is_kept_and_called_so(checker: Checker, catalog: Catalog, fetcher: Fetcher) -> None:
    fetcher.outcome = FetchFailed("it answered 403")
    supplier = Supplier()
    number = check(checker, _SUPPLIED_IMAGE, Asker(Browser(""), supplier)).sighting_id
    found = catalog.sightings.one(number)
    assert found is not None
    assert catalog.sightings.original(found.picture_hash) == supplier.data
    (seen,) = catalog.observations.of(number)
    assert seen.exchange is not None
    assert (seen.exchange.by, seen.exchange.address) == ("browser", _SUPPLIED_IMAGE.address)
    assert seen.exchange.response_headers == ()


def test_a_full_disk_costs_no_answer(checker: Checker, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise CatalogUnusable("the disk is full; free some space")

    monkeypatch.setattr(catalog.sightings, "keep", refuses)
    monkeypatch.setattr(catalog.verdicts, "remember", refuses)
    checked = check(checker)
    assert checked.note.verdict == "copy"
    assert checked.sighting_id is None
    assert not checked.is_from_cache


TROUBLES = [
    (FetchFailed("it answered 403"), False),
    (FetchFailed("it sent text/html in place of a picture"), False),
    (DeadlineExceeded("too slow"), False),
    (TooManyRequests("it wants fewer requests"), True),
    (AddressRefused("a private network"), True),
]


@pytest.mark.parametrize(("trouble", "from_document_only"), TROUBLES)
@pytest.mark.parametrize("is_asked", [False, True])
def test_what_the_daemon_cannot_have_the_browser_hands_in(
    checker: Checker, fetcher: Fetcher, matcher: Matcher, trouble: Exception, from_document_only: bool, is_asked: bool
) -> None:
    fetcher.outcome, supplier = trouble, Supplier()
    asker = Asker(Browser(""), supplier)
    if is_asked:
        checked: Any = asyncio.run(checker.asked(_PAGE, _SUPPLIED_IMAGE, asker))
    else:
        checked = check(checker, _SUPPLIED_IMAGE, asker)
    assert checked.note.verdict == "copy"
    assert supplier.asked == [("key", from_document_only)]
    assert matcher.judged == [supplier.data]


@pytest.mark.parametrize("data", [b"<title>Sign in</title>", b"II*\0 raw", b""])
@pytest.mark.parametrize("verdict", [Verdict.COPY, Verdict.NO_COPY])
def test_whether_the_browser_is_asked_depends_on_the_kind_of_file_and_not_on_a_match(
    checker: Checker, fetcher: Fetcher, matcher: Matcher, data: bytes, verdict: Verdict
) -> None:
    matcher.answer_to_all = Answer(Judgement(verdict, 0.9, (), None), 1, 9, 9, 1.0)
    fetcher.outcome, supplier = data, Supplier()
    check(checker, _SUPPLIED_IMAGE, Asker(Browser(""), supplier))
    assert supplier.asked == [("key", False)]
    assert matcher.judged == [supplier.data]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_picture_that_the_daemon_has_is_never_asked_for(checker: Checker, matcher: Matcher, verdict: Verdict) -> None:
    reason = Reason("unreadable_image", "broken") if verdict is Verdict.UNDECIDED else None
    matcher.answer_to_all = Answer(Judgement(verdict, 0.5, (), reason), 1, 9, 9, 1.0)
    supplier = Supplier()
    check(checker, _SUPPLIED_IMAGE, Asker(Browser(""), supplier))
    assert supplier.asked == []


def test_a_picture_without_an_address_comes_from_the_browser_alone(checker: Checker, fetcher: Fetcher) -> None:
    supplier = Supplier()
    checked = check(checker, Image("key", may_supply=True), Asker(Browser(""), supplier))
    assert checked.note.verdict == "copy"
    assert fetcher.asked == []
    assert not check(checker, Image("key", may_supply=True), Asker(Browser(""), supplier)).is_from_cache


@pytest.mark.parametrize("is_private", [False, True])
def test_where_only_the_browser_fetches_the_daemon_asks_nobody(
    checker: Checker, fetcher: Fetcher, is_private: bool
) -> None:
    asker = Asker(Browser(""), Supplier(), only_browser_fetches=True, keeps_nothing=is_private)
    assert check(checker, _SUPPLIED_IMAGE, asker).note.verdict == "copy"
    checked = check(checker, Image("key", "https://page.example/other.jpg"), asker)
    assert (checked.note.verdict, checked.note.reason.code) == ("undecided", "not_supplied")
    assert fetcher.asked == []


def test_a_picture_inside_its_address_is_read_whoever_fetches(checker: Checker, fetcher: Fetcher) -> None:
    asker = Asker(Browser(""), _gives_nothing, only_browser_fetches=True)
    assert check(checker, Image("key", "data:image/png;base64,AAAA"), asker).note.verdict == "copy"
    assert fetcher.asked == ["data:image/png;base64,AAAA"]


def test_of_private_windows_nothing_is_kept_and_nothing_recalled(
    checker: Checker, catalog: Catalog, matcher: Matcher, forgetful: Matcher
) -> None:
    asker = Asker(Browser(""), Supplier(), only_browser_fetches=True, keeps_nothing=True)
    for _ in range(2):
        checked = check(checker, _SUPPLIED_IMAGE, asker)
        assert (checked.note.verdict, checked.sighting_id, checked.is_from_cache) == ("copy", None, False)
    assert asyncio.run(checker.asked(_PAGE, _SUPPLIED_IMAGE, asker)).sighting_id is None
    assert (len(forgetful.judged), len(matcher.judged)) == (2, 1)
    assert catalog.sightings.latest(10) == []
    assert not check(checker).is_from_cache


def test_the_first_trouble_is_told_where_the_browser_cannot_help(checker: Checker, fetcher: Fetcher) -> None:
    fetcher.outcome = FetchFailed("it answered 403")
    checked = check(checker, _SUPPLIED_IMAGE)
    assert (checked.note.reason.code, checked.note.reason.words) == ("fetch_failed", "it answered 403")
    checked = check(checker, Image("key", may_supply=True))
    assert "gone" in checked.note.reason.words


def test_the_same_picture_under_many_addresses_is_judged_once(checker: Checker, matcher: Matcher) -> None:
    async def visit() -> list[Any]:
        turn = asyncio.Semaphore(8)
        images = [Image(str(number), f"https://page.example/{number}.jpg") for number in range(50)]
        return await asyncio.gather(*(checker.on_page(_PAGE, image, _ASKER, turn) for image in images))

    checks = asyncio.run(visit())
    assert {checked.note.verdict for checked in checks} == {"copy"}
    assert None not in {checked.sighting_id for checked in checks}
    assert len(matcher.judged) == 1


def test_a_slow_browser_takes_no_turn_from_the_pictures_that_are_fetched(checker: Checker, fetcher: Fetcher) -> None:
    async def visit() -> None:
        turn, asked, release = asyncio.Semaphore(1), asyncio.Event(), asyncio.Event()

        async def dawdle(key: str, from_document_only: bool) -> bytes:
            asked.set()
            await release.wait()
            return JPEG

        slow = asyncio.create_task(
            checker.on_page(_PAGE, Image("slow", may_supply=True), Asker(Browser(""), dawdle), turn)
        )
        await asked.wait()
        async with asyncio.timeout(60):
            assert (await checker.on_page(_PAGE, _IMAGE, _ASKER, turn)).note.verdict == "copy"
        assert not slow.done()
        release.set()
        await slow

    asyncio.run(visit())
    assert fetcher.asked == ["https://page.example/picture.jpg"]


def test_the_site_is_told_what_the_browser_would_tell_it(checker: Checker, fetcher: Fetcher) -> None:
    image = Image("key", "https://a.example/a.jpg", document="https://frame.example/", referrer_policy="origin")
    check(checker, image, Asker(Browser("A/1", ("de",)), _gives_nothing))
    assert fetcher.named == {
        "page_address": _PAGE.address,
        "document_address": "https://frame.example/",
        "referrer_policy": "origin",
        "browser": Browser("A/1", ("de",)),
        "is_urgent": False,
    }


def add_photo(catalog: Catalog) -> int:
    made = PhotoDescription(None, 9, 9, np.array([1 << 63], np.uint64), None, b"preview")
    return catalog.photos.add(b"content", made, b"/photos/1.jpg")


def test_a_photo_that_is_not_in_the_picture_is_left_out_until_that_is_undone(
    checker: Checker, catalog: Catalog
) -> None:
    photo_id = add_photo(catalog)
    assert photo_id == _MATCH.photo_id
    first = check(checker)
    hashes = catalog.sightings.hashes_of(first.sighting_id)
    assert hashes is not None
    decision = catalog.decisions.dismiss(photo_id, *hashes)
    dismissed = check(checker)
    assert dismissed.is_from_cache, "the site must not be asked again because of a decision"
    assert (dismissed.note.verdict, dismissed.note.matches, dismissed.sighting_id) == ("no_copy", [], None)
    assert dismissed.note.reason.code == "dismissed"
    catalog.decisions.undo(decision.decision_id)
    again = check(checker)
    assert (again.note.verdict, again.sighting_id, again.is_from_cache) == ("copy", first.sighting_id, True)


def test_a_dismissed_picture_leaves_no_sighting_on_another_page(checker: Checker, catalog: Catalog) -> None:
    photo_id = add_photo(catalog)
    catalog.decisions.dismiss(photo_id, b"another file of nearly the same picture", 0b1111)
    assert check(checker).note.verdict == "no_copy"
    assert catalog.sightings.count() == 0


def test_in_private_windows_too_a_dismissed_photo_is_left_out(checker: Checker, catalog: Catalog) -> None:
    photo_id = add_photo(catalog)
    catalog.decisions.dismiss(photo_id, b"another file of nearly the same picture", 0b1111)
    asker = Asker(Browser(""), Supplier(), keeps_nothing=True)
    assert check(checker, _IMAGE, asker).note.verdict == "no_copy"
    assert asyncio.run(checker.asked(_PAGE, _IMAGE, asker)).note.verdict == "no_copy"
