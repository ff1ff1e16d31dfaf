"""What sites answered, kept in memory."""

from collections.abc import Callable

import pytest

from isthisme.acquire.answers import Answers, Fetched, Redirect
from isthisme.domain import Exchange

NOBODY: dict[str, str] = {}


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def answers(clock: Clock) -> Answers:
    return Answers(100_000, clock, clock)


def picture(size: int = 10) -> Fetched:
    address = "https://a.example/"
    return Fetched(bytes(size), address, None, Exchange(address, address, "companion"))


def test_what_is_kept_is_found_until_it_is_stale(answers: Answers, clock: Clock) -> None:
    kept = picture()
    answers.put("a", kept, NOBODY, {"Cache-Control": "max-age=10"})
    found = answers.get("a", NOBODY)
    assert found is not None
    assert found.answer is kept
    assert answers.is_fresh(found)
    clock.now += 10
    assert answers.get("a", NOBODY) is None, "nobody could say whether it has changed"


def test_what_is_stale_can_be_asked_about(answers: Answers, clock: Clock) -> None:
    headers = {"Cache-Control": "max-age=10", "ETag": '"1"', "Last-Modified": "Sun, 09 Sep 2001 01:46:40 GMT"}
    answers.put("a", picture(), NOBODY, headers)
    clock.now += 11
    found = answers.get("a", NOBODY)
    assert found is not None
    assert not answers.is_fresh(found)
    assert found.validators == {"If-None-Match": '"1"', "If-Modified-Since": "Sun, 09 Sep 2001 01:46:40 GMT"}
    answers.confirm("a", found, {"Cache-Control": "max-age=5"})
    assert answers.is_fresh(found)
    clock.now += 5
    assert not answers.is_fresh(found)


@pytest.mark.parametrize("headers", [{"Cache-Control": "no-store", "ETag": "1"}, {"Cache-Control": "no-cache"}])
def test_what_a_site_keeps_to_itself_is_not_kept(answers: Answers, headers: dict[str, str]) -> None:
    answers.put("a", picture(), NOBODY, headers)
    assert answers.get("a", NOBODY) is None


def test_nothing_is_kept_for_longer_than_an_hour(answers: Answers, clock: Clock) -> None:
    answers.put("a", picture(), NOBODY, {"Cache-Control": "no-cache", "ETag": '"somebody"'})
    clock.now += 3_599
    found = answers.get("a", NOBODY)
    assert found is not None
    answers.confirm("a", found, {"Cache-Control": "max-age=3600"})
    clock.now += 1
    assert answers.get("a", NOBODY) is None


@pytest.mark.parametrize("tag", ["", " ", "\udcff", "x" * 501, "a\x7f"])
def test_what_could_not_be_sent_back_is_no_validator(answers: Answers, tag: str) -> None:
    answers.put("a", picture(), NOBODY, {"Cache-Control": "max-age=5", "ETag": tag})
    found = answers.get("a", NOBODY)
    assert found is not None
    assert found.validators == {}


def test_an_answer_is_for_requests_like_the_first(answers: Answers) -> None:
    answers.put("a", picture(), {"Accept": "image/*"}, {"Vary": "Accept, Cookie"})
    assert answers.get("a", {"Accept": "image/*", "Referer": "x"}) is not None
    assert answers.get("a", {"Accept": "text/html"}) is None
    assert answers.get("a", {"Accept": "image/*", "Cookie": "a=b"}) is None


def test_the_newest_answer_counts(answers: Answers) -> None:
    newer = picture()
    answers.put("a", picture(), NOBODY, NOBODY)
    answers.put("a", newer, NOBODY, NOBODY)
    found = answers.get("a", NOBODY)
    assert found is not None
    assert found.answer is newer


@pytest.mark.parametrize(
    ("redirect", "headers", "is_kept"),
    [
        (Redirect("/b", True, None), {}, True),
        (Redirect("/b", False, None), {}, False),
        (Redirect("/b", False, None), {"Cache-Control": "max-age=9"}, True),
        (Redirect("/b", True, None), {"Cache-Control": "no-cache", "ETag": "1"}, False),
    ],
)
def test_redirects_are_kept_where_they_are_meant_to_last(
    answers: Answers, redirect: Redirect, headers: dict[str, str], is_kept: bool
) -> None:
    answers.put("a", redirect, NOBODY, headers)
    assert (answers.get("a", NOBODY) is not None) == is_kept


def test_what_was_not_used_for_longest_makes_room(answers: Answers) -> None:
    for key in ("a", "b"):
        answers.put(key, picture(40_000), NOBODY, NOBODY)
    answers.get("a", NOBODY)
    answers.put("c", picture(40_000), NOBODY, NOBODY)
    assert [answers.get(key, NOBODY) is not None for key in ("a", "b", "c")] == [True, False, True]
    answers.put("huge", picture(99_000), NOBODY, NOBODY)
    assert answers.get("huge", NOBODY) is None


@pytest.mark.parametrize(
    "empty", [lambda answers: answers.clear(), lambda answers: answers.put("a", picture(1), {}, {})]
)
def test_room_is_counted_right_after_clearing_and_replacing(answers: Answers, empty: Callable[[Answers], None]) -> None:
    answers.put("a", picture(90_000), NOBODY, NOBODY)
    empty(answers)
    answers.put("b", picture(90_000), NOBODY, NOBODY)
    assert answers.get("b", NOBODY) is not None


def test_what_may_not_be_used_again_goes_without_being_asked_for(answers: Answers, clock: Clock) -> None:
    answers.put("for five minutes", picture(), NOBODY, NOBODY)
    answers.put("to be asked about", picture(), NOBODY, {"ETag": '"1"', "Cache-Control": "max-age=10"})
    answers.drop_useless()
    assert len(answers) == 2
    clock.now += 300
    answers.drop_useless()
    assert len(answers) == 1
    assert answers.get("to be asked about", NOBODY) is not None
    clock.now += 3_300
    answers.drop_useless()
    assert len(answers) == 0
    answers.put("large", picture(95_000), NOBODY, NOBODY)
    assert len(answers) == 1, "the room of what went is free"


def with_headers(count: int, length: int) -> Fetched:
    address = "https://a.example/dot.gif"
    headers = tuple((f"X-{number}", "x" * length) for number in range(count))
    return Fetched(bytes(43), address, None, Exchange(address, address, "companion", response_headers=headers))


@pytest.mark.parametrize(
    ("key", "answer", "response", "most"),
    [
        ("dot", with_headers(0, 0), {}, 100),
        ("dot", with_headers(10, 100), {}, 40),
        ("dot", with_headers(100, 1), {}, 10),
        ("dot", with_headers(0, 0), {"Vary": ",".join(f"X-{number}" for number in range(50))}, 12),
        ("x" * 16_000, Redirect("/b", True, None), {}, 6),
        ("dot", Redirect("/b", True, None), {}, 100),
    ],
)
def test_an_answer_counts_with_all_that_it_takes(
    answers: Answers, key: str, answer: Fetched | Redirect, response: dict[str, str], most: int
) -> None:
    """A picture of 43 bytes takes a hundred times as much."""
    for number in range(200):
        answers.put(f"{key}{number}", answer, NOBODY, response)
    assert 0 < len(answers) <= most
