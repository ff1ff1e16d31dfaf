from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from isthisme.acquire.timestamp_authority import ask_authority
from isthisme.errors import FetchFailed, UsageError
from isthisme.evidence.timestamps import ask_for_timestamp
from tests.timestamp_authority import make_authority, needs_openssl, serve


@needs_openssl
def test_a_timestamp_comes_over_the_network(tmp_path: Path) -> None:
    with serve(make_authority(tmp_path / "authority")) as authority:
        send = partial(ask_authority, authority.address)
        timestamp = ask_for_timestamp(b"content", send, (authority.root.certificate,), datetime.now(UTC))
    assert timestamp.authority == "Test authority"
    assert authority.queries == 1


@pytest.mark.parametrize(
    ("status", "body", "words"), [(503, b"", "HTTP 503"), (302, b"", "HTTP 302"), (200, bytes(300_000), "too large")]
)
def test_what_is_no_answer_is_told(tmp_path: Path, status: int, body: bytes, words: str) -> None:
    with serve(make_authority(tmp_path / "authority"), status=status, body=body) as authority:  # noqa: SIM117
        with pytest.raises(FetchFailed, match=words):
            ask_authority(authority.address, b"query")


def test_nobody_there_is_told(tmp_path: Path) -> None:
    with serve(make_authority(tmp_path / "authority"), body=b"") as authority:
        address = authority.address
    with pytest.raises(FetchFailed, match=r"127\.0\.0\.1 did not answer"):
        ask_authority(address, b"query")


@pytest.mark.parametrize("address", ["", "timestamp.example", "file:///etc/passwd", "ftp://a.example/", "http:///x"])
def test_what_is_no_web_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="timestamp_authority"):
        ask_authority(address, b"query")
