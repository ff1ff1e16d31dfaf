"""A site on loopback, and a fetcher with small limits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from isthisme.acquire.fetch import Fetcher
from tests.acquire.site import PATIENCE_SECONDS, Site


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    await site.start()
    yield site
    await site.close()


@pytest.fixture
async def raw_site() -> AsyncIterator[Callable[[bytes], Awaitable[str]]]:
    """Starts a server that answers any request with these very bytes, then hangs up."""
    servers: list[asyncio.Server] = []

    async def start(answer: bytes) -> str:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1")
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"

    yield start
    for server in servers:
        server.close()


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    fetcher = Fetcher(max_bytes=100_000, timeout_seconds=PATIENCE_SECONDS)
    yield fetcher
    await fetcher.aclose()
