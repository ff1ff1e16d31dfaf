"""What the commands share in showing their answers."""

import re

import click
from rich.console import Console

from isthisme.domain import Moment

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

console = Console(soft_wrap=True)
complaints = Console(stderr=True, soft_wrap=True)


def printable(text: str) -> str:
    """Without what would move the terminal's cursor, or turn the direction of writing."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text if len(text) <= 500 else f"{text[:500]}…")


def counted(number: int, noun: str) -> str:
    """ "1 photo", "2 photos"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def local_time(at: float, utc_offset: int | None = None) -> str:
    """Local time; with its offset, where that matters."""
    if utc_offset is None:
        return f"{Moment.here(at).there:%Y-%m-%d %H:%M}"
    return f"{Moment(at, utc_offset).there:%Y-%m-%d %H:%M:%S %:z}"


json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, one object a line.")
