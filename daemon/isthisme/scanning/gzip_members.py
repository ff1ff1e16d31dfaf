"""The members of a gzip file one by one: those of a WARC file hold a record each, and one may be broken."""

import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO

_MARK = b"\x1f\x8b\x08"
_GZIP_WINDOW = 31
_CHUNK = 1 << 16


class BrokenMember(Exception):
    """This member ends before its end."""


def members(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Streams to be read one after the other; one in all for a file that is not packed.

    What of a member was not read is skipped. Reading raises BrokenMember where it is broken.
    """
    source = _Source(stream)
    if not source.begins_with(_MARK):
        yield io.BufferedReader(_Rest(source), _CHUNK)
        return
    while source.skip_to(_MARK):
        yield io.BufferedReader(_Member(source), _CHUNK)


class _Source:
    """The packed file, with what was read too far put back."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ahead = b""

    def begins_with(self, mark: bytes) -> bool:
        self._ahead += self._stream.read(len(mark))
        return self._ahead.startswith(mark)

    def take(self) -> bytes:
        taken, self._ahead = self._ahead or self._stream.read(_CHUNK), b""
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
            more = self._stream.read(_CHUNK)
            if not more:
                return False
            self._ahead = self._ahead[-len(mark) + 1 :] + more


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
