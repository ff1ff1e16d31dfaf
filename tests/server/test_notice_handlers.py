"""Notices as the extension asks for them."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from isthisme.catalog import Catalog
from isthisme.catalog.sightings import SeenPicture
from isthisme.errors import InvalidMessage, NotFound, UsageError
from isthisme.server.messages import SaveNotice
from isthisme.server.notice_handlers import NOTICE_HANDLERS, save_notice
from isthisme.server.parsing import parse
from isthisme.server.row_handlers import RowHandlers

_ANSWER = '{"verdict":"copy","score":1,"reason":null,"matches":[],"width":1,"height":1,"index_generation":1}'
_LARGEST_FRAME = 1 << 20


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path / "catalog.db")) as opened:
        for number in range(1, 4):
            page, picture = f"https://shop.example/{number}", f"https://cdn.example/{number}.jpg"
            opened.sightings.keep(SeenPicture(page, "Cheap!", picture, bytes([number]) * 32, b"jpeg", 1, 1, _ANSWER))
        yield opened


def ask(catalog: Catalog, message: str, **fields: object) -> tuple[str, Any]:
    request = parse(json.dumps({"id": 1, "type": message} | fields).encode())
    return NOTICE_HANDLERS[type(request)](catalog, request)


def save(catalog: Catalog, home: Path, **fields: object) -> Any:
    request = parse(json.dumps({"id": 1, "type": "save_notice"} | fields).encode())
    assert isinstance(request, SaveNotice)
    return save_notice(catalog, home, request)[1]


def test_the_daemon_has_a_handler_for_each_message(catalog: Catalog, tmp_path: Path) -> None:
    rows = RowHandlers(catalog, None, tmp_path, None)  # type: ignore[arg-type]  # these messages need neither
    about = {"kind": "request", "language": "en", "sighting_ids": [1]}
    asked: list[tuple[str, dict[str, Any], str]] = [
        ("notice_kinds", {"language": "en"}, "notice_kinds"),
        ("draft_notice", about, "notice"),
        ("save_notice", about | {"subject": "s", "text": "t", "format": "txt"}, "saved"),
        ("note_notice", {"kind": "request", "how": "mailed", "sighting_ids": [1]}, "ok"),
    ]
    for message, fields, answer in asked:
        request = parse(json.dumps({"id": 1, "type": message} | fields).encode())
        assert rows.handles(request)
        assert rows.handle(request)[0] == answer


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_kinds_say_what_to_ask(catalog: Catalog, language: str) -> None:
    answer, fields = ask(catalog, "notice_kinds", language=language)
    assert answer == "notice_kinds"
    assert [kind["kind"] for kind in fields["kinds"]] == ["dmca", "prc", "dsa", "gdpr", "request"]
    first = fields["kinds"][0]["fields"][0]
    assert first["field"] == "taken_by"
    assert [option["value"] for option in first["options"]] == ["me", "owned", "authorised", "other"]
    assert [option["value"] for option in first["options"] if option["stops"]] == ["other"]
    assert ("legal advice" if language == "en" else "法律意见") in fields["disclaimer"]
    email = next(each for each in fields["kinds"][2]["fields"] if each["field"] == "email")
    assert (email["type"], email["is_about_user"], email["is_required"]) == ("email", True, True)
    assert fields["kinds"][1]["fields"][1]["only_if"] == {"field": "shown", "is": ["ward", "represented"]}
    json.dumps(fields)


def test_a_draft_of_a_case_lists_its_sightings(catalog: Catalog) -> None:
    number = catalog.cases.make("The shop", "shop.example", [1, 3])
    answers = {"name": "Anna Quist", "email": "anna@example.org", "reasons": "It is me.", "good_faith": "yes"}
    answer, draft = ask(catalog, "draft_notice", kind="dsa", language="en", case_id=number, answers=answers)
    assert answer == "notice"
    assert draft["missing"] == []
    assert "https://shop.example/1" in draft["text"]
    assert "https://shop.example/2" not in draft["text"]
    assert "https://cdn.example/3.jpg" in draft["text"]
    assert (bytes([3]) * 32).hex() in draft["text"]
    assert draft["recipient"]["name"] == "shop.example"
    assert draft["recipient"]["page"] is None
    # A draft alone is nothing that happened.
    assert catalog.journal.entries() == []
    assert [event.kind for event in catalog.cases.events(number)] == ["made"]


def test_a_draft_of_nothing_or_of_no_kind_is_refused(catalog: Catalog) -> None:
    with pytest.raises(NotFound):
        ask(catalog, "draft_notice", kind="dsa", language="en", sighting_ids=[99])
    with pytest.raises(NotFound):
        ask(catalog, "draft_notice", kind="dsa", language="en")
    with pytest.raises(UsageError, match="no notice of kind 'x'"):
        ask(catalog, "draft_notice", kind="x", language="en", sighting_ids=[1])
    with pytest.raises(InvalidMessage):
        ask(catalog, "draft_notice", kind="dsa", language="fr", sighting_ids=[1])
    with pytest.raises(InvalidMessage):
        ask(catalog, "draft_notice", kind="dsa", language="en", sighting_ids=[1], answers={"name": "x" * 4_001})


def test_a_letter_is_saved_and_noted_without_its_text(catalog: Catalog, tmp_path: Path) -> None:
    number = catalog.cases.make("The shop", "shop.example", [1, 3])
    letter = {"kind": "gdpr", "language": "en", "subject": "Erasure", "text": "My edited text", "case_id": number}
    saved = [save(catalog, tmp_path, format="pdf", **letter), save(catalog, tmp_path, format="pdf", **letter)]
    plain = save(catalog, tmp_path, format="txt", **letter)
    paths = [Path(each["path"]) for each in (*saved, plain)]
    assert len(set(paths)) == 3
    assert paths[1].stem == f"{paths[0].stem}-2"
    assert all(path.parent == tmp_path / "notices" for path in paths)
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}
    assert sorted(path.name for path in (tmp_path / "notices").iterdir()) == sorted(path.name for path in paths)
    assert "My edited text" in pypdfium2.PdfDocument(paths[0])[0].get_textpage().get_text_range()
    assert paths[2].read_text() == "Erasure\n\nMy edited text\n"
    assert saved[0]["bytes"] == paths[0].stat().st_size
    events = [event for event in catalog.cases.events(number) if event.kind == "notice"]
    assert [event.text for event in events] == ["gdpr saved"] * 3
    entries = catalog.journal.entries()
    assert [entry.event for entry in entries] == ["notice_drafted"] * 3
    assert entries[0].detail == {"kind": "gdpr", "how": "saved", "sightings": [1, 3]}
    assert catalog.cases.one(number).status == "found"  # that it was sent is the user's to say


def test_what_was_copied_is_noted_in_the_cases_of_the_sightings(catalog: Catalog) -> None:
    number = catalog.cases.make("The shop", "shop.example", [1])
    ask(catalog, "note_notice", kind="dmca", how="copied", sighting_ids=[1, 2])
    assert [event.text for event in catalog.cases.events(number) if event.kind == "notice"] == ["dmca copied"]


def test_the_longest_draft_fits_a_frame(catalog: Catalog) -> None:
    for number in range(200):
        page = f"https://shop.example/{number}?" + 'é\\"' * 20_000
        catalog.sightings.keep(SeenPicture(page, "\u202e" * 9_000, page, b"%032d" % number, b"jpeg", 1, 1, _ANSWER))
    numbers = [each.sighting_id for each in catalog.sightings.latest(200)]
    answers = dict.fromkeys(("name", "email", "reasons", "postal", "phone", "work", "evidence"), "漢" * 4000)
    for kind in ("dmca", "prc", "dsa", "gdpr", "request"):
        _, draft = ask(catalog, "draft_notice", kind=kind, language="zh", sighting_ids=numbers, answers=answers)
        assert draft["addresses"] == 200
        assert len(json.dumps(draft, ensure_ascii=False).encode()) < _LARGEST_FRAME
