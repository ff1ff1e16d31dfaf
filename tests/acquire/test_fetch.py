"""Fetching from real servers on loopback, friendly and hostile."""

import asyncio
import base64
import errno
import gzip
import shutil
import socket
import ssl
import subprocess
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import NoReturn

import pytest
from aiohttp import web

from isthisme.acquire.address_guard import PUBLIC_ONLY, parse_page, parse_target
from isthisme.acquire.browser_headers import Browser
from isthisme.acquire.fetch import Fetcher, place_of
from isthisme.errors import (
    AddressRefused,
    Cancelled,
    DeadlineExceeded,
    FetchFailed,
    ImageTooLarge,
    NotThere,
    Offline,
    SiteRefused,
    TooManyRequests,
    UnreadableImage,
)
from tests.acquire.scripted_resolver import ScriptedResolver
from tests.acquire.site import PATIENCE_SECONDS, Site, until
from tests.ports import refusing_port

type RawSite = Callable[[bytes], Awaitable[str]]

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
PAGE = "http://127.0.0.1/page"


@pytest.fixture
async def impatient() -> AsyncIterator[Fetcher]:
    fetcher = Fetcher(timeout_seconds=0.3)
    yield fetcher
    await fetcher.aclose()


async def test_a_picture_is_fetched(site: Site, fetcher: Fetcher) -> None:
    fetched = await fetcher.fetch(site.serves("/a", b"bytes", Content_Type="image/png"), page_address=site.page)
    assert (fetched.data, fetched.final_address, fetched.media_type) == (b"bytes", site.address("/a"), "image/png")


