"""`isthisme cases`: sightings grouped by who is behind them, and what became of them."""

from typing import Any

import click
import msgspec
from rich.table import Table
from rich.text import Text

from isthisme.cli.output import console, counted, json_option, local_time

_STATUSES = ("found", "reported", "answered", "removed", "came_back")
_REASONS = {"account": "the same account", "site": "the same site", "same_picture": "the same picture"}
_ONES = click.argument("sightings", type=int, nargs=-1, required=True, metavar="SIGHTING...")
_CASE = click.argument("number", type=int, metavar="CASE")


@click.group()
def cases() -> None:
    """Groups sightings by who is behind them, and keeps what became of them."""


@cases.command("list")
@json_option
def list_cases(*, as_json: bool) -> None:
    """Lists cases, the one that changed last first."""
    from isthisme.server.case_handlers import case_fields
    from isthisme.wiring import open_home

    with open_home() as home:
        found = [case_fields(each) for each in home.catalog.cases.all()]
    if as_json:
        _print_json(found)
        return
    if not found:
        console.print("There are no cases so far. 'isthisme cases suggest' shows what belongs together.")
        return
    table = Table("#", "case", "status", "sightings", "last seen", "changed")
    for row in found:
        last_seen = "" if row["last_seen"] is None else local_time(row["last_seen"])
        # As text: in a name, which a site may have chosen, brackets are no commands to us.
        name, status = Text(row["name"]), row["status"].replace("_", " ")
        table.add_row(
            str(row["case_id"]), name, status, str(row["sightings"]), last_seen, local_time(row["changed_at"])
        )
    console.print(table)


@cases.command("suggest")
@json_option
def suggest(*, as_json: bool) -> None:
    """Shows which sightings seem to belong together: the same account, the same site, the same picture."""
    from isthisme.offenders.suggestions import suggestions
    from isthisme.wiring import open_home

    with open_home() as home:
        found = suggestions(home.catalog)
    if as_json:
        _print_json(
            {
                "reason": each.reason,
                "offender": each.offender,
                "sighting_ids": list(each.sighting_ids),
                "case_id": each.case_id,
            }
            for each in found
        )
        return
    if not found:
        console.print("Nothing seems to belong together.")
        return
    table = Table("why", "who", "sightings", "what to say")
    for each in found:
        numbers = " ".join(map(str, each.sighting_ids))
        command = f"cases make {numbers}" if each.case_id is None else f"cases put {each.case_id} {numbers}"
        table.add_row(_REASONS[each.reason], Text(each.offender), numbers, f"isthisme {command}")
    console.print(table)


@cases.command("make")
@_ONES
@click.option("--name", help="What to call it; left out: who is behind it, by the addresses.")
def make(*, sightings: tuple[int, ...], name: str | None) -> None:
    """Makes a case of these sightings. They leave the cases that they were in: so is a case split."""
    from isthisme.server.case_handlers import make_case
    from isthisme.server.messages import MakeCase
    from isthisme.wiring import open_home

    with open_home() as home:
        _, fields = make_case(home.catalog, MakeCase(1, list(sightings), name))
        made: Any = fields
    console.print(f"Case {made['case_id']}: {made['name']}", markup=False, highlight=False)


@cases.command("put")
@_CASE
@_ONES
def put(*, number: int, sightings: tuple[int, ...]) -> None:
    """Puts sightings into a case. They leave the cases that they were in."""
    from isthisme.wiring import open_home

    with open_home() as home:
        home.catalog.cases.put(sightings, number)
    console.print("Done.")


@cases.command("merge")
@_CASE
@click.argument("into", type=int)
def merge(*, number: int, into: int) -> None:
    """Puts everything of a case into another, and drops the first."""
    from isthisme.wiring import open_home

    with open_home() as home:
        home.catalog.cases.merge(number, into)
    console.print("Done.")


@cases.command("note")
@_CASE
@click.argument("text")
def note(*, number: int, text: str) -> None:
    """Adds a note to a case."""
    from isthisme.wiring import open_home

    with open_home() as home:
        home.catalog.cases.add_event(number, "note", text)
    console.print("Noted.")


@cases.command("status")
@_CASE
@click.argument("status", type=click.Choice(_STATUSES))
def status(*, number: int, status: Any) -> None:
    """Says what became of a case."""
    from isthisme.wiring import open_home

    with open_home() as home:
        home.catalog.cases.set_status(number, status)
    console.print("Noted.")


@cases.command("rename")
@_CASE
@click.argument("name")
def rename(*, number: int, name: str) -> None:
    """Gives a case another name."""
    from isthisme.wiring import open_home

    with open_home() as home:
        home.catalog.cases.rename(number, name)
    console.print("Done.")


@cases.command("show")
@_CASE
@json_option
def show(*, number: int, as_json: bool) -> None:
    """Shows what happened in a case, the oldest first."""
    from isthisme.server.case_handlers import case_fields, timeline_events
    from isthisme.wiring import open_home

    with open_home() as home:
        case = case_fields(home.catalog.cases.one(number))
        numbers = home.catalog.cases.sightings_of(number)
        events = timeline_events(home.catalog, numbers, number)
    if as_json:
        _print_json([case | {"sighting_ids": numbers, "events": events}])
        return
    console.print(f"{case['name']}: {case['status'].replace('_', ' ')}", markup=False, highlight=False)
    console.print(f"sightings: {' '.join(map(str, numbers)) or 'none'}", markup=False, highlight=False)
    for event in events:
        about = f" (sighting {event['sighting_id']}: {event['presence']})" if "sighting_id" in event else ""
        line = f"{local_time(event['at'], event['utc_offset'])}  {event['kind']}{about}  {event['text']}"
        console.print(line, markup=False, highlight=False)


@cases.command("delete")
@_CASE
@click.option("--sightings", "with_sightings", is_flag=True, help="Its sightings, too, with all that was kept of them.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(*, number: int, with_sightings: bool, yes: bool) -> None:
    """Erases a case and its notes for good. Evidence that was saved to files stays where it is."""
    from isthisme.server.case_handlers import erase_case
    from isthisme.wiring import open_home

    with open_home() as home:
        count = home.catalog.cases.one(number).sightings
        about = f" and {counted(count, 'sighting')}" if with_sightings else ""
        if not yes:
            click.confirm(f"Erase case {number}{about} for good?", abort=True)
        erase_case(home.catalog, number, with_sightings=with_sightings)
    console.print("Erased.")


def _print_json(rows: Any) -> None:
    for row in rows:
        click.echo(msgspec.json.encode(row).decode())
