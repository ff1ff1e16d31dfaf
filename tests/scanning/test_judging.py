"""What a scan makes of a picture: an answer, a sighting, and nothing twice."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from isthisme.catalog import Catalog
from isthisme.catalog.generations import IndexMark
from isthisme.catalog.observations import Observation
from isthisme.domain import Answer, Exchange, Judgement, Match, Moment, PhotoDescription, Reason, SmallCopy, Verdict
from isthisme.scanning.found import FoundPicture
from isthisme.scanning.judging import Judge


class StandInMatcher:
    """Answers by the bytes: a verdict's name. Counts its questions."""

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, bool]] = []

    def answer(self, data: bytes, *, deep: bool = False) -> Answer:
        self.asked.append((data, deep))
        verdict = Verdict(data.decode())
        reason = Reason("unreadable_image", "broken") if verdict is Verdict.UNDECIDED else None
        corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
        match = Match(1, verdict, 0.9, (), "a copy", corners, corners)
        return Answer(Judgement(verdict, 0.9, (match,) if verdict.is_match else (), reason), 1, 100, 100, 1.0)


class StandInShrinker:
    def shrink(self, data: bytes) -> SmallCopy:
        return SmallCopy(b"small " + data, 7)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path / "catalog.db")) as opened:
        yield opened


@pytest.fixture
def matcher() -> StandInMatcher:
    return StandInMatcher()


def judge(catalog: Catalog, matcher: StandInMatcher, *, deep: bool = False, newest: int = 1) -> Judge:
    mark = IndexMark(1, newest, 0)
    return Judge(catalog, matcher, StandInShrinker(), lambda: mark, deep=deep)  # type: ignore[arg-type]


def found(data: bytes, page: str = "file:///a/pack.zip", **fields: str) -> FoundPicture:
    return FoundPicture(data, page, "file:///a/pack.zip/a.jpg", Exchange("a", "a", "file"), **fields)


def test_a_match_is_kept_with_its_bytes_and_how_they_came(catalog: Catalog, matcher: StandInMatcher) -> None:
    judged = judge(catalog, matcher).judge(found(b"copy"))
    assert judged.sighting_id is not None
    sighting = catalog.sightings.one(judged.sighting_id)
    assert sighting is not None
    assert (sighting.page_address, sighting.picture_address) == ("file:///a/pack.zip", "file:///a/pack.zip/a.jpg")
    assert catalog.sightings.original(sighting.picture_hash) == b"copy"
    (seen,) = catalog.observations.of(judged.sighting_id)
    assert (seen.kind, seen.presence, seen.exchange) == ("scan", "there", Exchange("a", "a", "file"))


def test_a_recording_says_nothing_of_now(catalog: Catalog, matcher: StandInMatcher) -> None:
    recorded = found(b"copy", "https://a.example/", words="recorded in file:///a.warc")
    number = judge(catalog, matcher).judge(recorded).sighting_id
    assert number is not None
    (seen,) = catalog.observations.of(number)
    assert (seen.presence, seen.words) == ("unknown", "recorded in file:///a.warc")


def test_a_picture_that_was_gone_and_is_found_again_brings_its_case_back(
    catalog: Catalog, matcher: StandInMatcher
) -> None:
    address = "https://a.example/a.jpg"
    on_page = FoundPicture(b"copy", "https://a.example/", address, Exchange(address, address, "companion", status=200))
    number = judge(catalog, matcher).judge(on_page).sighting_id
    assert number is not None
    case_id = catalog.cases.make("a.example", "a.example", [number])
    catalog.observations.add(number, Observation(Moment.now(), "recheck", "gone", "https://a.example/"))
    assert catalog.cases.one(case_id).status == "removed"
    judge(catalog, matcher).judge(found(b"copy", "https://a.example/", words="recorded in file:///a.warc"))
    assert catalog.cases.one(case_id).status == "removed", "a recording says nothing of now"
    judge(catalog, matcher).judge(on_page)
    assert catalog.cases.one(case_id).status == "came_back"


def test_what_did_not_match_is_not_judged_again(catalog: Catalog, matcher: StandInMatcher) -> None:
    first, second = (judge(catalog, matcher).judge(found(b"no_copy")) for _ in range(2))
    assert (first.note.verdict, second.note.verdict) == ("no_copy", "no_copy")
    assert (first.was_known, second.was_known) == (False, True)
    assert matcher.asked == [(b"no_copy", False)]


@pytest.mark.parametrize("data", [b"copy", b"possible_copy", b"undecided"])
def test_all_else_is_judged_again(catalog: Catalog, matcher: StandInMatcher, data: bytes) -> None:
    for _ in range(2):
        judge(catalog, matcher).judge(found(data))
    assert len(matcher.asked) == 2
    assert catalog.sightings.count() == (0 if data == b"undecided" else 1)


def test_a_closer_look_and_a_new_index_ask_again(catalog: Catalog, matcher: StandInMatcher) -> None:
    judge(catalog, matcher).judge(found(b"no_copy"))
    judge(catalog, matcher, deep=True).judge(found(b"no_copy"))
    judge(catalog, matcher, newest=2).judge(found(b"no_copy"))
    assert [deep for _, deep in matcher.asked] == [False, True, False]


def test_what_the_user_dismissed_is_not_kept(catalog: Catalog, matcher: StandInMatcher) -> None:
    number = judge(catalog, matcher).judge(found(b"copy")).sighting_id
    assert number is not None
    photo = PhotoDescription(None, 9, 9, np.array([7], np.uint64), None, b"preview")
    assert catalog.photos.add(b"hash", photo, b"/photos/1.jpg") == 1
    catalog.decisions.dismiss(1, *(catalog.sightings.hashes_of(number) or (b"", None)))
    judged = judge(catalog, matcher).judge(found(b"copy", "file:///a/other.zip"))
    assert (judged.sighting_id, judged.note.verdict) == (None, "no_copy")
    assert judged.note.reason is not None
    assert judged.note.reason.code == "dismissed"


def test_a_picture_in_the_page_itself_is_not_kept_in_its_address(catalog: Catalog, matcher: StandInMatcher) -> None:
    inline = FoundPicture(b"copy", "https://a.example/", "data:image/png;base64," + "A" * 500, Exchange("", "", "page"))
    number = judge(catalog, matcher).judge(inline).sighting_id
    sighting = catalog.sightings.one(number or 0)
    assert sighting is not None
    assert len(sighting.picture_address) == 101
