"""Whether the daemon is done with what changed in the folders."""

import asyncio
import time

from tests.soak.browser import Browser

_NOTICED_SECONDS = 3.0  # the longest that a change is held back, with room
_IN_A_ROW = 3


async def settled(browser: Browser, seconds: float = 120.0) -> bool:
    """Waits until the daemon has said several times that it has nothing to do. False where it did not in that time."""
    end = time.monotonic() + seconds
    await asyncio.sleep(_NOTICED_SECONDS)
    in_a_row = 0
    while in_a_row < _IN_A_ROW:
        if time.monotonic() > end:
            return False
        reply = await browser.ask("status")
        fields = reply.fields
        is_done = reply.is_answer and fields["state"] == "ready" and not _is_behind(fields["problems"])
        in_a_row = in_a_row + 1 if is_done else 0
        await asyncio.sleep(0.7)
    return True


def _is_behind(problems: list[dict[str, str]]) -> bool:
    return any(problem["code"] in ("indexing_failed", "index_locked", "disk_full") for problem in problems)
