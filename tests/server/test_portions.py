"""Lists are given as far as a frame has room for them, and all of a list can be had."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from isthisme.acquire.system_proxy import SystemProxy
from isthisme.catalog import Catalog
from isthisme.catalog.sightings import SeenPicture
from isthisme.server import messages, parsing
from isthisme.server.case_handlers import timeline_events
from isthisme.server.frames import LARGEST_TO_BROWSER_BYTES
from isthisme.server.portions import portion
from isthisme.server.row_handlers import RowHandlers

ANSWER = '{"verdict":"copy","score":1,"reason":null,"matches":[],"width":1,"height":1,"index_generation":1}'
LONG = "x" * 16_000  # characters; the extension gives no longer address of a page


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path / "catalog.db")) as opened:
        yield opened


@pytest.fixture
def rows(catalog: Catalog, tmp_path: Path) -> RowHandlers:
    return RowHandlers(catalog, None, tmp_path, SystemProxy(lambda: False))  # type: ignore[arg-type] no keeper is asked


def answered(rows: RowHandlers, request: messages.AnyRequest) -> dict[str, Any]:
    """The answer's fields, which a frame has room for."""
    kind, fields = rows.handle(request)
    assert len(parsing.answer(kind, request.id, fields)) <= LARGEST_TO_BROWSER_BYTES
    assert isinstance(fields, dict)
    return fields


def test_a_short_list_is_given_whole_and_says_nothing_of_more() -> None:
    assert portion("rows", [{"a": 1}, {"a": 2}]) == {"rows": [{"a": 1}, {"a": 2}]}
    assert portion("rows", []) == {"rows": []}


def test_a_row_that_no_frame_holds_does_not_keep_the_others_from_being_asked_for() -> None:
    huge = {"a": "x" * LARGEST_TO_BROWSER_BYTES}
    assert portion("rows", [huge, {"a": 1}]) == {"rows": [huge], "is_more": True}


def test_pages_with_long_addresses_keep_no_other_find_from_the_list(catalog: Catalog, rows: RowHandlers) -> None:
    for number in range(60):
        page, picture = f"https://long.example/{number}/{LONG}", f"https://long.example/{number}.jpg?{LONG}"
        catalog.sightings.keep(SeenPicture(page, LONG[:1_000], picture, b"%d" % number, b"jpeg", 1, 1, ANSWER))
    found: list[int] = []
    while True:
        fields = answered(rows, messages.ListSightings(1, limit=200, before=found[-1] if found else None))
        found += [each["sighting_id"] for each in fields["sightings"]]
        if not fields.get("is_more"):
            break
    assert found == list(range(60, 0, -1))


def test_decisions_about_long_addresses_are_all_told(catalog: Catalog, rows: RowHandlers) -> None:
    for number in range(80):
        catalog.decisions.allow(f"{number}.example/{LONG}", "page", is_own_place=False)
    fields = answered(rows, messages.ListDecisions(1, limit=200))
    last = fields["decisions"][-1]["decision_id"]
    assert fields["is_more"]
    rest = answered(rows, messages.ListDecisions(2, limit=200, before=last))
    assert len(fields["decisions"]) + len(rest["decisions"]) == 80


def test_a_long_timeline_is_told_from_its_end(catalog: Catalog, rows: RowHandlers) -> None:
    number = catalog.sightings.keep(SeenPicture("https://a.example/", None, "p", b"1", b"jpeg", 1, 1, ANSWER))
    case_id = catalog.cases.make("A thief", "a.example", [number])
    for _ in range(120):
        catalog.cases.add_event(case_id, "note", "n" * 20_000)
    whole = timeline_events(catalog, [number], case_id)
    told: list[dict[str, Any]] = []
    first: int | None = None
    while True:
        fields = answered(rows, messages.AskTimeline(1, case_id=case_id, first=first))
        told = [*fields["events"], *told]
        first = fields.get("earlier")
        if first is None:
            break
    assert told == whole
