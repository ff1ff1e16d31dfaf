"""Frames as PROTOCOL.md has them: a 4-byte length in native order, then JSON that the host does not read."""

import struct

LARGEST_TO_DAEMON_BYTES = 16 * 2**20
LARGEST_TO_BROWSER_BYTES = 2**20  # the browsers' own limit

_LENGTH = struct.Struct("=I")


class FrameTooLargeError(Exception):
    """A frame announced more bytes than its direction allows."""

    def __init__(self, direction: str, announced_bytes: int, largest_bytes: int) -> None:
        super().__init__(
            f"a frame {direction} announced {announced_bytes} bytes; the limit is {largest_bytes}; "
            "divide what is to be said into more messages"
        )


class FrameGate:
    """Follows the frames in one stream of bytes, however it is cut into chunks."""

    def __init__(self, largest_bytes: int, direction: str) -> None:
        self._direction = direction
        self._largest_bytes = largest_bytes
        self._length_so_far = b""
        self._body_bytes_left = 0

    def follow(self, chunk: bytes) -> int:
        """How many bytes of the chunk lie before the end of the last frame that ends in it; 0 when none does.

        Raises FrameTooLargeError as soon as a length says so, before the body.
        """
        position = end_of_last_frame = 0
        while position < len(chunk):
            if self._body_bytes_left:
                step = min(self._body_bytes_left, len(chunk) - position)
                self._body_bytes_left -= step
                position += step
            else:
                missing = _LENGTH.size - len(self._length_so_far)
                self._length_so_far += chunk[position : position + missing]
                position += missing
                if len(self._length_so_far) < _LENGTH.size:
                    break
                self._body_bytes_left = self._checked_length()
            if not self._body_bytes_left:
                end_of_last_frame = position
        return end_of_last_frame

    def _checked_length(self) -> int:
        (announced,) = _LENGTH.unpack(self._length_so_far)
        self._length_so_far = b""
        if announced > self._largest_bytes:
            raise FrameTooLargeError(self._direction, announced, self._largest_bytes)
        return int(announced)


def framed(payload: bytes) -> bytes:
    return _LENGTH.pack(len(payload)) + payload


STARTING = framed(b'{"type":"starting"}')


def error_frame(code: str, message: str, *, may_retry: bool, cause: str | None = None) -> bytes:
    """The host's own word to the browser when it cannot go on. `cause` is the code of what lies behind it."""
    import json  # costs time at the start, and most hosts never need it

    answer: dict[str, object] = {"type": "error", "code": code, "message": message, "may_retry": may_retry}
    if cause is not None:
        answer["cause"] = cause
    return framed(json.dumps(answer).encode())