async def test_a_picture_without_a_type_is_fetched(fetcher: Fetcher, raw_site: RawSite) -> None:
    address = await raw_site(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbytes")
    fetched = await fetcher.fetch(address, page_address=PAGE)
    assert (fetched.data, fetched.media_type) == (b"bytes", None)


async def test_a_picture_without_a_length_ends_with_its_connection(fetcher: Fetcher, raw_site: RawSite) -> None:
    address = await raw_site(b"HTTP/1.0 200 OK\r\n\r\nbytes")
    assert (await fetcher.fetch(address, page_address=PAGE)).data == b"bytes"


# What the site is told


@pytest.mark.parametrize(
    ("user_agent", "accept"),
    [
        (CHROME, "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"),
        (FIREFOX, "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"),
    ],
)
async def test_the_request_is_like_the_browsers(site: Site, fetcher: Fetcher, user_agent: str, accept: str) -> None:
    browser = Browser(user_agent, ("de-CH", "de", "no language\r\n"))
    await fetcher.fetch(site.serves("/a"), page_address=site.page, browser=browser)
    (request,) = site.requests
    assert request.method == "GET"
    assert dict(request.headers) == {
        "Host": f"127.0.0.1:{site.port}",
        "User-Agent": user_agent,
        "Accept": accept,
        "Accept-Encoding": "gzip, deflate",
        "Accept-Language": "de-CH,de;q=0.5" if "Firefox" in user_agent else "de-CH,de;q=0.9",
        "Referer": site.page,
        "Sec-Fetch-Dest": "image",
        "Sec-Fetch-Mode": "no-cors",
        "Sec-Fetch-Site": "same-origin",
        "Connection": "close",  # as this page is on a private address
    }


async def test_the_path_is_asked_for_as_it_is_written(site: Site, fetcher: Fetcher) -> None:
    paths = ["/a%2fb", "/a%2Fb?x=%20+%zz&y", "/a/./b/../b", "//a", "/?a#b"]
    for path in paths:
        with pytest.raises(FetchFailed, match="404"):
            await fetcher.fetch(site.address(path), page_address=site.page)
    assert [request.raw_path for request in site.requests] == [path.partition("#")[0] for path in paths]


@pytest.mark.parametrize("user_agent", [None, "", "a\r\nX-Evil: b", "ü", "x" * 501])
async def test_without_a_usable_user_agent_a_plain_one_is_named(
    site: Site, fetcher: Fetcher, user_agent: str | None
) -> None:
    await fetcher.fetch(site.serves("/a"), page_address=site.page, browser=Browser(user_agent or ""))
    assert site.requests[0].headers["User-Agent"] == "Mozilla/5.0"
    assert "X-Evil" not in site.requests[0].headers


async def test_another_origin_is_not_told_of_the_page(site: Site, fetcher: Fetcher) -> None:
    await fetcher.fetch(site.serves("/a"), page_address="http://127.0.0.1:1234/secret?q#f")
    assert "Referer" not in site.requests[0].headers


async def test_cookies_are_neither_kept_nor_sent(site: Site, fetcher: Fetcher) -> None:
    site.serves("/a", Set_Cookie="a=b; Path=/")
    site.serves("/b", status=302, Location="/a", Set_Cookie="c=d; Path=/")
    await fetcher.fetch(site.address("/b"), page_address=site.page)
    fetcher.forget()
    await fetcher.fetch(site.address("/a"), page_address=site.page)
    assert len(site.requests) == 3
    assert not any("Cookie" in request.headers for request in site.requests)


async def test_proxies_of_the_environment_are_not_used(
    site: Site, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    await fetcher.fetch(site.serves("/a"), page_address=site.page)
    assert len(site.requests) == 1


# Where it may lead


@pytest.mark.parametrize(
    "page", [None, "http://example.org/", "http://localhost/", "http://127.0.0.2/", "file:///home/ann/page.html"]
)
async def test_this_computer_is_not_asked_for_pages_from_elsewhere(
    site: Site, fetcher: Fetcher, page: str | None
) -> None:
    with pytest.raises(AddressRefused, match="this computer itself"):
        await fetcher.fetch(site.serves("/a"), page_address=page)
    assert not site.connections


async def test_a_name_that_leads_to_this_computer_is_not_asked(site: Site) -> None:
    resolver = ScriptedResolver({"photos.example": [["127.0.0.1"]]})
    fetcher = Fetcher(resolver=resolver)
    for page in (None, "http://example.org/", "http://photos.example/", site.address("/", "photos.example")):
        with pytest.raises(AddressRefused, match=r"photos\.example leads to 127\.0\.0\.1, which is this computer"):
            await fetcher.fetch(site.address("/a", "photos.example"), page_address=page)
    await fetcher.aclose()
    assert not site.connections
    assert resolver.is_closed


async def test_a_public_name_that_leads_to_a_private_network_is_not_asked_for_its_own_page_either() -> None:
    """Rebinding when the page is long loaded would let it choose what a router is asked."""
    fetcher = Fetcher(resolver=ScriptedResolver({"photos.example": [["192.168.1.1"]]}), timeout_seconds=0.3)
    with pytest.raises(AddressRefused, match=r"leads to 192\.168\.1\.1.*; open the page by its address"):
        await fetcher.fetch("http://photos.example/a", page_address="http://photos.example/")
    await fetcher.aclose()


async def test_a_name_that_is_public_and_then_this_computer_is_never_asked(site: Site) -> None:
    """Rebinding, at each question that is asked: none of the answers is connected to without being the one checked."""
    script = [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["::1"], ["::ffff:127.0.0.1"]]
    fetcher = Fetcher(resolver=ScriptedResolver({"photos.example": script}))
    for _ in script:
        with pytest.raises(AddressRefused):
            await fetcher.fetch(site.address("/a", "photos.example"), page_address="http://photos.example/")
    await fetcher.aclose()
    assert not site.connections


async def test_localhost_is_asked_for_its_own_pages_whatever_the_port(site: Site) -> None:
    fetcher = Fetcher(resolver=ScriptedResolver({"photos.localhost": [["127.0.0.1"]]}))
    site.serves("/a", b"bytes")
    page = "http://photos.localhost:3000/"
    assert (await fetcher.fetch(site.address("/a", "photos.localhost"), page_address=page)).data == b"bytes"
    await fetcher.aclose()


async def test_localhost_that_leads_elsewhere_is_not_asked() -> None:
    fetcher = Fetcher(resolver=ScriptedResolver({"localhost": [["8.8.8.8"]]}))
    with pytest.raises(AddressRefused, match=r"localhost leads to 8\.8\.8\.8"):
        await fetcher.fetch("http://localhost/a", page_address="http://localhost/")
    await fetcher.aclose()


@pytest.mark.parametrize(
    "host", ["localhost", "router.local", "router.lan", "metadata.google.internal", "x.onion", "127.0.0.1"]
)
async def test_local_names_are_not_even_looked_up(host: str) -> None:
    resolver = ScriptedResolver({host: [["8.8.8.8"]]})
    fetcher = Fetcher(resolver=resolver)
    with pytest.raises(AddressRefused):
        await fetcher.fetch(f"http://{host}/a", page_address="http://example.org/")
    assert not resolver.asked
    await fetcher.aclose()


async def test_an_unknown_name_is_said_to_be_unknown() -> None:
    fetcher = Fetcher(resolver=ScriptedResolver({}))
    with pytest.raises(FetchFailed, match=r"the name photos\.example is not known"):
        await fetcher.fetch("http://photos.example/a", page_address=None)
    await fetcher.aclose()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), Offline),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), FetchFailed),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), Offline),
        (OSError(errno.ECONNRESET, "Connection reset by peer"), FetchFailed),
    ],
)
async def test_a_computer_without_a_network_is_told_from_a_site_that_does_not_answer(
    fault: OSError, kind: type[FetchFailed]
) -> None:
    class _Faulty(ScriptedResolver):
        async def resolve(self, *_: object, **__: object) -> NoReturn:
            raise fault

    fetcher = Fetcher(resolver=_Faulty({}))
    with pytest.raises(FetchFailed) as raised:
        await fetcher.fetch("http://photos.example/a", page_address=None)
    assert type(raised.value) is kind
    await fetcher.aclose()


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/b", "b", "//127.0.0.1:{port}/b", "http://127.0.0.1:{port}/b#c"])
async def test_a_redirect_is_followed(site: Site, fetcher: Fetcher, status: int, location: str) -> None:
    site.serves("/b", b"bytes")
    address = site.serves("/a", b"not this", status, Location=location.format(port=site.port))
    fetched = await fetcher.fetch(address, page_address=site.page)
    assert (fetched.data, fetched.final_address) == (b"bytes", site.address("/b"))
    assert [request.headers["Referer"] for request in site.requests] == [site.page] * 2


