"""Recorded sites: WARC files, plain and packed, with lengths that lie."""

import gzip
import io
from pathlib import Path

from isthisme.scanning.found import FoundPicture, Unread
from isthisme.scanning.unpacking import Allowance, TooMuchUnpacked
from isthisme.scanning.web_archive import pictures_in_web_archive
from tests.fuzz.target import Target, promise

_PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
_MOST = 2 << 20  # bytes that may come out


class SmallAllowance(Allowance):
    """As the real one, of fewer bytes, so that a short input meets it."""

    def __init__(self) -> None:
        super().__init__(0)
        self._most = self._left = _MOST


def target(_scratch: Path) -> Target:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"
    plain = _record(b"response", answer + b"\r\n" + _PNG)
    chunked = _record(b"response", answer + b"Transfer-Encoding: chunked\r\n\r\n1c\r\n" + _PNG + b"\r\n0\r\n\r\n")
    lying = _record(b"response", answer + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n" + _PNG + b"\r\nzz\r\n")
    packed = _record(b"response", answer + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(_PNG, mtime=0))
    bomb = _record(b"response", answer + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"\0" * 3_000_000, mtime=0))
    asked = _record(b"request", b"GET / HTTP/1.1\r\nReferer: https://a.example/page\r\n\r\n")
    notes = _record(b"metadata", b"via: https://a.example/\r\n")
    alone = _record(b"resource", _PNG)
    whole = asked + plain + notes + chunked + alone
    return Target(
        name="web_archives",
        attack=attack,
        seeds=(
            *(
                plain,
                chunked,
                lying,
                packed,
                bomb,
                whole,
                alone * 20,
                whole.replace(b"Content-Length: ", b"Content-Length: 9"),
            ),
            *(gzip.compress(whole, mtime=0), b"".join(gzip.compress(each, mtime=0) for each in (asked, plain, alone))),
            *(
                gzip.compress(b"\0" * 4_000_000, mtime=0),
                b"WARC/1.0\r\n" + b"a: b\r\n" * 500,
                b"WARC/1.1\r\n\r\n" * 100,
            ),
        ),
        covers=("isthisme.scanning.web_archive", "isthisme.scanning.gzip_members", "isthisme.scanning.unpacking"),
        runs_in_ci=1_200,
        words=(
            b"WARC/1.0\r\n",
            b"Content-Length: ",
            b"\r\n\r\n",
            b"HTTP/1.1 200",
            b"\x1f\x8b\x08",
            b"Transfer-Encoding: chunked\r\n",
            b"WARC-Type: response\r\n",
            b"-1",
            b"9" * 30,
            b"ffffffffffff\r\n",
            b"\xff",
            b"%",
            b"=?utf-8?Q?=FF?=",
            b"\t",
            b": ",
        ),
        largest=6_000,
    )


def attack(data: bytes) -> int:
    """Pictures that browsers show, each with its addresses, or what could not be read, in words; it ends.

    More than was agreed comes out of no archive: then TooMuchUnpacked, after what came before.
    """
    out = 0
    try:
        for found in pictures_in_web_archive(io.BytesIO(data), "file:///a.warc", SmallAllowance()):
            if isinstance(found, Unread):
                promise(found.code and len(found.words) < 500, "an error repeats the archive")
                continue
            promise(isinstance(found, FoundPicture) and found.data, "a picture of nothing")
            out += len(found.data)
            promise(out <= 200 * _MOST, "more came out than was agreed")
    except TooMuchUnpacked:
        pass
    return 1


def _record(kind: bytes, body: bytes) -> bytes:
    head = b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: https://a.example/a.png\r\n" % kind
    head += b"WARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"\r\n\r\n"
