"""Sightings as files for other programs: JSON, and a table that spreadsheets open."""

import csv
import json
from collections.abc import Iterable, Mapping
from typing import IO, Any

import msgspec

from isthisme.domain import Moment

_COLUMNS = (
    "sighting_id",
    "first_seen",
    "last_seen",
    "times_seen",
    "verdict",
    "score",
    "presence",
    "case",
    "page_address",
    "page_title",
    "picture_address",
    "picture_sha256",
    "photo",
)
_STARTS_OF_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def write_json(rows: Iterable[Mapping[str, Any]], cases: Mapping[int, str], stream: IO[str]) -> None:
    """One list of sightings as PROTOCOL.md has them, with the name of their case."""
    found = [msgspec.to_builtins(dict(row)) | _times(row) | {"case": cases.get(row["case_id"] or 0)} for row in rows]
    json.dump(found, stream, ensure_ascii=False, indent=1)
    stream.write("\n")


def write_csv(rows: Iterable[Mapping[str, Any]], cases: Mapping[int, str], stream: IO[str]) -> None:
    """A table with a head. What a site wrote cannot become a formula of the spreadsheet that opens it."""
    stream.write("\ufeff")  # without it spreadsheets take the text for another encoding
    table = csv.writer(stream, lineterminator="\r\n")
    table.writerow(_COLUMNS)
    for row in rows:
        photo = row["matches"][0].photo if row["matches"] else ""
        known = dict(row) | _times(row) | {"case": cases.get(row["case_id"] or 0), "photo": photo}
        table.writerow([_harmless(known[column]) for column in _COLUMNS])


def _times(row: Mapping[str, Any]) -> dict[str, str]:
    """ISO 8601, where the user was."""
    offset = row["utc_offset"] or 0  # what was kept before that was noted is told in UTC
    return {name: Moment(row[name], offset).there.isoformat(timespec="seconds") for name in ("first_seen", "last_seen")}


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_STARTS_OF_FORMULAS) else value