async def test_how_the_bytes_came_is_told(site: Site, fetcher: Fetcher) -> None:
    site.serves("/b", b"bytes", X="5", Y="y" * 5000)
    address = site.serves("/a", b"not this", 302, Location="/b")
    exchange = (await fetcher.fetch(address, page_address=site.page)).exchange
    assert (exchange.address, exchange.final_address, exchange.by) == (address, site.address("/b"), "companion")
    assert (exchange.status, exchange.reason) == (200, "OK")
    assert dict(exchange.request_headers) == dict(site.requests[-1].headers)
    assert dict(exchange.response_headers)["X"] == "5"
    assert len(dict(exchange.response_headers)["Y"]) == 4096, "a site cannot fill the disk with headers"
    assert exchange.began is not None
    assert "Cookie" not in dict(exchange.request_headers)


async def test_five_redirects_are_followed_and_six_are_not(site: Site, fetcher: Fetcher) -> None:
    for number in range(6):
        site.serves(f"/{number}", status=302, Location=f"/{number + 1}")
    site.serves("/6", b"bytes")
    assert (await fetcher.fetch(site.address("/1"), page_address=site.page)).data == b"bytes"
    with pytest.raises(FetchFailed, match="redirects more than 5 times"):
        await fetcher.fetch(site.address("/0"), page_address=site.page)
    assert len(site.requests) == 6 + 6


async def test_a_circle_of_redirects_ends(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed, match="redirects more than 5 times"):
        await fetcher.fetch(site.serves("/a", status=302, Location="/a"), page_address=site.page)
    assert len(site.requests) == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:{port}/b",
        "http://localhost:{port}/b",
        "http://[::1]:{port}/b",
        "http://10.0.0.1/b",
        "http://169.254.169.254/latest/meta-data/",
        "http://user@127.0.0.1:{port}/b",
        "http://127.0.0.1:22/b",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "ftp://127.0.0.1/b",
        "http://0/b",
        "//10.1/b",
        "http:///b",
    ],
)
async def test_a_redirect_is_judged_like_any_address(site: Site, fetcher: Fetcher, location: str) -> None:
    site.serves("/b")
    address = site.serves("/a", status=302, Location=location.format(port=site.port))
    with pytest.raises(AddressRefused):
        await fetcher.fetch(address, page_address=site.page)
    assert [request.path for request in site.requests] == ["/a"]


