"""sqlite_utils without pandas, which it would load wherever that is installed: for nothing here, and at each start."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Database"]


@contextmanager
def _absent(module: str) -> Iterator[None]:
    """Importing it fails meanwhile, as where it is not installed; what is loaded already stays."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]


with _absent("pandas"):
    from sqlite_utils import Database
