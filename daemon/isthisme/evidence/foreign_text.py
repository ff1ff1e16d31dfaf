"""Addresses, which strangers choose: whose they are, and what of them may be part of a file's name."""

import re
from urllib.parse import urlsplit

_LONGEST_HOST = 60  # characters of a file's name
_UNFIT = re.compile(r"[^a-z0-9.-]+")


def host_of(address: str) -> str:
    """The host of an address; "" where it has none."""
    try:
        return urlsplit(address[:4096]).hostname or ""
    except ValueError:
        return ""


def file_name_part(text: str) -> str:
    """What of a text may be part of a file's name on any system: letters, digits, dots, dashes."""
    return _UNFIT.sub("-", text.lower())[:_LONGEST_HOST].strip(".-")
