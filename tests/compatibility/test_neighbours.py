"""Extension and daemon of neighbouring versions understand each other.

`requests-of-protocol-1.jsonl` holds every request as an extension of protocol 1 may send it: with what it must have
alone, as an older one does, and with all that it may have. `answers-of-protocol-1.json` holds which fields an extension
of protocol 1 finds in the answers, and their types. While the protocol is 1 lines are added to both, and none changes.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthisme.errors import UnknownType
from isthisme.server.messages import OLDEST_PROTOCOL, PROTOCOL, AnyRequest
from isthisme.server.parsing import parse
from tests.companion import Client, client, daemon_with_photos

HERE = Path(__file__).parent
REQUESTS = (HERE / "requests-of-protocol-1.jsonl").read_text(encoding="utf-8").splitlines()
ANSWERS: dict[str, dict[str, Any]] = json.loads((HERE / "answers-of-protocol-1.json").read_text(encoding="utf-8"))
PICTURE = "R0lGODdhAQABAIAAAP///////ywAAAAAAQABAAACAkQBADs="  # a GIF of one pixel
QUESTIONS: dict[str, dict[str, Any]] = {
    "check_image": {"page": {"address": "http://shop.example/"}, "image": {"key": "1", "bytes": PICTURE}},
    "check_page": {"page": {"address": "http://shop.example/"}, "images": []},
    **{kind: {} for kind in ("status", "sightings", "cases", "suggest_cases", "folders", "decisions", "sample_photos")},
    "recheck_schedule": {},
    "notice_kinds": {"language": "en"},
    "add_folder": {"path": "/not/there"},
    "photo_preview": {"photo_id": 1},
}


def types_of(answer: dict[str, Any]) -> dict[str, str]:
    return {name: type(value).__name__ for name, value in answer.items()}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with daemon_with_photos(tmp_path_factory.mktemp("neighbours"), 1, workers=1) as made:
        yield made


@pytest.fixture
def asker(home: Path) -> Iterator[Client]:
    with client(home) as made:
        yield made


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda line: json.loads(line)["type"])
def test_what_an_older_extension_sends_is_understood(request_: str) -> None:
    sent = json.loads(request_)
    assert parse(request_.encode()).id == sent["id"]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda line: json.loads(line)["type"])
def test_what_a_newer_extension_adds_is_ignored(request_: str) -> None:
    def with_more(value: Any) -> Any:
        if isinstance(value, dict):
            more = {} if value.keys() == {"x"} else {"of_a_newer_version": [{"deep": None}]}  # a mapping takes any name
            return {name: with_more(inner) for name, inner in value.items()} | more
        return [with_more(inner) for inner in value] if isinstance(value, list) else value

    newer = json.dumps(with_more(json.loads(request_)))
    assert newer != request_
    assert parse(newer.encode()) == parse(request_.encode())


def test_every_request_is_recorded() -> None:
    known = {kind.__struct_config__.tag for kind in AnyRequest.__value__.__args__}
    assert {json.loads(line)["type"] for line in REQUESTS} == known, "record a new one at the end of the file"


def test_a_message_of_a_newer_extension_is_refused_alone(asker: Client) -> None:
    with pytest.raises(UnknownType):
        parse(b'{"id": 1, "type": "of_a_newer_version"}')
    refusal = asker.ask("of_a_newer_version", anything=[1])
    assert (refusal["type"], refusal["code"], refusal["may_retry"]) == ("error", "unknown_type", False)
    assert asker.ask("status")["type"] == "status", "the connection goes on"


@pytest.mark.parametrize("protocol", range(OLDEST_PROTOCOL - 1, PROTOCOL + 3))
def test_a_greeting_of_any_version_is_answered_with_what_to_do(home: Path, protocol: int) -> None:
    with client(home, greets=False) as newcomer:
        answer = newcomer.hello(protocol=protocol, of_a_newer_version=True)
        if protocol < OLDEST_PROTOCOL:
            assert answer["code"] == "update_extension"
        elif protocol > PROTOCOL:
            assert answer["code"] == "update_companion"
        else:
            assert answer["type"] == "welcome"
            assert answer["oldest_protocol"] <= protocol <= answer["protocol"]
        if answer["type"] == "error":
            assert "update the" in answer["message"]
            assert not answer["may_retry"]


@pytest.mark.parametrize("kind", [*QUESTIONS, "hello"])
def test_an_older_extension_finds_all_that_it_reads_in_the_answers(home: Path, kind: str) -> None:
    with client(home, greets=kind != "hello") as asker:
        answer = asker.hello() if kind == "hello" else asker.ask(kind, **QUESTIONS[kind])
    assert types_of(answer).items() >= ANSWERS[kind].items()
