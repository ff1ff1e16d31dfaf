"""The members of a gzip file one by one: those of a WARC file hold a record each, and one may be broken."""

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_MARK = b"\x1f\x8b\x08"
_GZIP_WINDOW = 31
_CHUNK = 1 << 16


class BrokenMember(Exception):
    """This member ends before its end."""


@dataclass(frozen=True, slots=True)
class Member:
    """What is read here raises BrokenMember where the member is broken."""

    stream: BinaryIO  # unpacked
    is_packed: bool
    offset: int  # bytes into the file where it begins
    source: "_Source"

    @property
    def length(self) -> int:
        """The bytes that it takes in the file, once it was read to its end."""
        return self.source.position - self.offset


def members(stream: BinaryIO) -> Iterator[Member]:
    """To be read one after the other; one in all for a file that is not packed. What was not read is skipped."""
    source = _Source(stream)
    if not source.begins_with(_MARK):
        yield Member(io.BufferedReader(_Rest(source), _CHUNK), is_packed=False, offset=0, source=source)
        return
    while source.skip_to(_MARK):
        at = source.position
        yield Member(io.BufferedReader(_Member(source), _CHUNK), is_packed=True, offset=at, source=source)


class _Source:
    """The packed file, with what was read too far put back."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ahead = b""
        self._read = 0  # bytes, what lies ahead among them

    @property
    def position(self) -> int:
        """Of what comes next in the file."""
        return self._read - len(self._ahead)

    def begins_with(self, mark: bytes) -> bool:
        self._ahead += self._more(len(mark))
        return self._ahead.startswith(mark)

    def take(self) -> bytes:
        taken, self._ahead = self._ahead or self._more(_CHUNK), b""
        return taken

    def put_back(self, data: bytes) -> None:
        self._ahead = data

    def skip_to(self, mark: bytes) -> bool:
        """Whether the mark comes still; then it comes next."""
        while True:
            at = self._ahead.find(mark)
            if at >= 0:
                self._ahead = self._ahead[at:]
                return True
            more = self._more(_CHUNK)
            if not more:
                return False
            self._ahead = self._ahead[-len(mark) + 1 :] + more

    def _more(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._read += len(data)
        return data


class _Rest(io.RawIOBase):
    def __init__(self, source: _Source) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        data = self._source.take()
        self._source.put_back(data[len(buffer) :])
        buffer[: min(len(data), len(buffer))] = data[: len(buffer)]
        return min(len(data), len(buffer))


class _Member(io.RawIOBase):
    def __init__(self, source: _Source) -> None:
        self._source = source
        self._stream = zlib.decompressobj(_GZIP_WINDOW)
        self._has_begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        while not self._stream.eof:
            data = self._source.take()
            if not data:
                raise BrokenMember
            try:
                piece = self._stream.decompress(data, len(buffer))
            except zlib.error as error:
                # Its own mark must not be found again.
                self._source.put_back(data if self._has_begun else data[1:])
                raise BrokenMember from error
            self._has_begun = True
            self._source.put_back(self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail)
            if piece:
                buffer[: len(piece)] = piece
                return len(piece)
        return 0
