"""The web of the soak: a few hosts on loopback addresses, whose pictures are made when they are asked for."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from tests.soak import pictures

HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 9))
BUSY_HOST = "127.0.0.9"  # asks for fewer requests again and again
_DRIP_SECONDS = 1.0
_SLOW_SECONDS, _PIECES = 1.0, 5
_REFUSALS = {
    "missing": ("404 Not Found",),
    "refused": ("403 Forbidden",),
    "supplied": ("403 Forbidden",),
    "failing": ("503 Service Unavailable",),
    "busy": ("429 Too Many Requests", "Retry-After: 2"),
}
_ENDLESS_CHUNK = bytes(1 << 16)


class Site:
    """All hosts together. `drop` takes them off the network, `stall` lets them hang."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()  # by the first part of the path
        self._servers: dict[str, asyncio.Server] = {}
        self._ports: dict[str, int] = {}
        self._open: set[asyncio.StreamWriter] = set()
        self._answers = asyncio.Event()
        self._answers.set()
        self._artist = ThreadPoolExecutor(1, thread_name_prefix="artist")

    def address(self, host: str, path: str) -> str:
        return f"http://{host}:{self._ports[host]}{path}"

    async def listen(self) -> None:
        for host in (*HOSTS, BUSY_HOST):
            server = await asyncio.start_server(self._serve, host, self._ports.get(host, 0))
            self._servers[host] = server
            self._ports[host] = server.sockets[0].getsockname()[1]

    async def drop(self, seconds: float) -> None:
        """Nobody listens, and what was under way is cut off."""
        self._hang_up()
        await asyncio.sleep(seconds)
        await self.listen()

    async def stall(self, seconds: float) -> None:
        """Connections are taken, and nothing is said on them."""
        self._answers.clear()
        await asyncio.sleep(seconds)
        self._answers.set()

    def close(self) -> None:
        self._hang_up()
        self._artist.shutdown(cancel_futures=True)

    def _hang_up(self) -> None:
        for server in self._servers.values():
            server.close()
        self._servers.clear()
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            await self._answers.wait()
            await self._answer(request.split(b" ", 2)[1].decode(), writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the daemon, or the network, is gone
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, path: str, writer: asyncio.StreamWriter) -> None:
        part, _, rest = path.strip("/").partition("/")
        self.asked[part] += 1
        if part in _REFUSALS:
            _head(writer, *_REFUSALS[part])
            return
        match part:
            case "moved":
                _head(writer, "302 Found", f"Location: /{rest}")
            case "cut":
                _head(writer, "200 OK", "Content-Type: image/jpeg", length=9_000)
                writer.write(b"\xff\xd8\xff" + bytes(500))
            case "endless":
                _head(writer, "200 OK", "Content-Type: image/jpeg", length=None)
                while not writer.is_closing():
                    writer.write(_ENDLESS_CHUNK)
                    await writer.drain()
            case "drip":
                _head(writer, "200 OK", "Content-Type: image/jpeg", length=9_000)
                while not writer.is_closing():
                    writer.write(b"\xff")
                    await writer.drain()
                    await asyncio.sleep(_DRIP_SECONDS)
            case "poison":
                kind, body = pictures.poison(int(rest.split(".")[0]))
                _head(writer, "200 OK", f"Content-Type: {kind}", length=len(body))
                writer.write(body)
            case _:
                body = await self._drawn(f"/{rest}" if part == "slow" else path)
                _head(writer, "200 OK", "Content-Type: image/jpeg", length=len(body))
                await _write(writer, body, seconds=_SLOW_SECONDS if part == "slow" else 0.0)

    async def _drawn(self, path: str) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._artist, pictures.picture, path)


def _head(writer: asyncio.StreamWriter, status: str, *headers: str, length: int | None = 0) -> None:
    lengths = [] if length is None else [f"Content-Length: {length}"]
    lines = [f"HTTP/1.1 {status}", *headers, *lengths, "Connection: close"]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())


async def _write(writer: asyncio.StreamWriter, body: bytes, *, seconds: float) -> None:
    """At once, or in pieces over that time."""
    size = len(body) // _PIECES + 1 if seconds else len(body)
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / _PIECES)
        writer.write(body[start : start + size])


@contextlib.asynccontextmanager
async def picture_site() -> AsyncIterator[Site]:
    site = Site()
    await site.listen()
    try:
        yield site
    finally:
        site.close()
