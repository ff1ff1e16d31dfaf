"""How much of a list one answer has room for: browsers take no frame of more than 1 MiB, and end the connection at one.

A page may have an address of many thousand characters. Thirty finds on such pages must not make the list of all finds
an answer that cannot be given.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from isthisme.server.frames import LARGEST_TO_BROWSER_BYTES

_MOST_BYTES = LARGEST_TO_BROWSER_BYTES - (16 << 10)  # of a list's JSON; the rest is for what else the answer says

type Row = Mapping[str, Any]


def portion(name: str, rows: Iterable[Row]) -> dict[str, Any]:
    """The list as a field of an answer, as much of it as has room, and `is_more` where that is not all. One row in any
    case, or whoever asks for the rest never ends. Rows behind that are not asked for."""
    fitting: list[Row] = []
    left = _MOST_BYTES
    for row in rows:
        left -= len(msgspec.json.encode(row)) + len(",")
        if left < 0 and fitting:
            return {name: fitting, "is_more": True}
        fitting.append(row)
    return {name: fitting}


def fitting_rows(rows: Iterable[Row]) -> list[Row]:
    """The first ones, up to what an answer has room for."""
    fitting: list[Row] = portion("rows", rows)["rows"]
    return fitting
