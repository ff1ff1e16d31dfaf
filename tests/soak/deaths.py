"""When processes were ended on purpose, so that what ends by itself can be told from it."""

import time
from dataclasses import dataclass


@dataclass(slots=True)
class Deaths:
    recent_seconds: float  # until a browser has noticed
    is_disk_full: bool = False
    _last: float = float("-inf")

    def note(self) -> None:
        self._last = time.monotonic()

    def is_recent(self) -> bool:
        return time.monotonic() - self._last < self.recent_seconds
