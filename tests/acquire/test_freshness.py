"""How long answers hold, by what sites say about them."""

import pytest
from multidict import CIMultiDict

from isthisme.acquire.freshness import lifetime_seconds, retry_seconds

NOW = 1_000_000_000.0  # Sun, 09 Sep 2001 01:46:40 GMT
DATE = "Sun, 09 Sep 2001 01:46:40 GMT"
HOUR_LATER = "Sun, 09 Sep 2001 02:46:40 GMT"
TEN_DAYS_BEFORE = "Thu, 30 Aug 2001 01:46:40 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 300.0),
        ({"Cache-Control": "no-store"}, None),
        ({"Cache-Control": "max-age=100, No-Store"}, None),
        ({"Vary": "*"}, None),
        ({"Cache-Control": "no-cache"}, 0.0),
        ({"Cache-Control": 'no-cache="Set-Cookie"'}, 0.0),
        ({"Pragma": "no-cache"}, 0.0),
        ({"Pragma": "no-cache", "Cache-Control": "max-age=9"}, 9.0),
        ({"Cache-Control": "max-age=100"}, 100.0),
        ({"cache-control": "MAX-AGE=100"}, 100.0),
        ({"Cache-Control": 'public, max-age="100", immutable'}, 100.0),
        ({"Cache-Control": "max-age=0"}, 0.0),
        ({"Cache-Control": "max-age=-5"}, 0.0),
        ({"Cache-Control": "max-age=soon"}, 0.0),
        ({"Cache-Control": "max-age"}, 0.0),
        ({"Cache-Control": "max-age=99999999999999999999"}, 3_600.0),
        ({"Cache-Control": "max-age=100", "Age": "40"}, 60.0),
        ({"Cache-Control": "max-age=100", "Age": "400"}, 0.0),
        ({"Cache-Control": "max-age=100", "Age": "old"}, 100.0),
        ({"Cache-Control": "max-age=100", "Expires": HOUR_LATER}, 100.0),
        ({"Expires": HOUR_LATER, "Date": DATE}, 3_600.0),
        ({"Expires": HOUR_LATER}, 3_600.0),
        ({"Expires": DATE, "Date": HOUR_LATER}, 0.0),
        ({"Expires": "0"}, 0.0),
        ({"Last-Modified": TEN_DAYS_BEFORE, "Date": DATE}, 3_600.0),
        ({"Last-Modified": "Sun, 09 Sep 2001 00:46:40 GMT", "Date": DATE}, 360.0),
        ({"Last-Modified": HOUR_LATER, "Date": DATE}, 0.0),
        ({"Cache-Control": "s-maxage=5"}, 300.0),  # for proxies
        ({"Cache-Control": "private, must-revalidate"}, 300.0),
    ],
)
def test_an_answer_holds_as_long_as_its_site_says(headers: dict[str, str], seconds: float | None) -> None:
    assert lifetime_seconds(CIMultiDict(headers), NOW) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        (HOUR_LATER, 3_600.0),
        (TEN_DAYS_BEFORE, 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1e9", None),
        ("9" * 400, None),
    ],
)
def test_a_site_says_when_to_come_again(value: str, seconds: float | None) -> None:
    assert retry_seconds(value, NOW) == seconds
