"""A daemon that runs for weeks: when pages have come and gone, however they ended, nothing of them is left in memory.

What is kept on purpose has a limit: what sites answered (`tests/acquire/test_answers.py`), answers by content
(`test_known_answers.py`), hosts that asked to be left alone (`tests/acquire/test_backoff.py`).
"""

import asyncio
import base64
import gc
import json
import struct
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, closing
from pathlib import Path
from typing import Any, cast

import pytest

from isthisme.acquire.fetch import Fetcher
from isthisme.catalog import Catalog
from isthisme.domain import Answer, Judgement, SmallCopy, Verdict
from isthisme.index_files import IndexFiles
from isthisme.live_index import LiveIndex
from isthisme.server.checking import Checker
from isthisme.server.frames import framed
from isthisme.server.handlers import Handlers
from isthisme.server.session import Session
from isthisme.server.threads import Threads
from tests.picture_site import Site, picture_site

_ROUNDS = 6
_PICTURE = b"\xff\xd8\xff the same picture at every address"
_HELD = "/held.jpg"
_OURS = ("isthisme.", "aiohttp.", "asyncio.", "_asyncio", "concurrent.futures.", "builtins.coroutine")
_LENGTH = struct.Struct("=I")


class Engine:
    """Finds nothing in any picture."""

    def answer(self, _data: bytes, *, deep: bool = False) -> Answer:
        del deep
        return Answer(Judgement(Verdict.NO_COPY, 0.0, (), None), 1, 9, 9, 1.0)

    def shrink(self, data: bytes) -> SmallCopy:
        return SmallCopy(data, 0)


class Rows:
    """Nothing is asked of the rows here."""

    def handles(self, _request: object) -> bool:
        return False

    def is_paused(self, _site: str) -> bool:
        return False


class Tab:
    """A connection of its own, as a browser's."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def say(self, number: int, kind: str, **fields: Any) -> None:
        self._writer.write(framed(json.dumps({"id": number, "type": kind, **fields}).encode()))
        await self._writer.drain()

    async def hear(self, *kinds: str) -> dict[str, Any]:
        """The next message of one of these kinds."""
        while True:
            (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            message: dict[str, Any] = json.loads(await self._reader.readexactly(length))
            if message["type"] in kinds:
                return message

    async def leave(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


@pytest.fixture
def site() -> Iterator[Site]:
    with picture_site() as made:
        made.held.add(_HELD)
        yield made


@asynccontextmanager
async def daemon(folder: Path) -> AsyncIterator[tuple[Handlers, Fetcher, Path]]:
    engine, rows = cast(Any, Engine()), cast(Any, Rows())
    with closing(Catalog(folder / "catalog.db")) as catalog, closing(Threads(1)) as threads:
        live = LiveIndex(catalog, lambda: None, IndexFiles(catalog, folder / "index"))
        async with aclosing(Fetcher()) as fetcher:
            judges = {"passive": engine, "private": engine, "asked": engine, "shrinker": engine}
            checker = Checker(catalog, live, fetcher, **judges, threads=threads)
            handlers = Handlers(checker, rows, evidence=rows, threads=threads, rechecker=cast(Any, None))

            async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                session = Session(reader, writer, handlers.handle)
                session.has_greeted = True
                await session.serve()

            server = await asyncio.start_unix_server(serve, folder / "s")
            yield handlers, fetcher, folder / "s"
            server.close()


async def visit(site: Site, handlers: Handlers, socket: Path, name: str) -> None:
    """Pages that are answered, left, cut off with their connection, and late; all at addresses of their own."""
    site.files |= {f"/{name}/{number}.jpg": ("image/jpeg", _PICTURE) for number in range(3)}
    page = {"address": site.url(f"/{name}/")}
    data = base64.b64encode(_PICTURE).decode()
    held = {"key": "held", "address": site.url(_HELD + f"?{name}")}
    there = [{"key": str(number), "address": site.url(f"/{name}/{number}.jpg")} for number in range(3)]
    missing = [{"key": key, "address": site.url(f"/{name}/{key}"), "may_supply": True} for key in ("given", "none")]
    site.held.add(f"{_HELD}?{name}")

    answered, left, cut_off, late = [Tab(*await asyncio.open_unix_connection(socket)) for _ in range(4)]
    images = [*there, *missing, {"key": "data", "address": f"data:image/jpeg;base64,{data}"}]
    await answered.say(1, "check_page", page=page, images=images)
    for number in (2, 3):
        wanted = (await answered.hear("want_bytes"))["key"]
        if wanted == "given":
            await answered.say(number, "supply_bytes", target=1, key=wanted, part=0, parts=1, bytes=data)
        else:
            await answered.say(number, "supply_nothing", target=1, key=wanted, reason="broken")
    assert (await answered.hear("done"))["checked"] == 6
    await answered.say(4, "check_image", page=page, image=there[0])
    assert (await answered.hear("verdict"))["verdict"] == "no_copy"

    for tab in (left, cut_off):
        await tab.say(1, "check_page", page=page, images=[held, *there])
        for _ in there:
            await tab.hear("verdict")
    await left.say(2, "cancel", target=1)
    assert (await left.hear("error"))["code"] == "cancelled"
    await late.say(1, "check_page", page=page, images=[held], deadline_seconds=0.05)
    assert (await late.hear("error"))["code"] == "deadline_exceeded"
    for tab in (answered, left, cut_off, late):
        await tab.leave()
    while handlers.pictures_under_way:  # noqa: ASYNC110 a connection ends a little later than it is left
        await asyncio.sleep(0.01)


def living() -> Counter[str]:
    gc.collect()
    names = (f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.get_objects())
    return Counter(name for name in names if name.startswith(_OURS))


async def test_pages_leave_nothing_behind_however_they_end(site: Site, tmp_path: Path) -> None:
    async with daemon(tmp_path) as (handlers, fetcher, socket):
        for number in range(2):  # until every pool has its threads and every cache its first entry
            await visit(site, handlers, socket, f"first-{number}")
        fetcher.forget()
        before = living()
        for number in range(_ROUNDS):
            await visit(site, handlers, socket, f"then-{number}")
        fetcher.forget()
        assert await grown_since(before) == {}


async def grown_since(before: Counter[str]) -> dict[str, int]:
    """What each round left one of, once the connections have ended, which is a little after they were left."""
    for _ in range(100):
        grown = {name: count for name, count in (living() - before).items() if count >= _ROUNDS}
        if not grown:
            break
        await asyncio.sleep(0.1)
    return grown
