"""The threads behind the event loop, apart by what they wait for, so that nothing waits behind something slower."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

_CATALOG = 2
_ASKED = 2
_DRIVES = 2


class Threads:
    """`catalog` for rows, `passive` for pictures of pages, `asked` for what the user waits for, `long` for what takes a
    while: one at a time, and nothing else waits for it; `drives` for a look at where photos lie, which may hang."""

    def __init__(self, workers: int) -> None:
        self._catalog = ThreadPoolExecutor(_CATALOG, thread_name_prefix="catalog")
        self.passive_places = 2 * workers + 1  # so that a worker need not wait for who searches and writes between
        self._passive = ThreadPoolExecutor(self.passive_places, thread_name_prefix="passive")
        self._asked = ThreadPoolExecutor(_ASKED, thread_name_prefix="asked")
        self._long = ThreadPoolExecutor(1, thread_name_prefix="long")
        self._drives = ThreadPoolExecutor(_DRIVES, thread_name_prefix="drives")

    async def catalog[**P, R](self, work: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
        return await _run(self._catalog, lambda: work(*args, **named))

    async def passive[**P, R](self, work: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
        return await _run(self._passive, lambda: work(*args, **named))

    async def asked[**P, R](self, work: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
        return await _run(self._asked, lambda: work(*args, **named))

    async def long[**P, R](self, work: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
        return await _run(self._long, lambda: work(*args, **named))

    async def drives[**P, R](self, work: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
        return await _run(self._drives, lambda: work(*args, **named))

    def close(self) -> None:
        """Waits for what is under way; what has not begun is dropped."""
        for executor in (self._long, self._drives, self._asked, self._passive, self._catalog):
            executor.shutdown(cancel_futures=True)


async def _run[R](executor: ThreadPoolExecutor, work: Callable[[], R]) -> R:
    return await asyncio.get_running_loop().run_in_executor(executor, work)
