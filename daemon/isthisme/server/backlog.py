"""Pictures that were fetched and are not judged yet: bounded by their bytes."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Backlog:
    """Fetching goes on whatever judging takes, so that a site cannot read from the pace what matched.

    Only when more bytes wait than memory should hold does fetching pause.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._has_room = asyncio.Event()
        self._has_room.set()

    async def room(self) -> None:
        """Waits until another picture may be fetched."""
        await self._has_room.wait()

    @contextmanager
    def holding(self, data: bytes) -> Iterator[None]:
        """Counts a picture while it waits and while it is judged."""
        self._add(len(data))
        try:
            yield
        finally:
            self._add(-len(data))

    def _add(self, count: int) -> None:
        self._bytes += count
        if self._bytes < self._most_bytes:
            self._has_room.set()
        else:
            self._has_room.clear()
