"""The packages for more than one machine: an extra that is asked for by those commands alone that need it."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from isthisme.errors import UsageError

# Looked for, not loaded: help does not speak of what is not there.
IS_INSTALLED = find_spec("distributed") is not None


@contextmanager
def scale_extra() -> Iterator[None]:
    """Imports within it that fail, because the extra is not installed, become a UsageError that says how to get it."""
    try:
        yield
    except ImportError as error:
        raise UsageError(
            f"this needs packages that are not installed ({error.name or error}); "
            "install them with: uv tool install 'isthisme[scale]'"
        ) from error