async def test_a_redirect_to_a_name_that_leads_here_is_refused(site: Site) -> None:
    fetcher = Fetcher(resolver=ScriptedResolver({"photos.example": [["127.0.0.1"]]}))
    address = site.serves("/a", status=302, Location=site.address("/b", "photos.example"))
    with pytest.raises(AddressRefused, match=r"photos\.example leads to"):
        await fetcher.fetch(address, page_address=site.page)
    assert len(site.requests) == 1
    await fetcher.aclose()


@pytest.mark.parametrize("location", ["", "http://[", "http://[x]/"])
async def test_a_redirect_to_nowhere_is_an_error(site: Site, fetcher: Fetcher, location: str) -> None:
    with pytest.raises((FetchFailed, AddressRefused), match="redirects"):
        await fetcher.fetch(site.serves("/a", status=302, Location=location), page_address=site.page)


async def test_a_redirect_in_bytes_beyond_ascii_is_followed(fetcher: Fetcher, raw_site: RawSite, site: Site) -> None:
    site.serves("/ä", b"bytes")
    target = site.address("/").encode() + "ä".encode()
    address = await raw_site(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + target + b"\r\n\r\n")
    assert (await fetcher.fetch(address, page_address=PAGE)).data == b"bytes"


# What sites answer in place of pictures


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (201, "in place of a picture"),
        (204, "in place of a picture"),
        (206, "in place of a picture"),
        (300, "in place of a picture"),
        (304, "in place of a picture"),
        (401, "only to some visitors"),
        (403, "only to some visitors"),
        (404, "not there any more"),
        (410, "not there any more"),
        (418, "in place of a picture"),
        (429, "wants fewer requests; try again later"),
        (500, "in place of a picture; try again later"),
        (503, "wants fewer requests; try again later"),
    ],
)
async def test_another_status_is_said_in_words(site: Site, fetcher: Fetcher, status: int, words: str) -> None:
    with pytest.raises(FetchFailed, match=rf"127\.0\.0\.1 answered {status} \(.*{words}") as raised:
        await fetcher.fetch(site.serves("/a", status=status), page_address=site.page)
    assert isinstance(raised.value, SiteRefused) == (status in (401, 403))


async def test_a_site_that_wants_to_be_left_alone_says_for_how_long(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed, match="try again in 120 s"):
        await fetcher.fetch(site.serves("/a", status=429, Retry_After="120"), page_address=site.page)


@pytest.mark.parametrize(
    "media_type",
    ["text/html", "text/html; charset=utf-8", "TEXT/HTML", "application/xhtml+xml", "application/json", "video/mp4"],
)
async def test_another_thing_is_not_a_picture(site: Site, fetcher: Fetcher, media_type: str) -> None:
    with pytest.raises(FetchFailed, match="in place of a picture; it may want a sign-in"):
        await fetcher.fetch(site.serves("/a", Content_Type=media_type), page_address=site.page)


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/svg+xml", "application/octet-stream", "text/plain", "x"])
async def test_what_may_be_a_picture_is_fetched(site: Site, fetcher: Fetcher, media_type: str) -> None:
    await fetcher.fetch(site.serves("/a", Content_Type=media_type), page_address=site.page)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\xff garbage",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbyt",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nbytes\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nbytes",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\nbytes",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000 + b"\r\nbytes",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nbytes",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\nbytes",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
    ids=lambda answer: answer[:60],
)
async def test_a_broken_answer_is_an_error_of_ours(fetcher: Fetcher, raw_site: RawSite, answer: bytes) -> None:
    address = await raw_site(answer)
    with pytest.raises(FetchFailed, match=r"127\.0\.0\.1|the site"):
        await fetcher.fetch(address, page_address=PAGE)


async def test_a_port_that_nobody_listens_on_is_an_error_of_ours(fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed, match="did not give the picture"):
        await fetcher.fetch(f"http://127.0.0.1:{refusing_port()}/", page_address=PAGE)


# Limits


async def test_a_picture_of_the_largest_size_is_taken(site: Site, fetcher: Fetcher) -> None:
    body = b"x" * 100_000
    assert (await fetcher.fetch(site.serves("/a", body), page_address=site.page)).data == body
    packed = site.serves("/b", gzip.compress(body), Content_Encoding="gzip")
    assert (await fetcher.fetch(packed, page_address=site.page)).data == body


