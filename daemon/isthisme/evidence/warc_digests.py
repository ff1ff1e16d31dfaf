"""Whether the records of a WARC file are what their own digests say. Reads a stream, keeps no record in memory."""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator

_LONGEST_HEADER = 1 << 20  # bytes
_MOST_RECORDS = 20_000
_MOST_LINES = 500
_ALGORITHMS = frozenset({"sha1", "sha256", "sha512", "md5"})


class WarcDamaged(Exception):
    """The message says at which record, and what is wrong with it."""


def count_records(chunks: Iterable[bytes]) -> int:
    """How many records there are, each of which agrees with its digests. Raises WarcDamaged."""
    stream = _Stream(iter(chunks))
    number = 0
    while (headers := _headers(stream, number + 1)) is not None:
        number += 1
        if number > _MOST_RECORDS:
            raise WarcDamaged(f"it has more than {_MOST_RECORDS:,} records")
        _check_record(stream, headers, number)
    return number


def _check_record(stream: "_Stream", headers: dict[str, str], number: int) -> None:
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 16):
        raise WarcDamaged(f"record {number} does not say how long it is")
    block, payload = _Digest(headers.get("warc-block-digest")), _Digest(headers.get("warc-payload-digest"))
    is_http = headers.get("content-type", "").lower().startswith("application/http")
    head = bytearray() if is_http else None  # of the HTTP message, until it ends
    left = int(length)
    while left:
        chunk = stream.take(left)
        if not chunk:
            raise WarcDamaged(f"record {number} breaks off")
        left -= len(chunk)
        block.update(chunk)
        if head is None:
            payload.update(chunk)
            continue
        head += chunk
        before, mark, after = head.partition(b"\r\n\r\n")
        if mark:
            payload.update(bytes(after))
            head = None
        elif len(before) > _LONGEST_HEADER:
            raise WarcDamaged(f"record {number} has a head of more than {_LONGEST_HEADER:,} bytes")
    if not block.agrees or not payload.agrees:
        raise WarcDamaged(f"record {number} is not what its digest says")
    if stream.take_exactly(4) != b"\r\n\r\n":
        raise WarcDamaged(f"record {number} does not end where it says")


def _headers(stream: "_Stream", number: int) -> dict[str, str] | None:
    first = stream.line(number)
    if not first:
        return None
    if not first.startswith(b"WARC/"):
        raise WarcDamaged(f"record {number} does not begin as one")
    found: dict[str, str] = {}
    for _ in range(_MOST_LINES):
        line = stream.line(number).rstrip(b"\r\n")
        if not line:
            return found
        name, _, value = line.decode("utf-8", "replace").partition(":")
        found[name.strip().lower()] = value.strip()
    raise WarcDamaged(f"record {number} has more than {_MOST_LINES} header lines")


class _Digest:
    """What a digest line says, and what comes by."""

    def __init__(self, stated: str | None) -> None:
        name, _, self._value = (stated or "").partition(":")
        self._made = hashlib.new(name.lower(), usedforsecurity=False) if name.lower() in _ALGORITHMS else None

    def update(self, data: bytes) -> None:
        if self._made is not None:
            self._made.update(data)

    @property
    def agrees(self) -> bool:
        """Also where nothing was stated, or by a way that is not known."""
        if self._made is None:
            return True
        digest = self._made.digest()
        try:
            is_hex = len(self._value) == 2 * len(digest)
            padded = self._value + "=" * (-len(self._value) % 8)
            return (bytes.fromhex(self._value) if is_hex else base64.b32decode(padded)) == digest
        except (ValueError, binascii.Error):
            return False


class _Stream:
    """Lines and counted bytes from pieces."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = b""
        self._place = 0  # of what is held, how much was given out

    def line(self, number: int) -> bytes:
        found = bytearray()
        while self._has_more():
            end = self._held.find(b"\n", self._place) + 1 or len(self._held)
            found += self._held[self._place : end]
            self._place = end
            if found.endswith(b"\n"):
                break
            if len(found) > _LONGEST_HEADER:
                raise WarcDamaged(f"record {number} has a line of more than {_LONGEST_HEADER:,} bytes")
        return bytes(found)

    def take(self, most: int) -> bytes:
        """At least one byte and at most so many; none at the end."""
        if not self._has_more():
            return b""
        start, self._place = self._place, min(len(self._held), self._place + most)
        return self._held[start : self._place]

    def take_exactly(self, count: int) -> bytes:
        found = b""
        while len(found) < count and (more := self.take(count - len(found))):
            found += more
        return found

    def _has_more(self) -> bool:
        if self._place == len(self._held):
            self._held, self._place = next(self._chunks, b""), 0
        return bool(self._held)
