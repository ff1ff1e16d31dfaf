"""Pictures in recorded sites: what they are part of, and what broken and hostile records cost."""

import gzip
import io
import zlib
from collections.abc import Callable

import pytest

from isthisme.scanning.found import ArchiveRecord, Found, FoundPicture, RecordedPage, Unread
from isthisme.scanning.recorded_pages import RecordedPages
from isthisme.scanning.unpacking import Allowance, TooMuchUnpacked
from isthisme.scanning.web_archive import pictures_in_web_archive
from tests.scanning.archives import PNG, answer, packed, record, request

A, B = "https://a.example/a.png", "https://a.example/b.png"
PAGE = "https://a.example/gallery"


def found_in(archive: bytes) -> list[Found]:
    return list(pictures_in_web_archive(io.BytesIO(archive), "file:///a/site.warc", Allowance(len(archive))))


def shown(found: list[Found]) -> list[str]:
    """Addresses of pictures and the end of their bytes; of what could not be read its words."""
    return [
        f"{each.picture_address} {each.data.removeprefix(PNG).decode()}"
        if isinstance(each, FoundPicture)
        else each.words
        for each in found
    ]


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


FIRST = record("response", A, answer(PNG + b"one", "Content-Type: image/png"), number=1)
SECOND = record("response", B, answer(PNG + b"two", "Content-Type: image/png"), number=2)
ONE, TWO = f"{A} one", f"{B} two"
BROKEN = "1 of its records are broken and were left out"


@pytest.mark.parametrize("archive", [FIRST + SECOND, packed(FIRST, SECOND), gzip.compress(FIRST + SECOND)])
def test_pictures_are_found_packed_or_plain(archive: bytes) -> None:
    assert shown(found_in(archive)) == [ONE, TWO]


@pytest.mark.parametrize(
    ("made", "picture"),
    [
        (record("resource", A, PNG + b"one"), ONE),
        (record("response", f"<{A}>", answer(PNG + b"one")), ONE),
        (record("response", A, answer(PNG + b"one", "Content-Type: text/html")), ONE),  # whatever it says it is
        (record("response", A, answer(PNG + b"one", version="HTTP/2")), ONE),
        (record("response", A, answer(chunked(PNG, b"o", b"ne"), "Transfer-Encoding: chunked")), ONE),
        (record("response", A, answer(PNG + b"one", "Transfer-Encoding: chunked")), ONE),  # kept unpacked
        (record("response", A, answer(gzip.compress(PNG + b"one"), "Content-Encoding: gzip")), ONE),
        (record("response", A, answer(PNG + b"one", "Content-Encoding: gzip")), ONE),
        (record("response", A, answer(zlib.compress(PNG + b"one"), "content-encoding: deflate")), ONE),
        (
            record(
                "response",
                A,
                answer(chunked(gzip.compress(PNG + b"one")), "Transfer-Encoding: chunked", "Content-Encoding: gzip"),
            ),
            ONE,
        ),
        (record("response", A, answer(b"<html>", "Content-Type: image/png")), None),
        (record("response", A, answer(PNG, status="404 Not Found")), None),
        (record("revisit", A, b"HTTP/1.1 200 OK\r\n\r\n"), None),
        (record("warcinfo", "", b"software: a"), None),
        (record("conversion", A, PNG), None),
        (record("response", A, answer(b"")), None),
    ],
)
def test_answers_are_unpacked(made: bytes, picture: str | None) -> None:
    assert shown(found_in(made + SECOND)) == ([TWO] if picture is None else [picture, TWO])


@pytest.mark.parametrize(
    "records",
    [
        [FIRST, record("request", A, request(PAGE), number=9, concurrent_to=1)],
        [record("request", A, request(PAGE), number=9, concurrent_to=1), FIRST],
        [FIRST, record("metadata", A, f"via: {PAGE}\r\nhopsFromSeed: E".encode(), number=9, concurrent_to=1)],
        [FIRST, record("request", A, request(PAGE), number=9)],  # not linked, but of the same address
    ],
)
def test_the_page_is_the_one_that_the_archive_names(records: list[bytes]) -> None:
    first, second = found_in(packed(*records, SECOND))
    assert isinstance(first, FoundPicture)
    assert isinstance(second, FoundPicture)
    assert (first.page_address, first.picture_address) == (PAGE, A)
    assert second.page_address == B
    assert first.words == "recorded in file:///a/site.warc at 2026-11-20T10:00:00Z"
    assert (first.exchange.by, first.exchange.status) == ("file", 200)
    assert first.exchange.response_headers == (("Content-Type", "image/png"),)


@pytest.mark.parametrize("referrer", ["javascript:x", "http://[bad", "", "https://" + "a" * 70_000, "file:///etc"])
def test_what_is_no_page_is_not_taken_for_one(referrer: str) -> None:
    (found,) = found_in(FIRST + record("request", A, request(referrer), concurrent_to=1))
    assert isinstance(found, FoundPicture)
    assert found.page_address == A


