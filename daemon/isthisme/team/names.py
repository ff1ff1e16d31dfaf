"""Names of owners and members: in addresses of folders, in logs and in collections the same."""

import re

from isthisme.errors import UsageError

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def checked_name(text: str, what: str = "owner") -> str:
    """The name, as it was given. Raises UsageError for what is none."""
    if _NAME.fullmatch(text):
        return text
    raise UsageError(
        f"{text[:100]!r} is no name of an {what}: it takes 1 to 64 small letters, digits, dots, dashes and "
        "underscores, a letter or digit first"
    )
