"""Names of owners and members: in addresses of folders, in logs, on shelves and in collections the same."""

import re

from isthisme.errors import UsageError

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def checked_name(text: str, what: str = "owner") -> str:
    """The name, as it was given. Raises UsageError for what is none: a name becomes part of paths and expressions."""
    if _NAME.fullmatch(text):
        return text
    raise UsageError(
        f"{text[:100]!r} is no {what}'s name: it takes 1 to 64 of a-z, 0-9, '.', '_' and '-', a letter or digit first"
    )
