"""Frames without I/O: bytes in, frames out; the form is in native_host/PROTOCOL.md."""

import struct
from collections.abc import Iterator

from isthisme_host.frames import LARGEST_TO_BROWSER_BYTES, LARGEST_TO_DAEMON_BYTES, FrameTooLargeError, framed

__all__ = ["LARGEST_TO_BROWSER_BYTES", "LARGEST_TO_DAEMON_BYTES", "FrameReader", "FrameTooLargeError", "framed"]

_LENGTH = struct.Struct("=I")


class FrameReader:
    """Cuts a stream into the bodies of its frames, however it arrives."""

    def __init__(self, largest_bytes: int = LARGEST_TO_DAEMON_BYTES) -> None:
        self.largest_bytes = largest_bytes
        self._pending = bytearray()

    @property
    def pending_bytes(self) -> int:
        """Of a frame that has begun."""
        return len(self._pending)

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The bodies that end in this chunk. Raises FrameTooLargeError: the stream is of no use after it."""
        self._pending += chunk
        while len(self._pending) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._pending)
            if length > self.largest_bytes:
                raise FrameTooLargeError("to the daemon", length, self.largest_bytes)
            end = _LENGTH.size + length
            if len(self._pending) < end:
                return
            body = bytes(self._pending[_LENGTH.size : end])
            del self._pending[:end]
            yield body
