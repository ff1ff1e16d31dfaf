"""`isthisme places`: where the user's photos belong."""

import json
import re
from urllib.parse import urlsplit

import click

from isthisme.cli.output import console, json_option
from isthisme.errors import NotFound, UsageError

_MOST = 10_000
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")


@click.group()
def places() -> None:
    """Manages your own places: sites and accounts where your photos belong. Nothing there alerts you."""


@places.command("add")
@click.argument("address")
def add(address: str) -> None:
    """Adds an address and all below it, such as https://www.instagram.com/anna"""
    from isthisme.wiring import open_home

    pattern = pattern_of(address)
    with open_home() as home:
        home.catalog.decisions.allow(pattern, "below", is_own_place=True)
    console.print(f"{pattern} and all below it are yours now.", markup=False, highlight=False)


@places.command("remove")
@click.argument("address")
def remove(address: str) -> None:
    """Removes an address; what is found there alerts you again."""
    from isthisme.wiring import open_home

    pattern = pattern_of(address)
    with open_home() as home:
        found = [each for each in home.catalog.decisions.latest(_MOST) if each.kind == "own_place"]
        numbers = [each.decision_id for each in found if each.pattern == pattern]
        if not numbers:
            raise NotFound(f"{pattern} is none of your places; 'isthisme places list' names them")
        for number in numbers:
            home.catalog.decisions.undo(number)
    console.print(f"{pattern} is no place of yours any more.", markup=False, highlight=False)


@places.command("list")
@json_option
def list_places(*, as_json: bool) -> None:
    """Lists your own places."""
    from isthisme.wiring import open_home

    with open_home() as home:
        found = [each.pattern for each in home.catalog.decisions.latest(_MOST) if each.kind == "own_place"]
    for pattern in found:
        if as_json:
            click.echo(json.dumps({"pattern": pattern}, ensure_ascii=False))
        else:
            console.print(pattern, markup=False, highlight=False)
    if not found and not as_json:
        console.print("None so far.")


def pattern_of(address: str) -> str:
    """The address as places are kept: without `https://`, fragment and slash at the end. Raises UsageError."""
    words = f"{address!r} is no address of a place; give one as the browser's address bar copies it"
    try:
        parts = urlsplit(address.strip() if "://" in address else f"https://{address.strip()}")
        host = parts.netloc.lower()
    except ValueError as error:
        raise UsageError(words) from error
    # Letters of other alphabets look like these: browsers copy such hosts as xn--…, which is what is compared.
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise UsageError(words)
    start = "http://" if parts.scheme == "http" else ""
    return start + host + parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