@pytest.mark.parametrize(
    ("archive", "found"),
    [
        (b"", []),
        (b"no archive\r\n" * 3 + SECOND, [TWO, BROKEN]),
        (record("response", A, PNG, length="-1") + SECOND, [TWO, BROKEN]),
        (record("response", A, PNG, length="many") + SECOND, [TWO, BROKEN]),
        (
            record("response", A, answer(PNG), length="1") + SECOND,
            [TWO, "2 of its records are broken and were left out"],
        ),
        (record("response", A, b"no answer\r\n\r\n" + PNG) + SECOND, [TWO, BROKEN]),
        (record("response", A, answer(b"?", "Content-Encoding: gzip")) + SECOND, [TWO, BROKEN]),
        (record("response", A, answer(b"?", "Content-Encoding: br")) + SECOND, [TWO, BROKEN]),
        (b"WARC/1.0\r\n" + b"a" * 1_000_000 + SECOND, [BROKEN]),
        (b"WARC/1.0\r\n" + b"a: b\r\n" * 100_000 + b"\r\n" + SECOND, [TWO, BROKEN]),
        (record("response", A, b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 100_000 + b"\r\n" + PNG) + SECOND, [TWO, BROKEN]),
        (FIRST + SECOND[:-5], [ONE, TWO[:-1], BROKEN]),
        (packed(FIRST) + b"\x1f\x8b\x08" + b"\xff" * 100 + packed(SECOND), [ONE, TWO, BROKEN]),
        (packed(FIRST)[:-40] + packed(SECOND), [TWO, BROKEN]),
        (packed(FIRST) + packed(SECOND)[:-40], [ONE, BROKEN]),
        (packed(FIRST) + b"\0" * 1_000_000, [ONE]),
    ],
)
def test_a_broken_record_costs_itself(archive: bytes, found: list[str]) -> None:
    assert shown(found_in(archive)) == found


def test_a_picture_past_the_limit_is_named() -> None:
    large, second = found_in(packed(record("response", A, answer(PNG + bytes(64 << 20))), SECOND))
    assert isinstance(large, Unread)
    assert (large.address, large.code) == (A, "image_too_large")
    assert isinstance(second, FoundPicture)


@pytest.mark.parametrize(
    "body",
    [
        answer(gzip.compress(bytes(80 << 20)), "Content-Encoding: gzip"),
        answer(b"7fffffff\r\n" + PNG, "Transfer-Encoding: chunked"),
    ],
)
def test_what_grows_when_it_is_unpacked_ends_at_the_limit(body: bytes) -> None:
    assert TWO in shown(found_in(record("response", A, body) + SECOND))


def test_a_bomb_stops_at_what_archives_hold() -> None:
    bomb = gzip.compress(record("response", A, bytes(8 << 20)))
    allowance = Allowance(len(bomb))
    allowance.spend((1 << 30) - (4 << 20))
    before = []
    with pytest.raises(TooMuchUnpacked):
        before.extend(pictures_in_web_archive(io.BytesIO(packed(FIRST) + bomb), "file:///a/site.warc", allowance))
    assert shown(before) == [ONE]


def records_of(archive: bytes) -> list[ArchiveRecord]:
    return [each.record for each in found_in(archive) if isinstance(each, FoundPicture) and each.record is not None]


@pytest.mark.parametrize("unpack", [bytes, gzip.decompress], ids=["plain", "packed"])
@pytest.mark.parametrize("before", [b"", record("warcinfo", "", b"software: a"), b"no record\r\n"])
def test_each_picture_can_be_found_again_in_its_archive(unpack: Callable[[bytes], bytes], before: bytes) -> None:
    parts = [before, FIRST, record("request", A, request(PAGE), number=9, concurrent_to=1), SECOND]
    archive = b"".join(parts) if unpack is bytes else packed(*parts)
    first, second = records_of(archive)
    assert (first.archive, first.record_id, first.recorded) == (
        "file:///a/site.warc",
        "<urn:uuid:1>",
        "2026-11-20T10:00:00Z",
    )
    for each, made in ((first, FIRST), (second, SECOND)):
        assert each.length is not None
        assert unpack(archive[each.offset : each.offset + each.length]).strip() == made.strip()


def test_of_many_records_in_one_member_its_beginning_is_told() -> None:
    archive = packed(FIRST) + gzip.compress(FIRST + SECOND)
    at = len(packed(FIRST))
    assert [(each.offset, each.length) for each in records_of(archive)] == [
        (0, at),
        (at, None),
        (at, len(archive) - at),
    ]


def test_a_picture_behind_a_broken_member_is_where_it_is_said_to_be() -> None:
    before = packed(FIRST)[:-40]
    (found,) = records_of(before + packed(SECOND))
    assert (found.offset, found.length) == (len(before), len(packed(SECOND)))


def test_a_picture_knows_its_page_where_pages_are_kept() -> None:
    html = record(
        "response",
        PAGE,
        answer(gzip.compress(b"<title>A"), "Content-Encoding: gzip", "Content-Type: text/html; charset=koi8-r"),
    )
    archive = packed(html, FIRST, record("request", A, request(PAGE), number=9, concurrent_to=1), SECOND)
    pages = RecordedPages()
    first, second = pictures_in_web_archive(io.BytesIO(archive), "file:///a.warc", Allowance(len(archive)), pages)
    assert isinstance(first, FoundPicture)
    assert isinstance(second, FoundPicture)
    assert first.page == RecordedPage(b"<title>A", "koi8-r")
    assert second.page is None


def test_a_page_that_cannot_be_unpacked_is_no_broken_record() -> None:
    page = record("response", PAGE, answer(b"?", "Content-Encoding: br", "Content-Type: text/html"))
    assert shown(found_in(packed(page, FIRST))) == [ONE]


def test_pages_kept_are_bounded_and_the_last_ones() -> None:
    pages = RecordedPages(most_bytes=200_000)
    for number in range(100):
        pages.keep(f"{PAGE}/{number}", b"a" * 100_000, "text/html")
    kept = [number for number in range(100) if pages.at(f"{PAGE}/{number}")]
    assert kept == [97, 98, 99]  # 64 KiB of each
    pages.keep(f"{PAGE}/98", b"again", "text/html")
    assert pages.at(f"{PAGE}/98") == RecordedPage(b"again", None)
    assert pages.at(f"{PAGE}/99") is not None
