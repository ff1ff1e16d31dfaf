"""Messages: every form is checked at the door."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthisme.errors import InvalidMessage, UnknownType
from isthisme.server import messages, parsing
from isthisme.server.messages import CheckPage, Hello
from isthisme.server.parsing import parse

HELLO = {
    "id": 1,
    "type": "hello",
    "protocol": 1,
    "extension_version": "0.1.0",
    "browser": "chromium",
    "user_agent": "Mozilla/5.0",
}
CHECK = {
    "id": 2,
    "type": "check_page",
    "page": {"address": "https://a.example/"},
    "images": [{"key": "1", "address": "https://a.example/1.jpg"}],
}


def test_a_message_becomes_its_type() -> None:
    assert parse(json.dumps(HELLO).encode()) == Hello(1, 1, "0.1.0", "chromium", "Mozilla/5.0")
    request = parse(json.dumps(CHECK).encode())
    assert isinstance(request, CheckPage)
    assert request.images[0].address == "https://a.example/1.jpg"


def test_fields_of_another_version_are_ignored() -> None:
    assert isinstance(parse(json.dumps(HELLO | {"colour": "blue"}).encode()), Hello)


def test_bytes_come_as_base64() -> None:
    message = {**CHECK, "type": "check_image", "image": {"key": "1", "bytes": "AAEC"}}
    request = parse(json.dumps(message).encode())
    assert isinstance(request, messages.CheckImage)
    assert request.image.bytes_ == b"\x00\x01\x02"


@pytest.mark.parametrize(
    "change",
    [
        {"id": 0},
        {"id": -1},
        {"id": 2**53},
        {"id": "1"},
        {"id": True},
        {"id": None},
        {"page": None},
        {"page": {"address": ""}},
        {"page": {"address": "x" * 70_000}},
        {"images": None},
        {"images": "all"},
        {"images": [{"key": "1", "address": "x"}] * 301},
        {"images": [{"key": "k" * 101, "address": "x"}]},
        {"images": [{"address": "x"}]},
        {"images": [{"key": 1, "address": "x"}]},
        {"images": [{"key": "1", "bytes": "not base64 §"}]},
        {"deadline_seconds": 0},
        {"deadline_seconds": 1e9},
        {"deadline_seconds": "soon"},
    ],
)
def test_a_field_of_the_wrong_form_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidMessage):
        parse(json.dumps(CHECK | change).encode())


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"1", b"null", b"{}", b'"hello"', b"\xff\xfe", b'{"id": 1}', b"[" * 5000]
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises((InvalidMessage, UnknownType)):
        parse(body)


def test_a_type_from_another_version_is_told_apart() -> None:
    with pytest.raises(UnknownType, match="dance"):
        parse(b'{"id": 1, "type": "dance"}')


def test_the_id_is_found_where_there_is_one() -> None:
    assert parsing.request_id(b'{"id": 7, "type": 3}') == 7
    for body in (b"{", b"[]", b'{"id": "7"}', b'{"id": true}', b'{"id": 0}', b'{"id": 1.5}'):
        assert parsing.request_id(body) is None


@given(
    st.binary(max_size=100)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
def test_nonsense_never_gets_through(body: bytes) -> None:
    with pytest.raises((InvalidMessage, UnknownType)):
        parse(body)
    parsing.request_id(body)


def test_a_title_cut_inside_an_emoji_is_read_all_the_same() -> None:
    """Sites cut titles after some number of UTF-16 units; browsers write the half that is left as an escape."""
    images = b'"images":[{"key":"1","address":"http://a/\\ud83d\\ude00.jpg"}]'
    body = b'{"type":"check_page","id":5,"page":{"address":"http://a/","title":"Sunny \\ud83d"},' + images + b"}"
    request = parsing.parse(body)
    assert isinstance(request, messages.CheckPage)
    assert request.page.title == "Sunny ?"
    assert request.images[0].address == "http://a/\U0001f600.jpg"
