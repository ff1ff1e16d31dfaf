"""When the home folder is deleted under a daemon: nobody finds it any more, and it has nothing to serve.

Its socket went with the folder, and the next daemon takes another lock: without an end of its own it would go on
looking at photos and sites beside that one, for as long as the computer runs.
"""

import asyncio
from collections.abc import Callable

_LOOK_SECONDS = 2.0
_LOOKS_WHILE_GONE = 3  # a folder that is replaced by a copy of it is away for a moment, too


async def until_evicted(is_in_place: Callable[[], bool], look_seconds: float = _LOOK_SECONDS) -> None:
    """Returns once several looks in a row did not find the daemon in its place. `is_in_place` may block."""
    looks_while_gone = 0
    while looks_while_gone < _LOOKS_WHILE_GONE:
        await asyncio.sleep(look_seconds)
        looks_while_gone = 0 if await asyncio.to_thread(is_in_place) else looks_while_gone + 1
