"""What a browser would send with a request for a picture."""

import pytest

from isthisme.acquire.address_guard import parse_page, parse_target
from isthisme.acquire.browser_headers import Browser, site_headers


@pytest.mark.parametrize(
    ("user_agent", "languages", "told"),
    [
        ("Chrome/156", ("en-US",), "en-US"),
        ("Chrome/156", ("en-US", "en", "de", "fr"), "en-US,en;q=0.9,de;q=0.8,fr;q=0.7"),
        ("Firefox/153", ("en-US", "en"), "en-US,en;q=0.5"),
        ("Firefox/153", ("de", "en-US", "en"), "de,en-US;q=0.7,en;q=0.3"),
        ("Chrome/156", ("de", "x y", "en\r\nX: y", "", "-"), "de"),
        ("Chrome/156", (), None),
        ("Chrome/156", ("\u00fc",), None),
    ],
)
def test_languages_are_told_as_each_browser_does(user_agent: str, languages: tuple[str, ...], told: str | None) -> None:
    assert Browser(user_agent, languages).headers().get("Accept-Language") == told


@pytest.mark.parametrize(
    ("page", "way", "site"),
    [
        ("https://www.shop.example/", ["https://www.shop.example/a"], "same-origin"),
        ("https://www.shop.example/", ["https://img.shop.example/a"], "same-site"),
        ("https://www.shop.example/", ["https://www.shop.example:8443/a"], "same-site"),
        ("https://www.shop.example/", ["https://cdn.example/a"], "cross-site"),
        ("http://www.shop.example/", ["https://www.shop.example/a"], "cross-site"),
        ("https://ann.github.io/", ["https://bob.github.io/a"], "cross-site"),
        ("https://a.shop.co.uk/", ["https://b.shop.co.uk/a"], "same-site"),
        ("https://a.co.uk/", ["https://b.co.uk/a"], "cross-site"),
        ("http://127.0.0.1:3000/", ["http://127.0.0.1:3000/a"], "same-origin"),
        ("http://127.0.0.1:3000/", ["http://127.0.0.1:9000/a"], "same-site"),
        ("http://localhost/", ["http://127.0.0.1/a"], "cross-site"),
        (None, ["https://www.shop.example/a"], "cross-site"),
        # a redirect that comes home has been away
        ("https://shop.example/", ["https://cdn.example/a", "https://shop.example/a"], "cross-site"),
        ("https://shop.example/", ["https://img.shop.example/a", "https://shop.example/a"], "same-site"),
    ],
)
def test_a_site_is_told_how_the_page_belongs_to_it(page: str | None, way: list[str], site: str) -> None:
    assert site_headers(parse_page(page), [parse_target(each) for each in way]) == {
        "Sec-Fetch-Dest": "image",
        "Sec-Fetch-Mode": "no-cors",
        "Sec-Fetch-Site": site,
    }


@pytest.mark.parametrize("address", ["http://shop.example/a", "http://192.168.1.1/a"])
def test_who_can_be_listened_to_is_told_nothing(address: str) -> None:
    assert site_headers(parse_page("http://shop.example/"), [parse_target(address)]) == {}
