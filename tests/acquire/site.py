"""A site on loopback that does what a test tells it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

PATIENCE_SECONDS = 60.0  # for machines that are busy

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """A real server on 127.0.0.1. Its paths are handlers; it remembers every request."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}
        self.requests: list[web.Request] = []
        self.under_way = self.most_under_way = 0
        self.connections: set[Any] = set()
        self._server = TestServer(self._app())

    async def start(self) -> None:
        await self._server.start_server()

    async def close(self) -> None:
        await self._server.close()

    @property
    def port(self) -> int:
        assert self._server.port is not None
        return self._server.port

    def address(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    @property
    def page(self) -> str:
        """A page on this site."""
        return self.address("/page?q=1")

    def serves(self, path: str, body: bytes = b"picture", status: int = 200, **headers: str) -> str:
        """Makes the path answer, and gives its address. Header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def handler(request: web.Request) -> web.Response:
            return web.Response(body=body, status=status, headers=named)

        self.handlers[path] = handler
        return self.address(path)

    def handles(self, path: str, handler: Handler) -> str:
        self.handlers[path] = handler
        return self.address(path)

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.connections.add(request.transport)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            handler = self.handlers.get(request.path)
            return web.Response(status=404) if handler is None else await handler(request)
        finally:
            self.under_way -= 1


async def until(holds: Callable[[], bool]) -> None:
    """Waits for what happens elsewhere."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110 - it happens on the other side of a socket
            await asyncio.sleep(0.005)
