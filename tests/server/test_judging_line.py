"""What is seen is judged first; nobody who leaves keeps a place."""

import asyncio

import pytest

from isthisme.server.judging_line import JudgingLine


class Judged:
    """Pictures that stand in a line and say when they have their place; each leaves when it is told to."""

    def __init__(self, places: int) -> None:
        self.order: list[str] = []
        self._line = JudgingLine(places)
        self.leave: dict[str, asyncio.Event] = {}

    async def join(self, name: str, *, is_seen: bool) -> asyncio.Task[None]:
        self.leave[name] = asyncio.Event()
        task = asyncio.create_task(self._stand(name, is_seen=is_seen))
        await _all_went_on()
        return task

    async def finish(self, name: str) -> None:
        self.leave[name].set()
        await _all_went_on()

    async def _stand(self, name: str, *, is_seen: bool) -> None:
        async with self._line.place(is_seen=is_seen):
            self.order.append(name)
            await self.leave[name].wait()


async def _all_went_on() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_is_seen_goes_before_what_is_not_and_came_first() -> None:
    judged = Judged(places=1)
    await judged.join("first", is_seen=False)
    for name in ("far 1", "far 2"):
        await judged.join(name, is_seen=False)
    for name in ("seen 1", "seen 2"):
        await judged.join(name, is_seen=True)
    for name in ("first", "seen 1", "seen 2", "far 1", "far 2"):
        await judged.finish(name)
    assert judged.order == ["first", "seen 1", "seen 2", "far 1", "far 2"]


async def test_so_many_are_judged_at_once_as_there_are_places() -> None:
    judged = Judged(places=2)
    for name in ("a", "b", "c"):
        await judged.join(name, is_seen=True)
    assert judged.order == ["a", "b"]
    await judged.finish("b")
    assert judged.order == ["a", "b", "c"]


@pytest.mark.parametrize("when", ["while it waits", "just as it is given its place"])
async def test_who_leaves_keeps_no_place(when: str) -> None:
    judged = Judged(places=1)
    await judged.join("first", is_seen=True)
    gone = await judged.join("gone", is_seen=True)
    await judged.join("next", is_seen=True)
    if when == "while it waits":
        gone.cancel()
        await judged.finish("first")
    else:
        judged.leave["first"].set()
        await asyncio.sleep(0)
        gone.cancel()
        await _all_went_on()
    assert judged.order == ["first", "next"]
    await judged.finish("next")
    await judged.join("last", is_seen=True)
    assert judged.order == ["first", "next", "last"]
