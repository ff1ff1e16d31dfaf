"""When processes were ended on purpose, so that what ends by itself can be told from it."""

import time
from dataclasses import dataclass

_RECENT_SECONDS = 30.0  # until a browser has noticed, on a machine that is busy


@dataclass(slots=True)
class Deaths:
    is_disk_full: bool = False
    _last: float = float("-inf")

    def note(self) -> None:
        self._last = time.monotonic()

    def is_recent(self) -> bool:
        return time.monotonic() - self._last < _RECENT_SECONDS
