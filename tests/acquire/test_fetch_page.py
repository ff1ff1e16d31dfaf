"""Fetching pages that the user wants to be looked through."""

import pytest
from aiohttp import web

from isthisme.acquire.fetch import Fetcher
from isthisme.errors import AddressRefused, FetchFailed, ImageTooLarge, NotThere, SiteRefused, TooManyRequests
from tests.acquire.site import Site


async def test_a_page_is_asked_for_as_a_browser_opens_one(site: Site, fetcher: Fetcher) -> None:
    address = site.serves("/gallery", b"<p>", Content_Type="text/html; charset=Windows-1252")
    fetched = await fetcher.fetch_page(address, start_address=address)
    assert (fetched.data, fetched.final_address) == (b"<p>", address)
    assert (fetched.media_type, fetched.charset) == ("text/html", "Windows-1252")
    (request,) = site.requests
    assert request.headers["Accept"].startswith("text/html")
    assert "Cookie" not in request.headers
    assert "Referer" not in request.headers
    told = {name: request.headers.get(f"Sec-Fetch-{name}") for name in ("Dest", "Mode", "Site", "User")}
    assert told == {"Dest": "document", "Mode": "navigate", "Site": "none", "User": "?1"}


async def test_its_own_site_is_told_of_the_page_with_the_link(site: Site, fetcher: Fetcher) -> None:
    first = site.serves("/gallery", b"<p>", Content_Type="text/html")
    second = site.serves("/gallery/2", b"<p>", Content_Type="text/html")
    await fetcher.fetch_page(second, start_address=first, linked_from=first)
    (request,) = site.requests
    assert request.headers["Referer"] == first
    assert request.headers["Sec-Fetch-Site"] == "same-origin"


async def test_a_page_is_asked_for_anew_each_time(site: Site, fetcher: Fetcher) -> None:
    address = site.serves("/gallery", b"<p>", Content_Type="text/html", Cache_Control="max-age=3600", ETag='"1"')
    for _ in range(2):
        await fetcher.fetch_page(address, start_address=address)
    assert len(site.requests) == 2
    assert not any("If-None-Match" in request.headers for request in site.requests)


async def test_so_is_a_picture_where_kept_answers_will_not_do(site: Site, fetcher: Fetcher) -> None:
    address = site.serves("/a", b"bytes", Cache_Control="max-age=3600", ETag='"1"')
    await fetcher.fetch(address, page_address=site.page)
    await fetcher.fetch(address, page_address=site.page, uses_kept=False)
    assert len(site.requests) == 2
    assert "If-None-Match" not in site.requests[1].headers


async def test_a_page_may_be_behind_redirects(site: Site, fetcher: Fetcher) -> None:
    site.serves("/gallery/", b"<p>", Content_Type="text/html")
    start = site.serves("/gallery", status=301, Location="/gallery/")
    fetched = await fetcher.fetch_page(start, start_address=start)
    assert fetched.final_address == site.address("/gallery/")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"body": b"", "status": 404}, NotThere),
        ({"body": b"", "status": 410}, NotThere),
        ({"body": b"", "status": 403}, SiteRefused),
        ({"body": b"", "status": 429}, TooManyRequests),
        ({"body": b"", "status": 500}, FetchFailed),
        ({"body": b"GIF89a", "Content_Type": "image/gif"}, SiteRefused),
        ({"body": b"PK", "Content_Type": "application/zip"}, SiteRefused),
        ({"body": b"<p>" * 50_000, "Content_Type": "text/html"}, ImageTooLarge),
        ({"status": 302, "Location": "/gallery"}, FetchFailed),  # to itself, for ever
        ({"status": 302, "Location": "http://127.0.0.2/"}, AddressRefused),  # to another computer near by
        ({"status": 302, "Location": "file:///etc/passwd"}, AddressRefused),
    ],
)
async def test_what_is_no_page_is_refused(
    site: Site, fetcher: Fetcher, answer: dict[str, object], error: type[Exception]
) -> None:
    address = site.serves("/gallery", **answer)  # type: ignore[arg-type]
    with pytest.raises(error) as caught:
        await fetcher.fetch_page(address, start_address=address)
    assert type(caught.value) is error


async def test_a_public_page_does_not_lead_near(site: Site, fetcher: Fetcher) -> None:
    address = site.serves("/gallery", b"<p>", Content_Type="text/html")
    with pytest.raises(AddressRefused):
        await fetcher.fetch_page(address, start_address="https://gallery.example/", linked_from="https://a.example/")
    assert not site.requests


async def test_a_page_that_grows_when_unpacked_ends_at_the_limit(site: Site, fetcher: Fetcher) -> None:
    async def answer(request: web.Request) -> web.Response:
        response = web.Response(body=b"<p>" * 1_000_000, content_type="text/html")
        response.enable_compression(web.ContentCoding.gzip)
        return response

    address = site.handles("/gallery", answer)
    with pytest.raises(ImageTooLarge):
        await fetcher.fetch_page(address, start_address=address)
