"""A site that answers the fetcher with any bytes at all, over a real connection on the loopback address."""

import asyncio
from pathlib import Path

from isthisme.acquire.fetch import Fetcher
from isthisme.errors import IsThisMeError
from tests.fuzz.target import Target, pieces, promise

_MOST = 2_000  # bytes of a picture
_PATIENCE_SECONDS = 2.0
_PNG = b"\x89PNG\r\n\x1a\n"


def target(_scratch: Path) -> Target:
    loop = asyncio.new_event_loop()
    site = loop.run_until_complete(_Site.open())

    def attack(data: bytes) -> int:
        """The first byte says how the answer is cut up; then the site hangs up.

        A picture of no more bytes than agreed, from that host, or an IsThisMeError in a few words, in its time.
        """
        return loop.run_until_complete(site.attack(data))

    def close() -> None:
        loop.run_until_complete(site.close())
        loop.close()

    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"
    return Target(
        name="web_answers",
        attack=attack,
        seeds=tuple(
            bytes((cut,)) + each
            for cut in (0, 3)
            for each in (
                head + b"Content-Length: 8\r\n\r\n" + _PNG,
                head + b"\r\n" + _PNG * 400,
                head + b"Transfer-Encoding: chunked\r\n\r\n8\r\n" + _PNG + b"\r\n0\r\n\r\n",
                head + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" + _PNG,
                head + b"Content-Length: 99999999999999999999\r\n\r\n" + _PNG,
                head + b"Content-Length: 8\r\nContent-Length: 9\r\n\r\n" + _PNG,
                head + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0",
                b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n",
                b"HTTP/1.1 301 M\r\nLocation: http://10.0.0.1/\r\nReferrer-Policy: origin\r\nContent-Length: 0\r\n\r\n",
                b"HTTP/1.1 302 F\r\nLocation: \xff\xfe//[::1\r\nContent-Length: 0\r\n\r\n",
                b"HTTP/1.1 429 Slow\r\nRetry-After: 99999999\r\nContent-Length: 0\r\n\r\n",
                b"HTTP/1.1 103 Hints\r\n\r\n" * 3 + head + b"Content-Length: 0\r\n\r\n",
                b"HTTP/1.1 999 \xff\r\n" + b"A: b\r\n" * 200 + b"\r\n",
                b"HTTP/9.9 200\n\n",
                b"<html>no HTTP</html>",
            )
        ),
        covers=("isthisme.acquire.fetch", "isthisme.acquire.refusals", "isthisme.acquire.exchanges"),
        runs_in_ci=120,
        unit="answers",
        words=(
            b"\r\n",
            b"\r\n\r\n",
            b"Location: ",
            b"Content-Length: ",
            b"Transfer-Encoding: chunked\r\n",
            b"HTTP/1.1 ",
            b"304",
            b"204",
            b"Content-Type: text/html\r\n",
            b"Content-Encoding: br\r\n",
            b"Set-Cookie: a=b\r\n",
            b"\x00",
            b"http://127.0.0.1:1/",
            b"//a.example/",
            b"data:,a",
            b"-1",
            b"A" * 9000,
            b"Vary: *\r\n",
            b"ETag: \xff\r\n",
        ),
        largest=12_000,
        close=close,
    )


class _Site:
    def __init__(self) -> None:
        self.answer: list[bytes] = []
        self.port = 0
        self._server: asyncio.Server | None = None

    @classmethod
    async def open(cls) -> "_Site":
        site = cls()
        site._server = await asyncio.start_server(site._serve, "127.0.0.1", 0)
        site.port = site._server.sockets[0].getsockname()[1]
        return site

    async def attack(self, data: bytes) -> int:
        self.answer = pieces(data[1:], data[0] % 8 if data else 0)
        fetcher = Fetcher(max_bytes=_MOST, timeout_seconds=_PATIENCE_SECONDS)
        address = f"http://127.0.0.1:{self.port}/a.png"
        try:
            found = await fetcher.fetch(address, page_address=f"http://127.0.0.1:{self.port}/")
        except IsThisMeError as error:
            promise(len(str(error)) < 2_000, "an error repeats the answer")
            return 1
        finally:
            await fetcher.aclose()
        promise(len(found.data) <= _MOST, "more bytes than agreed")
        promise(found.final_address.startswith("http://127.0.0.1:"), "another host than the page's")
        return 1

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            for piece in self.answer[:300]:
                writer.write(piece)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()
