"""Packed HTTP answers, and the headers that say how long one holds."""

import gzip
import zlib
from pathlib import Path

from isthisme.acquire.answers import Answers, Fetched, Redirect
from isthisme.acquire.freshness import lifetime_seconds, retry_seconds, says_how_long
from isthisme.acquire.inflate import Inflater
from isthisme.acquire.referrer import effective_policy
from isthisme.domain import Exchange
from isthisme.errors import FetchFailed
from tests.fuzz.target import Source, Target, pieces, promise

_ENCODINGS = ("", "identity", "gzip", "x-gzip", "deflate", "GZIP", "br", "zstd", "gzip, gzip", "\ud800")
_MOST = 20_000
_NAMES = ("Cache-Control", "Expires", "Date", "Age", "Pragma", "Vary", "ETag", "Last-Modified", "Retry-After")


def target(_scratch: Path) -> Target:
    text = b"a picture " * 50
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    bodies = (
        gzip.compress(text, mtime=0),
        gzip.compress(text, mtime=0) * 3 + b"\0" * 20,
        zlib.compress(text),
        raw.compress(text) + raw.flush(),
        gzip.compress(b"\0" * 2_000_000, mtime=0),
        zlib.compress(b"\0" * 2_000_000),
        gzip.compress(b"", mtime=0) * 60,
        b"\x1f",
    )
    times = (b"Wed, 21 Oct 2026 07:28:00 GMT", b"Wed, 21 Oct 2026 07:27:00 GMT", b"Thu, 01 Jan 99999 00:00:00 +9999")
    headers = (
        b"\7" + b"\n".join((b'max-age=60, no-store="a"', times[0], times[1], b"12", b"", b"*", b'"tag"', b"", b"3")),
        b"\7"
        + b"\n".join((b"max-age=" + b"9" * 20, times[2], b"-1", b"\xd9\xa3", b"", b"Accept", b"x", b"0", b"9" * 14)),
    )
    return Target(
        name="packed_answers",
        attack=attack,
        seeds=(*(bytes((code, cut)) + body for code in (2, 4) for cut in (0, 1, 5) for body in bodies), *headers),
        covers=("isthisme.acquire.inflate", "isthisme.acquire.freshness", "isthisme.acquire.answers"),
        runs_in_ci=1_500,
        words=(b"\x1f\x8b\x08", b"\x78\x9c", b"max-age=", b"no-cache", b"GMT", b"\n", b"-0000", b"9" * 40, b"\xd9\xa3"),
        largest=3_000,
    )


def attack(data: bytes) -> int:
    """An encoding, how the answer is cut, the answer; or lines for headers.

    - No more comes out at once than was agreed and one byte, however much would; what is broken is FetchFailed.
    - Cut in any way, the same comes out, and it is what zlib unpacks where zlib unpacks it.
    - Times are numbers from 0 to the longest that is allowed, or none.
    """
    source = Source(data)
    encoding, cut = _ENCODINGS[source.number(len(_ENCODINGS))], source.number(256)
    rest = source.rest()
    whole, in_pieces = _unpacked(encoding, [rest]), _unpacked(encoding, pieces(rest, cut))
    promise(whole == in_pieces, "what comes out depends on how it was cut")
    if whole is not None and encoding in ("gzip", "deflate"):
        promise(whole[:_MOST] == _by_zlib(encoding, rest)[: len(whole)][:_MOST], "zlib unpacks something else")
    _check_headers(rest)
    return 1


def _unpacked(encoding: str, chunks: list[bytes]) -> bytes | None:
    """As much as was agreed; None where it was refused."""
    try:
        inflater = Inflater(encoding)
        found = b""
        for chunk in chunks:
            room = _MOST - len(found)
            piece = inflater.inflate(chunk, room)
            promise(len(piece) <= max(room + 1, len(chunk)), "more came out than was agreed")
            found += piece
            if len(found) > _MOST:
                return found[:_MOST]
        inflater.finish()
    except FetchFailed as error:
        promise(len(str(error)) < 300, "an error repeats the answer")
        return None
    return found[:_MOST]


def _by_zlib(encoding: str, data: bytes) -> bytes:
    found = b""
    bits = 31 if encoding == "gzip" else 15 if data[:1] and data[0] & 0x0F == 8 else -15
    while data and len(found) <= _MOST:
        stream = zlib.decompressobj(bits)
        found += stream.decompress(data, _MOST + 1)
        data = stream.unused_data if encoding == "gzip" and stream.eof else b""
        if not data.startswith(b"\x1f\x8b"):
            break
    return found


def _check_headers(data: bytes) -> None:
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    headers = {name: line for name, line in zip(_NAMES, lines, strict=False) if line}
    seconds = lifetime_seconds(headers, 1_790_000_000.0)
    promise(seconds is None or 0 <= seconds <= 3_600, f"an answer would hold for {seconds} s")
    wait = retry_seconds(headers.get("Retry-After", ""), 1_790_000_000.0)
    promise(wait is None or 0 <= wait < 1e13, f"a host would be left alone for {wait} s")
    says_how_long(headers)
    effective_policy(lines[0])
    answers = Answers(1_000)
    answers.put("a", Fetched(b"x" * 10, "", None, Exchange("", "", "companion")), {}, headers)
    answers.put("a", Redirect(lines[-1], is_lasting=True, referrer_policy=None), {}, headers)
    answers.get("a", {})
