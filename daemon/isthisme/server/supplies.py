"""Pictures that the extension hands in, because the daemon cannot have the same bytes itself. Pure, save for waiting.

What comes in is not believed: only what was asked for is taken, in order, once, up to a size and within a time, and all
of it together holds a bounded amount of memory.
"""

import asyncio
from collections.abc import Awaitable, Callable

from isthisme.errors import ImageTooLarge, InvalidMessage, NotFound, NotSupplied, Overloaded
from isthisme.server.messages import SupplyBytes, SupplyNothing

LARGEST_PICTURE_BYTES = 10 << 20
_SECONDS = 20.0  # for one picture, from asking for it to having all of it
_OF_A_PAGE = 4  # pictures that one request asks for at once
_MOST_SILENCES = 3  # then a request asks for no more: its page would wait for each in turn

type Send = Callable[[str, int, dict[str, object]], Awaitable[None]]
type Supply = Callable[[str, bool], Awaitable[bytes]]  # key, and whether only the document may be asked


class SupplyRoom:
    """How many bytes all connections together may have handed in without having completed their pictures."""

    def __init__(self, most_bytes: int = 64 << 20) -> None:
        self._left = most_bytes

    def take(self, count: int) -> None:
        """Raises Overloaded where there is no room for so many."""
        if count > self._left:
            raise Overloaded("too many pictures are being handed in at once; ask again later")
        self._left -= count

    def give_back(self, count: int) -> None:
        self._left += count


class _Incoming:
    """One picture that was asked for."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.count = 0  # as the first part said; 0 before it
        self.bytes = 0
        self.whole: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()


class Supplies:
    """What one connection was asked to hand in and has not handed in yet."""

    def __init__(
        self,
        send: Send,
        room: SupplyRoom | None = None,
        *,
        most_bytes: int = LARGEST_PICTURE_BYTES,
        seconds: float = _SECONDS,
    ) -> None:
        self._send = send
        self._room = room or SupplyRoom()
        self._most_bytes = most_bytes
        self._seconds = seconds
        self._incoming: dict[tuple[int, str], _Incoming] = {}

    def for_request(self, target: int) -> Supply:
        """A way for one request to get pictures handed in, a few at a time: one page never holds up another."""
        turns = asyncio.Semaphore(_OF_A_PAGE)
        silences = 0

        async def supply(key: str, from_document_only: bool) -> bytes:  # noqa: FBT001 - as the message has it
            nonlocal silences
            async with turns:
                if silences >= _MOST_SILENCES:
                    raise NotSupplied("the browser did not hand in other pictures of this page in time")
                try:
                    return await self._wanted(target, key, from_document_only=from_document_only)
                except TimeoutError as error:
                    silences += 1
                    words = f"the browser did not hand in the picture in {self._seconds:g} seconds"
                    raise NotSupplied(words) from error

        return supply

    def take(self, part: SupplyBytes) -> None:
        """Takes one part. Raises NotFound for what nobody waits for; what breaks the rules ends the supply."""
        incoming = self._waited_for(part.target, part.key)
        try:
            self._add(incoming, part)
        except (InvalidMessage, ImageTooLarge, Overloaded) as error:
            incoming.whole.set_exception(error)
            raise

    def refuse(self, refusal: SupplyNothing) -> None:
        """The extension cannot hand it in. Raises NotFound where nobody waits for it."""
        incoming = self._waited_for(refusal.target, refusal.key)
        incoming.whole.set_exception(NotSupplied(f"the browser could not hand in the picture ({refusal.reason})"))

    async def _wanted(self, target: int, key: str, *, from_document_only: bool) -> bytes:
        """Asks for a picture and waits for it. Raises TimeoutError, NotSupplied, or what its parts came to."""
        if (target, key) in self._incoming:
            raise InvalidMessage(f"two pictures of one request have the key {key!r}")
        incoming = self._incoming[target, key] = _Incoming()
        try:
            async with asyncio.timeout(self._seconds):
                await self._send("want_bytes", target, {"key": key, "from_document_only": from_document_only})
                return await incoming.whole
        finally:
            del self._incoming[target, key]
            self._room.give_back(incoming.bytes)
            if incoming.whole.done() and not incoming.whole.cancelled():
                incoming.whole.exception()  # heard here where nobody waited any more

    def _waited_for(self, target: int, key: str) -> _Incoming:
        incoming = self._incoming.get((target, key))
        if incoming is None or incoming.whole.done():
            raise NotFound("nobody waits for this picture: it was not asked for, or is late")
        return incoming

    def _add(self, incoming: _Incoming, part: SupplyBytes) -> None:
        count = incoming.count or part.parts
        if part.parts != count or part.part != len(incoming.parts) or part.part >= count:
            raise InvalidMessage(
                f"part {part.part} of {part.parts} came where part {len(incoming.parts)} of {count} was to come"
            )
        if not part.bytes_:
            raise InvalidMessage(f"part {part.part} of {part.parts} is empty")
        if incoming.bytes + len(part.bytes_) > self._most_bytes:
            raise ImageTooLarge(f"the picture has more bytes than {self._most_bytes}, the limit")
        self._room.take(len(part.bytes_))
        incoming.count = count
        incoming.bytes += len(part.bytes_)
        incoming.parts.append(part.bytes_)
        if len(incoming.parts) == count:
            incoming.whole.set_result(b"".join(incoming.parts))
