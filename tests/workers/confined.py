"""Whether this system has what a worker's door is made of. On CI's Linux it must."""

import os
import sys

import pytest

from isthisme.workers import landlock
from isthisme.workers.system_calls import CallFilter


def _missing() -> str | None:
    if sys.platform != "linux":
        return "Landlock and seccomp are Linux's"
    if landlock.version() is None:
        return "this kernel has no Landlock"
    try:
        CallFilter()
    except OSError as error:
        return f"no seccomp: {error}"
    return None


MISSING = _missing()
needs_door = pytest.mark.skipif(
    MISSING is not None and not (os.environ.get("CI") == "true" and sys.platform == "linux"), reason=str(MISSING)
)
