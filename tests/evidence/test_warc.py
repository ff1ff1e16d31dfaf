"""The web archive: what common readers find in it, and what it says of how the bytes came."""

import hashlib
import io
from collections.abc import Iterator

import pytest
from warcio.archiveiterator import ArchiveIterator

from isthisme.domain import Exchange, Moment
from isthisme.evidence import warc
from isthisme.evidence.warc_digests import WarcDamaged, count_records
from tests.evidence.scene_of_a_theft import PICTURE, fetched

NOW = Moment(1_795_000_000.5, 8 * 3600)
BODY = b"\xff\xd8\xff picture " * 100


def written(found: list[warc.Record], made: Moment) -> bytes:
    stream = io.BytesIO()
    warc.write(stream, found, made)
    return stream.getvalue()


def records(data: bytes) -> list[tuple[str, str, dict[str, str], bytes]]:
    """Type, address, HTTP or WARC header lines and body of each record, all digests checked."""
    found = []
    for record in ArchiveIterator(io.BytesIO(data), check_digests="raise"):
        body = record.content_stream().read()
        headers = record.http_headers or record.rec_headers
        address = record.rec_headers.get_header("WARC-Target-URI") or ""
        found.append((record.rec_type, address, dict(headers.headers), body))
    return found


def test_a_fetched_picture_replays_with_the_headers_that_its_kept_body_has() -> None:
    data = written([warc.Fetched(fetched(), NOW, BODY, "image/jpeg")], NOW)
    info, response, request = records(data)
    assert info[0] == "warcinfo"
    kind, address, headers, body = response
    assert (kind, address, body) == ("response", PICTURE, BODY)
    assert headers["Content-Length"] == str(len(BODY))
    assert "Content-Encoding" not in headers
    assert "Transfer-Encoding" not in headers
    assert headers["X-Archive-Orig-Content-Encoding"] == "gzip"
    assert headers["X-Archive-Orig-Content-Length"] == "123"
    assert headers["Server"] == "nginx"
    assert request[:2] == ("request", PICTURE)
    assert request[2]["Host"] == "cdn.shop.example"


def test_a_request_line_has_path_and_query() -> None:
    exchange = fetched("https://a.example?q=1#part")
    data = written([warc.Fetched(exchange, NOW, BODY, "image/jpeg")], NOW)
    assert b"\r\n\r\nGET /?q=1 HTTP/1.1\r\n" in data
    assert b"\r\n\r\nHTTP/1.1 200 OK\r\n" in data


def test_a_redirect_is_told_beside_the_answer() -> None:
    exchange = Exchange("https://a.example/short", PICTURE, "companion", (), 200, "", ())
    *_, about = records(written([warc.Fetched(exchange, NOW, BODY, "image/jpeg")], NOW))
    assert about[0] == "metadata"
    assert b"via: https://a.example/short" in about[3]


def test_what_the_browser_handed_in_is_no_answer_of_the_site() -> None:
    exchange = Exchange(PICTURE, PICTURE, "browser")
    _, resource = records(written([warc.Fetched(exchange, NOW, BODY, "image/jpeg")], NOW))
    assert (resource[0], resource[1], resource[3]) == ("resource", PICTURE, BODY)


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/" + "x" * 2_000_000,
        "https://a.example/\r\nWARC-Type: warcinfo\r\n\r\nevil",
        "https://a.example/图片 \u202e\ud800",
        "https://a.example/" + "é" * 20_000,
    ],
)
def test_no_address_breaks_the_archive(address: str) -> None:
    exchange = Exchange(address, address, "companion", (("X", address[:100]), ("", "")), 200, "\r\nX: y", ())
    shown = warc.Shown(address, NOW, b"<p>page</p>", "text/html\r\nX: y", "note\n")
    data = written([warc.Fetched(exchange, NOW, BODY, "image/jpeg"), shown], NOW)
    found = records(data)
    assert [kind for kind, *_ in found] == ["warcinfo", "response", "request", "resource"]
    assert found[1][3] == BODY
    assert max(len(each) for _, each, *_ in found) <= warc.LONGEST_ADDRESS
    assert count_records([data]) == len(found)


def test_what_has_no_address_of_the_web_is_no_answer_of_a_site() -> None:
    exchange = Exchange("", "", "companion", (), 200, "OK", ())
    _, resource = records(written([warc.Fetched(exchange, NOW, BODY, "image/jpeg")], NOW))
    assert (resource[0], resource[1], resource[3]) == ("resource", "about:blank", BODY)


def test_our_own_reader_counts_what_others_count_whatever_the_pieces() -> None:
    data = written([warc.Fetched(fetched(), NOW, BODY, "image/jpeg")] * 3, NOW)
    for size in (1, 7, 4096, len(data)):
        assert count_records(data[at : at + size] for at in range(0, len(data), size)) == 7


def changed_bytes(data: bytes) -> Iterator[bytes]:
    for at in range(data.index(BODY), data.index(BODY) + 20):
        yield data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_a_changed_byte_shows() -> None:
    data = written([warc.Fetched(fetched(), NOW, BODY, "image/jpeg")], NOW)
    for changed in changed_bytes(data):
        with pytest.raises(WarcDamaged, match="record 2 is not what its digest says"):
            count_records([changed])
    with pytest.raises(WarcDamaged, match=r"breaks off|does not end"):
        count_records([data[:-10]])


def head(*lines: str) -> bytes:
    return "\r\n".join(["WARC/1.1", *lines, "", ""]).encode()


@pytest.mark.parametrize(
    "pieces",
    [
        [b"nothing of the kind\r\n"],
        [b"WARC/1.1\r\n" + b"x" * (3 << 20)],
        [head("Content-Length: -1")],
        [head("Content-Length: 99999999999999999999")],
        [head("Content-Length: 10"), b"short"],
        [head("Content-Length: 5", "WARC-Block-Digest: sha256:zzzz"), b"12345\r\n\r\n"],
        [b"WARC/1.1\r\n" + b"A: b\r\nC: d\r\n" * 1_000_000],
        [head("Content-Length: 3000000", "Content-Type: application/http"), b"y" * 3_000_000],
    ],
)
def test_an_archive_made_to_harm_is_refused_in_words(pieces: list[bytes]) -> None:
    with pytest.raises(WarcDamaged, match=r"record|begin"):
        count_records(pieces)


def test_digests_of_other_writers_are_understood() -> None:
    digest = hashlib.sha1(b"12345", usedforsecurity=False).hexdigest()
    assert count_records([head("Content-Length: 5", f"WARC-Block-Digest: sha1:{digest}"), b"12345\r\n\r\n"]) == 1
