"""The line before judging: what is seen on a page goes before what is not, whatever was fetched first."""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class JudgingLine:
    """For the event loop. Only the order of judging hangs on it: what sites are asked, and when, does not."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._numbers = itertools.count()
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def place(self, *, is_seen: bool) -> AsyncIterator[None]:
        """Waits for a place, behind those that are as much seen and came before."""
        await self._take(is_seen=is_seen)
        try:
            yield
        finally:
            self._hand_on()

    async def _take(self, *, is_seen: bool) -> None:
        if self._free:
            self._free -= 1
            return
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (not is_seen, next(self._numbers), granted))
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():  # it was given the place just before
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        while self._waiting:
            *_, granted = heapq.heappop(self._waiting)
            if not granted.done():  # else whoever waited has left
                granted.set_result(None)
                return
        self._free += 1
