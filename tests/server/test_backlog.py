"""Fetching goes on while pictures are judged, until too many bytes wait."""

import asyncio

from isthisme.server.backlog import Backlog


async def test_there_is_room_until_the_bytes_are_used_up() -> None:
    backlog = Backlog(most_bytes=100)
    with backlog.holding(b"x" * 60):
        await asyncio.wait_for(backlog.room(), 60)
        with backlog.holding(b"x" * 60):
            waiting = asyncio.create_task(backlog.room())
            await asyncio.sleep(0.01)
            assert not waiting.done()
        await asyncio.wait_for(waiting, 60)


async def test_room_comes_back_when_judging_fails() -> None:
    backlog = Backlog(most_bytes=10)
    try:
        with backlog.holding(b"x" * 20):
            raise RuntimeError
    except RuntimeError:
        pass
    await asyncio.wait_for(backlog.room(), 60)
