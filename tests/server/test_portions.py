"""Lists are given as far as a frame has room for them, and all of a list can be had."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from isthisme.acquire.system_proxy import SystemProxy
from isthisme.catalog import Catalog
from isthisme.catalog.sightings import SeenPicture
from isthisme.config import Paths, Settings
from isthisme.domain import Moment
from isthisme.server import messages, parsing
from isthisme.server.case_handlers import timeline_events
from isthisme.server.evidence_handlers import EvidenceHandlers
from isthisme.server.evidence_saving import Evidence
from isthisme.server.folder_window import FolderWindow
from isthisme.server.frames import LARGEST_TO_BROWSER_BYTES
from isthisme.server.portions import portion
from isthisme.server.row_handlers import RowHandlers
from isthisme.server.threads import Threads

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


def test_rows_that_have_no_room_are_not_made() -> None:
    made: list[int] = []

    def rows() -> Iterator[dict[str, str]]:
        for number in range(9):
            made.append(number)
            yield {"a": "x" * (LARGEST_TO_BROWSER_BYTES // 2 - 16_000)}

    assert len(portion("rows", rows())["rows"]) == 2
    assert made == [0, 1, 2]


def test_twenty_thousand_cases_are_all_told_though_one_changes_meanwhile(catalog: Catalog, rows: RowHandlers) -> None:
    with catalog.transaction():
        for number in range(20_000):
            catalog.cases.make(f"A case with a name {number}", "", [])
    found: list[int] = []
    is_more = True
    while is_more:
        fields = answered(rows, messages.ListCases(1, before=found[-1] if found else None))
        found += [each["case_id"] for each in fields["cases"]]
        catalog.cases.rename(found[-1], "Another name")
        is_more = fields.get("is_more", False)
    assert found == list(range(20_000, 0, -1))


def test_what_could_become_a_case_is_offered_as_far_as_there_is_room(catalog: Catalog, rows: RowHandlers) -> None:
    with catalog.transaction():
        for number in range(messages.MOST_SIGHTINGS + 1):
            page = f"https://thief.example/{number}"
            catalog.sightings.keep(SeenPicture(page, None, "p", b"%d" % number, b"jpeg", 1, 1, ANSWER))
    (offer,) = answered(rows, messages.SuggestCases(1))["suggestions"]
    made = parsing.parse(json.dumps({"id": 2, "type": "make_case", "sighting_ids": offer["sighting_ids"]}).encode())
    assert answered(rows, made)["sightings"] == messages.MOST_SIGHTINGS
    (rest,) = answered(rows, messages.SuggestCases(3))["suggestions"]
    assert len(rest["sighting_ids"]) == 1


async def test_all_evidence_is_listed_however_much_was_saved(catalog: Catalog, tmp_path: Path) -> None:
    number = catalog.sightings.keep(SeenPicture("https://a.example/", None, "p", b"1", b"jpeg", 1, 1, ANSWER))
    with catalog.transaction():
        for each in range(5_000):
            catalog.bundles.add(
                Moment(1.0, 0), tmp_path / f"{each}-{LONG[:200]}.zip", b"1" * 32, case_id=None, sighting_ids=[number]
            )
    saving = Evidence(catalog, Paths(tmp_path), Settings(model="none"), None)  # type: ignore[arg-type] it draws nothing
    with closing(Threads(1)) as threads:
        evidence = EvidenceHandlers(saving, threads, FolderWindow())
        found: list[int] = []
        is_more = True
        while is_more:
            request = messages.ListBundles(1, sighting_id=number, before=found[-1] if found else None)
            kind, fields = await evidence.handle(request)
            assert len(parsing.answer(kind, 1, fields)) <= LARGEST_TO_BROWSER_BYTES
            assert isinstance(fields, dict)
            found += [each["bundle_id"] for each in fields["bundles"]]
            is_more = fields.get("is_more", False)
    assert found == list(range(5_000, 0, -1))


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
