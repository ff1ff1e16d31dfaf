"""Cases, what is kept for evidence, and the log."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from isthisme.catalog import Catalog
from isthisme.catalog.captures import NewPart
from isthisme.catalog.observations import Observation
from isthisme.catalog.sightings import SeenPicture, Wanted
from isthisme.domain import Exchange, Moment
from isthisme.errors import NotFound

EXCHANGE = Exchange(
    "https://a.example/1.jpg",
    "https://cdn.example/1.jpg",
    "companion",
    (("Accept", "image/*"),),
    200,
    "OK",
    (("Content-Type", "image/jpeg"), ("X", "ä")),
    5.5,
)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path / "catalog.db")) as opened:
        yield opened


def see(
    catalog: Catalog, page: str = "https://a.example/", picture: bytes = b"sha", original: bytes | None = None
) -> int:
    answer = '{"verdict":"copy","matches":[{"photo":"/photos/birthday.jpg"}]}'
    return catalog.sightings.keep(SeenPicture(page, "A page", "p", picture, b"jpeg", 1, 1, answer, 7, original))


def looked(at: float, **changes: object) -> Observation:
    return Observation(
        **({"moment": Moment(at, 3600), "kind": "page", "presence": "there", "page_address": "p"} | changes)
    )  # type: ignore[arg-type]


def test_a_sighting_is_in_one_case_and_leaving_it_is_noted(catalog: Catalog) -> None:
    first, second = see(catalog), see(catalog, "https://a.example/2")
    case = catalog.cases.make("A thief", "a.example", [first, second])
    assert catalog.cases.one(case).sightings == 2
    split = catalog.cases.make("Another", "", [second])
    assert (catalog.cases.sightings_of(case), catalog.cases.sightings_of(split)) == ([first], [second])
    assert [event.kind for event in catalog.cases.events(case)] == ["made", "split"]
    catalog.cases.put([second], None)
    assert catalog.cases.sightings_of(split) == []


def test_of_merged_cases_nothing_is_lost(catalog: Catalog, tmp_path: Path) -> None:
    first, second = see(catalog), see(catalog, "https://b.example/")
    one, other = catalog.cases.make("One", "", [first]), catalog.cases.make("Other", "", [second])
    catalog.cases.add_event(other, "note", "they wrote back")
    bundle = catalog.bundles.add(Moment.now(), tmp_path / "b.zip", b"hash", case_id=other, sighting_ids=[second])
    catalog.cases.merge(other, one)
    assert catalog.cases.sightings_of(one) == [first, second]
    events = catalog.cases.events(one)
    assert ("note", "they wrote back") in [(event.kind, event.text) for event in events]
    assert (events[-1].kind, events[-1].text) == ("merged", "Other")
    assert [each.bundle_id for each in catalog.bundles.all(case_id=one)] == [bundle]
    with pytest.raises(NotFound):
        catalog.cases.one(other)


def test_a_case_merged_into_itself_is_still_there(catalog: Catalog) -> None:
    case = catalog.cases.make("One", "", [see(catalog)])
    catalog.cases.merge(case, case)
    assert catalog.cases.one(case).sightings == 1


def test_a_status_is_noted_once(catalog: Catalog) -> None:
    case = catalog.cases.make("One", "", [see(catalog)])
    catalog.cases.set_status(case, "reported")
    catalog.cases.set_status(case, "reported")
    assert catalog.cases.one(case).status == "reported"
    assert [event.text for event in catalog.cases.events(case) if event.kind == "status"] == ["reported"]


def test_notes_can_be_deleted_and_what_happened_cannot(catalog: Catalog) -> None:
    case = catalog.cases.make("One", "", [see(catalog)])
    note = catalog.cases.add_event(case, "note", "a note")
    (made, _) = catalog.cases.events(case)
    assert catalog.cases.delete_note(note)
    assert not catalog.cases.delete_note(made.event_id)
    assert [event.kind for event in catalog.cases.events(case)] == ["made"]


def test_a_deleted_case_leaves_its_sightings(catalog: Catalog) -> None:
    sighting = see(catalog)
    case = catalog.cases.make("One", "", [sighting])
    catalog.cases.delete(case)
    found = catalog.sightings.one(sighting)
    assert found is not None
    assert found.case_id is None


def test_a_case_of_what_was_not_seen_is_not_made(catalog: Catalog) -> None:
    with pytest.raises(NotFound, match="no sighting 9"):
        catalog.cases.make("One", "", [see(catalog), 9])
    assert catalog.cases.all() == []


def test_observations_are_kept_as_they_were(catalog: Catalog) -> None:
    sighting = see(catalog)
    catalog.observations.add(sighting, looked(10.0, exchange=EXCHANGE))
    (found,) = catalog.observations.of(sighting)
    assert (found.moment, found.exchange) == (Moment(10.0, 3600), EXCHANGE)


def test_a_page_that_is_loaded_again_soon_tells_nothing_new(catalog: Catalog) -> None:
    sighting = see(catalog)
    catalog.observations.add(sighting, looked(10.0))
    catalog.observations.add(sighting, looked(20.0))
    assert len(catalog.observations.of(sighting)) == 1
    catalog.observations.add(sighting, looked(30.0, exchange=EXCHANGE))
    assert len(catalog.observations.of(sighting)) == 2, "how it came was not known before"
    catalog.observations.add(sighting, looked(30.0 + 3600))
    assert len(catalog.observations.of(sighting)) == 3
    catalog.observations.add(sighting, looked(5.0))
    assert len(catalog.observations.of(sighting)) == 4, "the clock was set back: nobody knows how long it was"


def test_what_is_gone_and_comes_back_is_known(catalog: Catalog) -> None:
    sighting = see(catalog)
    catalog.observations.add(sighting, looked(10.0))
    catalog.observations.add(sighting, looked(20.0, kind="recheck", presence="gone", words="404"))
    found = catalog.sightings.one(sighting)
    assert found is not None
    assert (found.presence, found.checked_at) == ("gone", 20.0)
    catalog.observations.add(sighting, looked(30.0))
    found = catalog.sightings.one(sighting)
    assert found is not None
    assert (found.presence, found.checked_at) == ("there", 20.0)
    assert [each.presence for each in catalog.observations.of(sighting)] == ["there", "gone", "there"]


def test_only_what_is_known_makes_a_picture_gone_or_back(catalog: Catalog) -> None:
    sighting = see(catalog)
    looks = [
        ("page", "there"),
        ("recheck", "unknown"),
        ("recheck", "gone"),
        ("recheck", "unknown"),
        ("recheck", "gone"),
    ]
    looks += [("scan", "there"), ("scan", "unknown"), ("page", "there")]
    changes = [
        catalog.observations.add(sighting, looked(10_000.0 * number, kind=kind, presence=presence))
        for number, (kind, presence) in enumerate(looks)
    ]
    assert [look for look, has_changed in zip(looks, changes, strict=True) if has_changed] == [
        ("recheck", "gone"),
        ("scan", "there"),
    ]


def test_the_picture_is_kept_byte_for_byte_until_its_last_sighting_goes(catalog: Catalog, tmp_path: Path) -> None:
    original = b"the picture as the page had it" * 100
    first = see(catalog, original=original)
    second = see(catalog, "https://b.example/")
    assert catalog.sightings.original(b"sha") == original
    assert [each.original_bytes for each in catalog.sightings.latest(10)] == [len(original)] * 2
    catalog.captures.add(
        "https://a.example/", None, Moment.now(), "a browser", [NewPart("html", "text/html", b"shown")]
    )
    catalog.sightings.delete([first])
    assert catalog.sightings.original(b"sha") == original
    assert catalog.captures.latest("https://a.example/") is None
    catalog.sightings.delete([second])
    assert catalog.sightings.original(b"sha") is None
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"the picture as the page had it" not in left
    assert b"the page as it looked" not in left


def test_captures_are_kept_whole(catalog: Catalog) -> None:
    see(catalog)
    parts = [NewPart("screen", "image/png", b"png", 30, 20), NewPart("html", "text/html", b"<p>", words="cut")]
    catalog.captures.add("https://a.example/", "Old", Moment(1.0, 0), "a browser", parts[:1])
    catalog.captures.add("https://a.example/", "A page", Moment(2.0, -3600), "a browser", parts)
    found = catalog.captures.latest("https://a.example/")
    assert found is not None
    assert (found.page_title, found.moment) == ("A page", Moment(2.0, -3600))
    assert [(part.kind, part.width, part.byte_size, part.words) for part in found.parts] == [
        ("screen", 30, 3, ""),
        ("html", 0, 3, "cut"),
    ]
    assert catalog.captures.data(found.parts[0].part_id) == b"png"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(site="a.example"), [1, 2]),
        (Wanted(site="shop.a.example"), [2]),
        (Wanted(site="example"), [1, 2, 3]),
        (Wanted(site="evil"), []),
        (Wanted(search="BIRTHDAY"), [1, 2, 3]),
        (Wanted(search="100%"), [3]),
        (Wanted(search="1_0"), []),
        (Wanted(verdict="copy"), [1, 2, 3]),
        (Wanted(verdict="possible_copy"), []),
        (Wanted(presence="gone"), [3]),
        (Wanted(is_kept=True), [1]),
        (Wanted(is_kept=False), [2, 3]),
        (Wanted(case_id=1), [2]),
        (Wanted(is_without_case=True), [1, 3]),
        (Wanted(is_without_case=False), [2]),
    ],
)
def test_sightings_are_found_by_what_is_asked_for(catalog: Catalog, wanted: Wanted, expected: list[int]) -> None:
    see(catalog, "https://a.example/?http://evil/")
    see(catalog, "https://shop.a.example:8080/x")
    see(catalog, "https://b.example/100%/")
    catalog.decisions.keep(1)
    catalog.cases.make("One", "", [2])
    catalog.observations.add(3, looked(1.0, presence="gone"))
    assert sorted(each.sighting_id for each in catalog.sightings.latest(10, wanted)) == expected


def test_the_log_shows_what_was_changed_behind_its_back(catalog: Catalog, tmp_path: Path) -> None:
    for number in range(5):
        catalog.journal.note("deleted", {"sightings": [number]})
    assert catalog.journal.broken_at() is None
    assert [entry.detail for entry in catalog.journal.entries(after=3)] == [{"sightings": [3]}, {"sightings": [4]}]
    with closing(sqlite3.connect(tmp_path / "catalog.db")) as raw:
        for statement in ("update journal set detail = '{}' where id = 2", "delete from journal where id = 2"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                raw.execute(statement)
        raw.execute("drop trigger journal_is_not_deleted")
        raw.execute("delete from journal where id = 2")
        raw.commit()
    assert catalog.journal.broken_at() == 3
