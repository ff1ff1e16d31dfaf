"""Pages that the user captured, on their way in: by parts, in order, up to a size and within a time."""

import asyncio

from isthisme.domain import Moment
from isthisme.errors import ImageTooLarge, InvalidMessage, NotFound
from isthisme.server.messages import CapturePage, Page
from isthisme.server.supplies import SupplyRoom

MOST_BYTES = 64 << 20  # of one capture
MOST_BYTES_OF_ALL = 128 << 20  # of those that all connections have begun and not completed
_SECONDS = 600.0  # from its first part to its last

# How the bytes of each media type begin; a text may begin with anything.
_BEGINNINGS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "text/html": b""}


class WholePart:
    """The screen, the whole page or its text, with all of its bytes."""

    __slots__ = ("data", "first")

    def __init__(self, first: CapturePage, data: bytes) -> None:
        self.first = first
        self.data = data


class WholeCapture:
    """All of a capture, as it is to be kept."""

    __slots__ = ("moment", "page", "parts")

    def __init__(self, page: Page, moment: Moment, parts: list[WholePart]) -> None:
        self.page = page
        self.moment = moment
        self.parts = parts


class IncomingCapture:
    """The capture that one connection is handing in: one at a time, and a new one takes the place of the last."""

    def __init__(
        self, room: SupplyRoom | None = None, *, most_bytes: int = MOST_BYTES, seconds: float = _SECONDS
    ) -> None:
        self._room = room or SupplyRoom(MOST_BYTES_OF_ALL)
        self._most_bytes = most_bytes
        self._seconds = seconds
        self._name: str | None = None  # None: nothing is coming in
        self._bytes = 0
        self._whole: list[WholePart] = []
        self._first: CapturePage | None = None  # of the part that is not complete yet
        self._chunks: list[bytes] = []
        self._end: asyncio.TimerHandle | None = None

    def take(self, chunk: CapturePage) -> WholeCapture | None:
        """Takes one chunk. The capture with its last one; None before it.

        Raises NotFound for the middle of a capture that was dropped or never begun, and InvalidMessage, ImageTooLarge
        or Overloaded for what breaks the rules; then the capture is over.
        """
        if chunk.capture != self._name:
            if chunk.part != 0:
                raise NotFound("this capture was not begun, or took too long; save the page again")
            self.drop()
            self._begin(chunk.capture)
        try:
            self._add(chunk)
        except Exception:
            self.drop()
            raise
        if not chunk.is_last:
            return None
        if self._first is not None:
            self.drop()
            raise InvalidMessage(f"the capture ended inside its part {chunk.kind!r}")
        first = self._whole[0].first
        capture = WholeCapture(first.page, Moment(first.at, first.utc_offset), self._whole)
        self.drop()
        return capture

    def drop(self) -> None:
        """Forgets what came in."""
        if self._end is not None:
            self._end.cancel()
        self._room.give_back(self._bytes)
        self._name, self._end, self._first, self._bytes = None, None, None, 0
        self._whole, self._chunks = [], []

    def _begin(self, name: str) -> None:
        self._name = name
        self._end = asyncio.get_running_loop().call_later(self._seconds, self.drop)

    def _add(self, chunk: CapturePage) -> None:
        first = self._first
        if first is None:
            self._check_beginning(chunk)
            first = self._first = chunk
        expected = len(self._chunks)
        if (
            chunk.part != expected
            or chunk.parts != first.parts
            or chunk.kind != first.kind
            or chunk.part >= chunk.parts
        ):
            raise InvalidMessage(
                f"part {chunk.part} of {chunk.parts} of {chunk.kind!r} came where part {expected} of {first.parts} of "
                f"{first.kind!r} was to come"
            )
        count = len(chunk.bytes_)
        if self._bytes + count > self._most_bytes:
            raise ImageTooLarge(f"the capture has more bytes than {self._most_bytes}, the limit")
        self._room.take(count)
        self._bytes += count
        self._chunks.append(chunk.bytes_)
        if len(self._chunks) == first.parts:
            self._whole.append(WholePart(first, b"".join(self._chunks)))
            self._first, self._chunks = None, []

    def _check_beginning(self, chunk: CapturePage) -> None:
        if any(part.first.kind == chunk.kind for part in self._whole):
            raise InvalidMessage(f"the capture has its part {chunk.kind!r} already")
        if (chunk.kind == "html") != (chunk.media_type == "text/html"):
            raise InvalidMessage(f"the part {chunk.kind!r} cannot be {chunk.media_type}")
        if not chunk.bytes_.startswith(_BEGINNINGS[chunk.media_type]):
            raise InvalidMessage(f"the part {chunk.kind!r} is no {chunk.media_type}")
        if chunk.kind != "html" and not (chunk.width and chunk.height):
            raise InvalidMessage(f"the part {chunk.kind!r} lacks its width and height")
