"""How long an answer may be used again without asking (RFC 9111, for the only user of a private cache). Pure."""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

# Whatever a site allows: by what is kept it could know somebody again who told their browser to forget.
LONGEST_SECONDS = 3_600.0
_USUAL_SECONDS = 300.0  # where a site says nothing at all
_SHARE_OF_AGE = 0.1  # what has long been unchanged stays so for a while (4.2.2)


def lifetime_seconds(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds from now, 0 when it must be asked about each time; None when it must not be kept.

    `headers` are the answer's, looked up in any case of letters; `now` is the time since 1970.
    """
    orders = _orders(headers)
    if "no-store" in orders or headers.get("Vary", "").strip() == "*":
        return None
    if "no-cache" in orders or ("no-cache" in headers.get("Pragma", "").lower() and not orders):
        return 0.0
    date = _time(headers.get("Date"), now)
    if "max-age" in orders:
        seconds = float(orders["max-age"]) if orders["max-age"].isdecimal() else 0.0
    elif "Expires" in headers:
        seconds = _time(headers["Expires"], date) - date
    elif "Last-Modified" in headers:
        seconds = (date - _time(headers["Last-Modified"], date)) * _SHARE_OF_AGE
    else:
        seconds = _USUAL_SECONDS
    age = headers.get("Age", "")
    return min(max(seconds - (float(age) if age.isdecimal() and len(age) < 10 else 0.0), 0.0), LONGEST_SECONDS)


def says_how_long(headers: Mapping[str, str]) -> bool:
    """Whether the answer itself says how long it holds, as it must for most redirects."""
    return "max-age" in _orders(headers) or "Expires" in headers


def retry_seconds(value: str, now: float) -> float | None:
    """What `Retry-After` means from now on; None where it means nothing."""
    value = value.strip()
    if value.isdecimal() and len(value) < 10:
        return float(value)
    return max(_time(value, now) - now, 0.0) if _is_time(value) else None


def _orders(headers: Mapping[str, str]) -> dict[str, str]:
    words = re.findall(r'([\w-]+)(?:\s*=\s*"?([^",]*)"?)?', headers.get("Cache-Control", ""))
    return {name.lower(): value.strip()[:9] for name, value in words}


def _is_time(value: str) -> bool:
    return _time(value, -1.0) != -1.0


def _time(value: str | None, otherwise: float) -> float:
    if not value:
        return otherwise
    try:
        read = parsedate_to_datetime(value)
        return (read if read.tzinfo is not None else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return otherwise
