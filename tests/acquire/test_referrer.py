"""What a site is told about the page."""

import pytest

from isthisme.acquire.address_guard import parse_page, parse_target
from isthisme.acquire.referrer import referrer


@pytest.mark.parametrize(
    ("page", "picture", "told"),
    [
        ("https://a.example/p?q#f", "https://a.example/i.jpg", "https://a.example/p?q"),
        ("https://user:word@a.example/p", "https://a.example/i.jpg", "https://a.example/p"),
        ("https://a.example/p?q", "https://b.example/i.jpg", None),
        ("https://a.example:8443/p", "https://a.example:8443/i.jpg", "https://a.example:8443/p"),
        ("https://a.example/p", "https://a.example:8443/i.jpg", None),
        ("https://a.example/p", "https://sub.a.example/i.jpg", None),
        ("https://a.example/p", "http://a.example/i.jpg", None),
        ("https://a.example/p", "http://b.example/i.jpg", None),
        ("http://a.example/p", "https://a.example/i.jpg", None),
        ("http://a.example/p", "http://b.example/i.jpg", None),
        ("https://a.example/" + "p" * 5000, "https://a.example/i.jpg", "https://a.example/"),
        ("file:///home/ann/p.html", "https://a.example/i.jpg", None),
        (None, "https://a.example/i.jpg", None),
    ],
)
def test_only_the_pages_own_site_is_told_of_the_page(page: str | None, picture: str, told: str | None) -> None:
    assert referrer(parse_page(page), parse_target(picture)) == told