async def test_a_larger_one_is_refused_by_its_announcement(fetcher: Fetcher, raw_site: RawSite) -> None:
    address = await raw_site(b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n")
    with pytest.raises(ImageTooLarge, match=r"has 100001 bytes; the limit is 100000 \(max_bytes\)"):
        await fetcher.fetch(address, page_address=PAGE)


async def test_a_body_without_end_is_cut_off(site: Site, fetcher: Fetcher) -> None:
    hung_up = asyncio.Event()

    async def pour(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 10_000)
        finally:
            hung_up.set()

    with pytest.raises(ImageTooLarge, match="has more bytes; the limit is 100000"):
        await fetcher.fetch(site.handles("/a", pour), page_address=site.page)
    await asyncio.wait_for(hung_up.wait(), PATIENCE_SECONDS)


@pytest.mark.parametrize("behind", [bytes(20), gzip.compress(b"")], ids=["padding", "empty files"])
async def test_what_comes_behind_a_packed_picture_counts_as_well(site: Site, fetcher: Fetcher, behind: bytes) -> None:
    poured = 0

    async def pour(request: web.Request) -> web.StreamResponse:
        nonlocal poured
        response = web.StreamResponse(headers={"Content-Encoding": "gzip"})
        await response.prepare(request)
        await response.write(gzip.compress(b"x"))
        for _ in range(2000):
            await response.write(behind * 500)
            poured += len(behind) * 500
        return response

    with pytest.raises(ImageTooLarge, match="has more bytes; the limit is 100000"):
        await fetcher.fetch(site.handles("/a", pour), page_address=site.page)
    assert poured < 10_000_000  # what the sockets hold, of more


async def test_a_gzip_bomb_is_cut_off(site: Site, fetcher: Fetcher) -> None:
    bomb = gzip.compress(bytes(80_000_000))
    assert len(bomb) < 100_000
    address = site.serves("/a", bomb, Content_Encoding="gzip")
    tracemalloc.start()
    with pytest.raises(ImageTooLarge, match="has more bytes"):
        await fetcher.fetch(address, page_address=site.page)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize("stage", ["head", "body", "drops", "redirects"])
async def test_a_slow_site_is_given_up(site: Site, impatient: Fetcher, stage: str) -> None:
    async def dawdle(request: web.Request) -> web.StreamResponse:
        if stage == "redirects":
            await asyncio.sleep(0.1)
            return web.Response(status=302, headers={"Location": "/a"})
        response = web.StreamResponse()
        if stage == "head":
            await asyncio.sleep(5)
        await response.prepare(request)
        while stage == "drops":
            await response.write(b"x")
            await asyncio.sleep(0.02)
        await asyncio.sleep(5)
        return response

    with pytest.raises(DeadlineExceeded, match=r"127\.0\.0\.1 did not give the picture in 0\.3 seconds"):
        await impatient.fetch(site.handles("/a", dawdle), page_address=site.page)


async def test_a_name_service_that_does_not_answer_is_given_up() -> None:
    class Silent(ScriptedResolver):
        async def resolve(self, *_: object, **__: object) -> list:  # type: ignore[type-arg]
            await asyncio.sleep(5)
            return []

    fetcher = Fetcher(timeout_seconds=0.1, resolver=Silent({}))
    with pytest.raises(DeadlineExceeded):
        await fetcher.fetch("http://photos.example/", page_address=None)
    await fetcher.aclose()


async def test_six_requests_go_to_one_host_at_a_time_and_waiting_is_not_the_sites_fault(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever six have come half of the time passes that each has, and they are answered."""
    loop = asyncio.get_running_loop()
    clock, passed = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: clock() + passed)
    answered = asyncio.Event()

    async def take_a_while(request: web.Request) -> web.Response:
        nonlocal passed
        if len(site.requests) % 6:
            await answered.wait()
        else:
            passed += 30
            answered.set()
            answered.clear()
        return web.Response(body=b"x")

    fetcher = Fetcher(timeout_seconds=60)
    addresses = [site.handles(f"/{number}", take_a_while) for number in range(48)]
    await asyncio.gather(*(fetcher.fetch(address, page_address=site.page) for address in addresses))
    await fetcher.aclose()
    assert site.most_under_way == 6
    assert len(site.requests) == 48


class Gate:
    """A handler that lets nobody through before it is opened."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()

    async def wait(self, request: web.Request) -> web.Response:
        await self.opened.wait()
        return web.Response(body=b"x")


async def test_what_the_user_waits_for_does_not_wait_behind_a_page(site: Site, fetcher: Fetcher) -> None:
    gate = Gate()
    addresses = [site.handles(f"/{number}", gate.wait) for number in range(20)]
    looks = [asyncio.create_task(fetcher.fetch(address, page_address=site.page)) for address in addresses]
    await until(lambda: site.under_way == 6)
    urgent = await fetcher.fetch(site.serves("/a", b"bytes"), page_address=site.page, is_urgent=True)
    assert urgent.data == b"bytes"
    gate.opened.set()
    await asyncio.gather(*looks)


async def test_a_picture_that_waits_in_line_is_hurried_and_asked_for_once(site: Site, fetcher: Fetcher) -> None:
    gate = Gate()
    addresses = [site.handles(f"/{number}", gate.wait) for number in range(6)]
    looks = [asyncio.create_task(fetcher.fetch(address, page_address=site.page)) for address in addresses]
    await until(lambda: site.under_way == 6)
    address = site.serves("/a", b"bytes")
    passive = asyncio.create_task(fetcher.fetch(address, page_address=site.page))
    gone = asyncio.create_task(fetcher.fetch(address, page_address=site.page))
    await asyncio.sleep(0.01)
    urgent = asyncio.create_task(fetcher.fetch(address, page_address=site.page, is_urgent=True))
    gone.cancel()
    assert await urgent is await passive
    assert [request.path for request in site.requests].count("/a") == 1
    gate.opened.set()
    await asyncio.gather(*looks)
    await asyncio.gather(gone, return_exceptions=True)
    assert gone.cancelled()


async def test_a_picture_that_is_being_fetched_is_not_asked_for_again_in_haste(site: Site, fetcher: Fetcher) -> None:
    gate = Gate()
    address = site.handles("/a", gate.wait)
    passive = asyncio.create_task(fetcher.fetch(address, page_address=site.page))
    await until(lambda: site.under_way == 1)
    urgent = asyncio.create_task(fetcher.fetch(address, page_address=site.page, is_urgent=True))
    await asyncio.sleep(0.01)
    gate.opened.set()
    assert await urgent is await passive
    assert len(site.requests) == 1


# One request for many


async def test_those_who_want_the_same_share_one_request(site: Site, fetcher: Fetcher) -> None:
    address = site.serves("/a", b"bytes")
    fetched = await asyncio.gather(*(fetcher.fetch(address, page_address=site.page) for _ in range(20)))
    assert {picture.data for picture in fetched} == {b"bytes"}
    assert len(site.requests) == 1


async def test_a_second_look_asks_for_nothing(site: Site, fetcher: Fetcher) -> None:
    address = site.serves("/a")
    first = await fetcher.fetch(address, page_address=site.page)
    assert await fetcher.fetch(address + "#fragment", page_address=site.page) is first
    assert len(site.requests) == 1
    fetcher.forget()
    await fetcher.fetch(address, page_address=site.page)
    assert len(site.requests) == 2


async def test_a_page_that_may_not_reach_a_picture_does_not_get_it_from_memory_either(
    site: Site, fetcher: Fetcher
) -> None:
    address = site.serves("/a")
    await fetcher.fetch(address, page_address=site.page)
    with pytest.raises(AddressRefused):
        await fetcher.fetch(address, page_address="http://example.org/")


async def test_failures_are_not_remembered(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed):
        await fetcher.fetch(site.address("/a"), page_address=site.page)
    site.serves("/a", b"bytes")
    assert (await fetcher.fetch(site.address("/a"), page_address=site.page)).data == b"bytes"


async def test_all_who_wait_hear_of_a_failure(site: Site, fetcher: Fetcher) -> None:
    looks = (fetcher.fetch(site.address("/a"), page_address=site.page) for _ in range(5))
    results = await asyncio.gather(*looks, return_exceptions=True)
    assert [type(result) for result in results] == [NotThere] * 5
    assert len(site.requests) == 1


async def test_one_who_goes_away_leaves_the_others_their_picture(site: Site, fetcher: Fetcher) -> None:
    gate = Gate()
    address = site.handles("/a", gate.wait)
    leaves, stays = (asyncio.create_task(fetcher.fetch(address, page_address=site.page)) for _ in range(2))
    await until(lambda: site.under_way == 1)
    leaves.cancel()
    await asyncio.wait([leaves])
    gate.opened.set()
    assert (await stays).data == b"x"
    assert leaves.cancelled()
    assert len(site.requests) == 1


async def test_when_all_go_away_the_request_ends(site: Site, fetcher: Fetcher) -> None:
    address = site.handles("/a", Gate().wait)
    looks = [asyncio.create_task(fetcher.fetch(address, page_address=site.page)) for _ in range(3)]
    await until(lambda: bool(site.connections))
    (transport,) = site.connections
    for look in looks:
        look.cancel()
    await asyncio.gather(*looks, return_exceptions=True)
    await until(transport.is_closing)
    site.serves("/a", b"bytes")
    assert (await fetcher.fetch(address, page_address=site.page)).data == b"bytes"


async def test_closing_ends_what_is_under_way_with_a_word(site: Site) -> None:
    fetcher = Fetcher()
    look = asyncio.create_task(fetcher.fetch(site.handles("/a", Gate().wait), page_address=site.page))
    await until(lambda: bool(site.requests))
    await fetcher.aclose()
    with pytest.raises(Cancelled):
        await look


async def test_a_private_connection_is_never_kept_for_the_next_page(site: Site, fetcher: Fetcher) -> None:
    for number in range(3):
        await fetcher.fetch(site.serves(f"/{number}"), page_address=site.page)
    assert len(site.connections) == 3
    assert all(request.headers.get("Connection") != "keep-alive" for request in site.requests)


# data: addresses, and secure ones


async def test_a_data_address_asks_nobody(site: Site, fetcher: Fetcher) -> None:
    address = "data:image/png;base64," + base64.b64encode(b"bytes").decode()
    fetched = await fetcher.fetch(address, page_address=site.page)
    assert (fetched.data, fetched.media_type) == (b"bytes", "image/png")
    assert not site.connections


async def test_a_data_address_has_the_same_limit(fetcher: Fetcher) -> None:
    with pytest.raises(ImageTooLarge):
        await fetcher.fetch("data:," + "x" * 100_001, page_address=None)
    with pytest.raises(ImageTooLarge):
        await fetcher.fetch("data:," + "x" * 300_000, page_address=None)
    with pytest.raises(UnreadableImage):
        await fetcher.fetch("data:;base64,!", page_address=None)


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """A server's context with a certificate that nobody but itself vouches for."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate, and is not here")
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "certificate.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    names = ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    return context


async def test_a_site_with_a_certificate_of_its_own_making_is_not_asked(
    certificate: ssl.SSLContext, fetcher: Fetcher
) -> None:
    asked = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(1):
            asked.set()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", ssl=certificate)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(FetchFailed, match="no certificate that this computer trusts"):
        await fetcher.fetch(f"https://127.0.0.1:{port}/a", page_address="https://127.0.0.1/")
    assert not asked.is_set()
    server.close()


# Asking no more often than a browser would


async def test_what_a_site_does_not_want_kept_is_asked_for_again(site: Site, fetcher: Fetcher) -> None:
    address = site.serves("/a", Cache_Control="no-store")
    for _ in range(2):
        await fetcher.fetch(address, page_address=site.page)
    assert len(site.requests) == 2


async def test_what_is_stale_is_asked_about_and_sent_only_where_it_changed(site: Site, fetcher: Fetcher) -> None:
    body, tag = b"first", '"1"'

    async def answer(request: web.Request) -> web.Response:
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers)

    address = site.handles("/a", answer)
    first = await fetcher.fetch(address, page_address=site.page)
    assert await fetcher.fetch(address, page_address=site.page) is first
    body, tag = b"second", '"2"'
    assert (await fetcher.fetch(address, page_address=site.page)).data == b"second"
    assert [request.headers.get("If-None-Match") for request in site.requests] == [None, '"1"', '"1"']


async def test_a_site_that_says_unchanged_without_being_asked_gives_no_picture(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed, match="304"):
        await fetcher.fetch(site.serves("/a", status=304), page_address=site.page)


async def test_a_lasting_redirect_is_followed_from_memory(site: Site, fetcher: Fetcher) -> None:
    site.serves("/c", b"bytes")
    lasting, passing = site.serves("/a", status=301, Location="/c"), site.serves("/b", status=302, Location="/c")
    for _ in range(2):
        for address in (lasting, passing):
            assert (await fetcher.fetch(address, page_address=site.page)).data == b"bytes"
    assert [request.path for request in site.requests] == ["/a", "/c", "/b", "/b"]


async def test_an_answer_that_depends_on_the_browser_is_for_that_browser(site: Site, fetcher: Fetcher) -> None:
    address = site.serves("/a", Vary="User-Agent")
    for user_agent in ("A/1", "A/1", "B/1"):
        await fetcher.fetch(address, page_address=site.page, browser=Browser(user_agent))
    assert [request.headers["User-Agent"] for request in site.requests] == ["A/1", "B/1"]


@pytest.mark.parametrize(
    ("page", "is_shared"),
    [
        ("https://news.example/a", True),
        ("https://www.news.example/b", True),
        ("https://other.example/", False),
        ("http://8.8.8.8/", False),
        (None, False),
    ],
)
def test_what_is_kept_for_one_site_is_used_for_no_other(page: str | None, is_shared: bool) -> None:
    """Else a picture's server could give each visitor another mark, and follow them by it."""
    picture = parse_target("https://tracker.example/dot.gif")
    kept = place_of(picture, PUBLIC_ONLY, parse_page("https://news.example/"))
    assert (place_of(picture, PUBLIC_ONLY, parse_page(page)) == kept) == is_shared


@pytest.mark.parametrize("status", [429, 503])
async def test_a_site_that_wants_fewer_requests_gets_none(site: Site, fetcher: Fetcher, status: int) -> None:
    with pytest.raises(TooManyRequests, match="try again in 120 s"):
        await fetcher.fetch(site.serves("/a", status=status, Retry_After="120"), page_address=site.page)
    with pytest.raises(TooManyRequests, match="asked for fewer requests"):
        await fetcher.fetch(site.serves("/b"), page_address=site.page)
    assert len(site.requests) == 1


async def test_one_broken_picture_does_not_stop_the_others_of_its_site(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed, match="503"):
        await fetcher.fetch(site.serves("/a", status=503), page_address=site.page)
    assert (await fetcher.fetch(site.serves("/b", b"bytes"), page_address=site.page)).data == b"bytes"


async def test_those_in_line_do_not_ask_either_when_the_site_wants_fewer_requests(site: Site, fetcher: Fetcher) -> None:
    addresses = [site.serves(f"/{number}", status=429, Retry_After="60") for number in range(40)]
    looks = (fetcher.fetch(address, page_address=site.page) for address in addresses)
    results = await asyncio.gather(*looks, return_exceptions=True)
    assert {type(result) for result in results} == {TooManyRequests}
    assert len(site.requests) <= 6


# Whom a site is told of


async def test_a_frame_is_named_in_place_of_its_page(site: Site, fetcher: Fetcher) -> None:
    frame = site.address("/frame")
    await fetcher.fetch(site.serves("/a"), page_address="http://127.0.0.1/top", document_address=frame)
    await fetcher.fetch(site.serves("/b"), page_address=site.page, document_address="about:srcdoc")
    assert [request.headers.get("Referer") for request in site.requests] == [frame, None]


async def test_a_redirect_may_set_the_policy_for_the_rest_of_the_way(site: Site, fetcher: Fetcher) -> None:
    site.serves("/b", status=302, Location="/c", Referrer_Policy="something-newer")
    site.serves("/c")
    address = site.serves("/a", status=302, Location="/b", Referrer_Policy="something-newer, origin")
    await fetcher.fetch(address, page_address=site.page, referrer_policy="unsafe-url")
    assert [request.headers.get("Referer") for request in site.requests] == [site.page, *[site.address("/")] * 2]


async def test_two_pages_that_tell_different_things_do_not_share_a_request(site: Site, fetcher: Fetcher) -> None:
    gate = Gate()
    address = site.handles("/a", gate.wait)
    looks = [
        asyncio.create_task(fetcher.fetch(address, page_address=site.page, referrer_policy=policy))
        for policy in ("no-referrer", "origin", "origin")
    ]
    await until(lambda: len(site.requests) == 2)
    gate.opened.set()
    await asyncio.gather(*looks)
    assert {request.headers.get("Referer") for request in site.requests} == {None, site.address("/")}
    assert len(site.requests) == 2
