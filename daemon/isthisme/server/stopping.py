"""When the system, or somebody at the keyboard, tells the daemon to stop."""

import asyncio
import signal
import sys
from collections.abc import Callable


def when_told_to_stop(stop: Callable[[], None]) -> None:
    """Has `stop` called in the running loop. Who ends a process of Windows from outside asks nobody."""
    loop = asyncio.get_running_loop()
    if sys.platform == "win32":
        for number in (signal.SIGINT, signal.SIGBREAK):
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(stop))
    else:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
