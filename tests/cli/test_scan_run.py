"""One run of a scan: waiting for sites that want fewer requests."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from isthisme.acquire.fetch import Fetcher
from isthisme.cli.scan_run import Outcome, Run
from tests.acquire.site import Site


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    await site.start()
    yield site
    await site.close()


@pytest.mark.parametrize(("refusals", "asked", "words"), [(2, 3, None), (3, 3, "answered 429")])
async def test_a_site_that_wants_fewer_requests_is_waited_for(
    site: Site, refusals: int, asked: int, words: str | None
) -> None:
    async def refuse(_request: web.Request) -> web.Response:
        if len(site.requests) <= refusals:
            return web.Response(status=429, headers={"Retry-After": "0"})
        return web.Response(body=b"nothing", content_type="application/pdf")  # ends it, with other words

    address = site.handles("/album", refuse)
    fetcher = Fetcher()
    outcome = Outcome()
    run = Run(fetcher, None, None, 1, 5, outcome, patience_seconds=(0.0, 0.0))  # type: ignore[arg-type]
    await run.scan([address])
    await fetcher.aclose()
    assert len(site.requests) == asked
    (unread,) = outcome.unread
    assert (words or "application/pdf in place of a page") in unread.words
