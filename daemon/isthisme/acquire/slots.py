"""How many requests may be under way: a few to one host, some in all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext


class Slots:
    """Waiting is first come, first served for each host, and costs no connection."""

    def __init__(self, per_host: int, total: int) -> None:
        self._per_host = per_host
        self._total = asyncio.Semaphore(total)
        self._hosts: dict[str, tuple[asyncio.Semaphore, int]] = {}  # with how many use or await it

    @asynccontextmanager
    async def taken(self, host: str) -> AsyncIterator[None]:
        semaphore, users = self._hosts.get(host, (asyncio.Semaphore(self._per_host), 0))
        self._hosts[host] = semaphore, users + 1
        try:
            async with semaphore, self._total:
                yield
        finally:
            semaphore, users = self._hosts[host]
            if users == 1:
                del self._hosts[host]
            else:
                self._hosts[host] = semaphore, users - 1

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that requests are under way or waiting for."""
        return frozenset(self._hosts)


class SlotsWithReserve:
    """Slots, and one more for each host and in all, which stays free for what somebody waits for.

    A slot that becomes free goes to what is urgent first: the rest has two lines to stand in.
    """

    def __init__(self, per_host: int, total: int) -> None:
        self._unhurried = Slots(per_host, total)
        self._all = Slots(per_host + 1, total + 1)

    @asynccontextmanager
    async def taken(self, host: str, *, is_urgent: bool) -> AsyncIterator[None]:
        async with nullcontext() if is_urgent else self._unhurried.taken(host), self._all.taken(host):
            yield

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that requests are under way or waiting for."""
        return self._unhurried.hosts | self._all.hosts
