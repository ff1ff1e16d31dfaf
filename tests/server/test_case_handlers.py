"""Cases as the extension asks for them."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from isthisme.catalog import Catalog
from isthisme.catalog.observations import Observation
from isthisme.catalog.sightings import SeenPicture
from isthisme.domain import Moment
from isthisme.errors import CatalogUnusable, InvalidMessage, NotFound
from isthisme.server.case_handlers import CASE_HANDLERS
from isthisme.server.parsing import parse

ANSWER = '{"verdict":"copy","score":1,"reason":null,"matches":[],"width":1,"height":1,"index_generation":1}'


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path / "catalog.db")) as opened:
        for number in range(1, 4):
            page = f"https://shop.thief.example/{number}"
            opened.sightings.keep(SeenPicture(page, None, "p", b"%d" % number, b"jpeg", 1, 1, ANSWER))
        opened.sightings.keep(SeenPicture("https://other.example/", None, "p", b"4", b"jpeg", 1, 1, ANSWER))
        yield opened


def ask(catalog: Catalog, kind: str, **fields: object) -> tuple[str, Any]:
    request = parse(json.dumps({"id": 1, "type": kind} | fields).encode())
    return CASE_HANDLERS[type(request)](catalog, request)


def test_a_case_is_named_after_who_is_behind_it(catalog: Catalog) -> None:
    kind, case = ask(catalog, "make_case", sighting_ids=[1, 2])
    assert kind == "case"
    assert (case["name"], case["offender"], case["sightings"]) == ("thief.example", "thief.example", 2)
    _, mixed = ask(catalog, "make_case", sighting_ids=[3, 4], name="  ")
    assert (mixed["name"], mixed["offender"]) == ("shop.thief.example", "")


def test_what_belongs_together_is_suggested(catalog: Catalog) -> None:
    _, found = ask(catalog, "suggest_cases")
    (suggestion,) = found["suggestions"]
    assert (suggestion["reason"], suggestion["sighting_ids"], suggestion["case_id"]) == ("site", [1, 2, 3], None)
    _, case = ask(catalog, "make_case", sighting_ids=[1, 2])
    _, found = ask(catalog, "suggest_cases")
    assert [(each["sighting_ids"], each["case_id"]) for each in found["suggestions"]] == [([3], case["case_id"])]


def test_a_case_lives_from_found_to_come_back(catalog: Catalog) -> None:
    number = ask(catalog, "make_case", sighting_ids=[1, 2])[1]["case_id"]
    ask(catalog, "change_case", case_id=number, status="reported", name="The shop")
    ask(catalog, "add_note", case_id=number, text="wrote to them")
    gone = Observation(Moment(1.0, 0), "recheck", "gone", "https://shop.thief.example/1", words="404")
    catalog.observations.add(1, gone)
    _, case = ask(catalog, "case", case_id=number)
    assert (case["name"], case["status"]) == ("The shop", "reported")
    _, found = ask(catalog, "timeline", case_id=number)
    assert [(event["kind"], event["text"]) for event in found["events"]] == [
        ("recheck", "404"),
        ("made", "thief.example"),
        ("status", "reported"),
        ("note", "wrote to them"),
    ]
    ask(catalog, "delete_note", event_id=found["events"][-1]["event_id"])
    with pytest.raises(NotFound):
        ask(catalog, "delete_note", event_id=found["events"][1]["event_id"])


def test_a_deleted_case_takes_its_sightings_along_only_where_that_is_wished(catalog: Catalog) -> None:
    first = ask(catalog, "make_case", sighting_ids=[1])[1]["case_id"]
    second = ask(catalog, "make_case", sighting_ids=[2])[1]["case_id"]
    ask(catalog, "delete_case", case_id=first)
    ask(catalog, "delete_case", case_id=second, with_sightings=True)
    assert [each.sighting_id for each in catalog.sightings.latest(10)] == [4, 3, 1]
    assert [entry.detail for entry in catalog.journal.entries()] == [
        {"case": first, "sightings": []},
        {"case": second, "sightings": [2]},
    ]


def test_what_cannot_be_noted_in_the_log_is_not_deleted(catalog: Catalog) -> None:
    number = ask(catalog, "make_case", sighting_ids=[1, 2])[1]["case_id"]
    catalog._connection.run("alter table journal rename to mislaid")
    with pytest.raises(CatalogUnusable):
        ask(catalog, "delete_case", case_id=number, with_sightings=True)
    assert catalog.cases.sightings_of(number) == [1, 2]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("case", {"case_id": 9}),
        ("make_case", {"sighting_ids": [9]}),
        ("put_in_case", {"sighting_ids": [1], "case_id": 9}),
        ("merge_cases", {"case_id": 9, "into": 1}),
        ("change_case", {"case_id": 9, "status": "found"}),
        ("add_note", {"case_id": 9, "text": "x"}),
        ("delete_note", {"event_id": 9}),
        ("delete_case", {"case_id": 9}),
        ("timeline", {"case_id": 9}),
        ("timeline", {"sighting_id": 9}),
        ("timeline", {}),
    ],
)
def test_what_is_not_there_is_said_to_be_missing(catalog: Catalog, kind: str, fields: dict[str, object]) -> None:
    with pytest.raises(NotFound):
        ask(catalog, kind, **fields)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("make_case", {"sighting_ids": []}),
        ("change_case", {"case_id": 1, "status": "lost"}),
        ("add_note", {"case_id": 1, "text": ""}),
        ("note_export", {"format": "xls", "sightings": 1}),
    ],
)
def test_what_no_message_says_is_refused(catalog: Catalog, kind: str, fields: dict[str, object]) -> None:
    with pytest.raises(InvalidMessage):
        ask(catalog, kind, **fields)
