"""`isthisme recheck`: are the pictures of sightings still there?"""

import asyncio
import json
from typing import TYPE_CHECKING

import click
from rich.text import Text

from isthisme.cli.output import console, json_option

if TYPE_CHECKING:
    from isthisme.server.rechecking import Look
    from isthisme.wiring import Home

_WORDS = {"there": "still there", "gone": "gone", "unknown": "not known"}


@click.command()
@click.argument("numbers", metavar="[SIGHTING...]", type=int, nargs=-1)
@click.option("--case", "case_id", type=int, help="All sightings of this case.")
@json_option
def recheck(*, numbers: tuple[int, ...], case_id: int | None, as_json: bool) -> None:
    """Looks whether pictures are still where they were seen, and keeps what came of it.

    The site can see that some computer at your network's address asked again for that picture.

    Exit codes: 0 looked at all, 1 of some it is not known, 2 none was looked at.
    """
    from isthisme.server.case_handlers import chosen_sightings
    from isthisme.server.messages import SomeSightings
    from isthisme.wiring import open_home

    if not numbers and case_id is None:
        raise click.UsageError("name sightings by their numbers, or a case with --case; 'sightings list' names them")
    with open_home() as home:
        # All are looked up before any site is asked: a wrong number must not cost what was learned of the others.
        wanted = chosen_sightings(home.catalog, SomeSightings([*numbers])) if numbers else []
        if case_id is not None:
            wanted += chosen_sightings(home.catalog, SomeSightings(case_id=case_id))
        looks = asyncio.run(_look(home, wanted))
    for look in looks:
        if as_json:
            fields = {"sighting_id": look.sighting_id, "presence": look.presence, "words": look.words}
            click.echo(json.dumps(fields, ensure_ascii=False))
        else:
            console.print(Text(f"{look.sighting_id}: {_WORDS[look.presence]} ({look.words})"))
    if any(look.presence == "unknown" for look in looks):
        raise click.exceptions.Exit(1)


async def _look(home: "Home", numbers: list[int]) -> "list[Look]":
    from isthisme.wiring import rechecking

    async with rechecking(home) as rechecker:
        looks, _ = await rechecker.look_at_all(list(dict.fromkeys(numbers)))
        return looks
