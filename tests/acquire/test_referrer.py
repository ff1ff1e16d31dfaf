"""What a site is told about the page: all policies of the standard."""

import pytest

from isthisme.acquire.address_guard import parse_page, parse_target
from isthisme.acquire.referrer import POLICIES, effective_policy, referrer

PAGE = "https://forum.example/thread/7?u=ann"
PLAIN_PAGE = "http://forum.example/thread/7?u=ann"
ORIGIN, PLAIN_ORIGIN = "https://forum.example/", "http://forum.example/"
SAME, PLAIN_SAME = "https://forum.example/a.jpg", "http://forum.example/a.jpg"
OTHER, PLAIN_OTHER = "https://cdn.example/a.jpg", "http://cdn.example/a.jpg"

# policy: from a secure page to its own origin, to another secure one, to an insecure one;
#         from an insecure page to its own origin, to another insecure one, to a secure one
TABLE = {
    "no-referrer": (None, None, None, None, None, None),
    "no-referrer-when-downgrade": (PAGE, PAGE, None, PLAIN_PAGE, PLAIN_PAGE, PLAIN_PAGE),
    "same-origin": (PAGE, None, None, PLAIN_PAGE, None, None),
    "origin": (ORIGIN, ORIGIN, ORIGIN, PLAIN_ORIGIN, PLAIN_ORIGIN, PLAIN_ORIGIN),
    "strict-origin": (ORIGIN, ORIGIN, None, PLAIN_ORIGIN, PLAIN_ORIGIN, PLAIN_ORIGIN),
    "origin-when-cross-origin": (PAGE, ORIGIN, ORIGIN, PLAIN_PAGE, PLAIN_ORIGIN, PLAIN_ORIGIN),
    "strict-origin-when-cross-origin": (PAGE, ORIGIN, None, PLAIN_PAGE, PLAIN_ORIGIN, PLAIN_ORIGIN),
    "unsafe-url": (PAGE, PAGE, PAGE, PLAIN_PAGE, PLAIN_PAGE, PLAIN_PAGE),
    # the browsers' default
    "": (PAGE, ORIGIN, None, PLAIN_PAGE, PLAIN_ORIGIN, PLAIN_ORIGIN),
    "something-newer": (PAGE, ORIGIN, None, PLAIN_PAGE, PLAIN_ORIGIN, PLAIN_ORIGIN),
    # not known: as careful as the most careful page
    None: (PAGE, None, None, PLAIN_PAGE, None, None),
}
WAYS = [
    (PAGE, SAME),
    (PAGE, OTHER),
    (PAGE, PLAIN_OTHER),
    (PLAIN_PAGE, PLAIN_SAME),
    (PLAIN_PAGE, PLAIN_OTHER),
    (PLAIN_PAGE, OTHER),
]


@pytest.mark.parametrize(
    ("policy", "page", "picture", "told"),
    [
        (policy, page, picture, told)
        for policy, row in TABLE.items()
        for (page, picture), told in zip(WAYS, row, strict=True)
    ],
)
def test_each_policy_tells_what_the_standard_says(
    policy: str | None, page: str, picture: str, told: str | None
) -> None:
    assert referrer(parse_page(page), parse_target(picture), policy) == told


def test_the_table_has_every_policy() -> None:
    assert set(TABLE) >= POLICIES
    assert len(POLICIES) == 8


@pytest.mark.parametrize(
    ("words", "policy"),
    [
        ("No-Referrer", "no-referrer"),
        (" origin , strict-origin ", "strict-origin"),
        ("unsafe-url, something-newer", "unsafe-url"),
        ("something-newer,", "strict-origin-when-cross-origin"),
        ("never", "strict-origin-when-cross-origin"),  # the old words of <meta> are for its reader
    ],
)
def test_the_last_policy_that_is_known_counts(words: str, policy: str) -> None:
    assert effective_policy(words) == policy


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("http://localhost/p", "http://localhost/"),  # to this computer and back there is no way to read on
        ("https://forum.example/p", "https://forum.example/"),
    ],
)
def test_this_computer_is_no_downgrade(page: str, told: str) -> None:
    assert referrer(parse_page(page), parse_target("http://127.0.0.1:9000/a"), "strict-origin") == told


def test_leaving_this_computer_in_the_clear_is_a_downgrade() -> None:
    assert referrer(parse_page("http://localhost/p"), parse_target("http://cdn.example/a"), "strict-origin") is None


@pytest.mark.parametrize("page", ["about:srcdoc", "data:text/html,x", "file:///a.html", None])
def test_a_document_without_a_place_is_told_of_nowhere(page: str | None) -> None:
    assert referrer(parse_page(page), parse_target(OTHER), "unsafe-url") is None


def test_credentials_and_fragments_are_told_to_nobody() -> None:
    page = parse_page("https://ann:word@forum.example/thread#there")
    assert referrer(page, parse_target(OTHER), "unsafe-url") == "https://forum.example/thread"


def test_of_an_endless_address_only_the_origin_is_told() -> None:
    page = parse_page("https://forum.example/" + "a" * 5_000)
    assert referrer(page, parse_target(SAME), "unsafe-url") == ORIGIN
    assert referrer(page, parse_target(OTHER), None) is None
