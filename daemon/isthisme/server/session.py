"""One connection: reads frames, starts a handler for each request, writes the answers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct

from isthisme.acquire.browser_headers import Browser
from isthisme.errors import (
    Cancelled,
    DeadlineExceeded,
    HelloFirst,
    InvalidMessage,
    IsThisMeError,
    Overloaded,
    TransientError,
)
from isthisme.server import messages, parsing
from isthisme.server.captures import IncomingCapture
from isthisme.server.frames import (
    LARGEST_TO_BROWSER_BYTES,
    LARGEST_TO_DAEMON_BYTES,
    FrameReader,
    FrameTooLargeError,
    framed,
)
from isthisme.server.supplies import Supplies, SupplyRoom

_log = logging.getLogger(__name__)

LARGEST_HELLO_BYTES = 1 << 16  # a frame of who has not greeted yet
_MOST_REQUESTS = 64  # of one connection, under way at once
_MOST_WAITING_BYTES = 16 << 20  # of answers that one connection does not read
_READING_SECONDS = 60.0  # after which who reads nothing is taken for gone; it may connect again
_CHUNK = 1 << 16
# Answered before what comes after them is read: their order counts.
_IN_ORDER = (messages.Hello, messages.SupplyBytes, messages.SupplyNothing, messages.CapturePage)

BROWSERS = frozenset({"chromium", "firefox"})

type Fields = Struct | dict[str, Any]
type Handler = Callable[["Session", messages.AnyRequest], Awaitable[tuple[str, Fields]]]


class Session:
    """Lives as long as its connection. What it was asked for and has not answered ends with it."""

    # What another protocol in the same frames has otherwise.
    parse: Callable[[bytes], Any] = staticmethod(parsing.parse)
    greeting: type[messages.Request] = messages.Hello
    in_order: tuple[type[messages.Request], ...] = _IN_ORDER

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        handle: Handler,
        supply_room: SupplyRoom | None = None,
        capture_room: SupplyRoom | None = None,
        frame_room: SupplyRoom | None = None,
    ) -> None:
        self.browser = Browser("")
        self.has_greeted = False
        self.name = ""  # of the browser, as it says
        self.who_fetches: str | None = None  # as it said last, on this connection
        self.supplies = Supplies(self.send, supply_room)
        self.capture = IncomingCapture(capture_room)
        self._reader = reader
        self._writer = writer
        self._handle = handle
        self._writing = asyncio.Lock()
        self._waiting_bytes = 0  # of answers
        self._frame_room = frame_room or SupplyRoom()
        self._frame_bytes = 0  # taken of that room
        self._requests: dict[int, asyncio.Task[None]] = {}

    @property
    def is_browser(self) -> bool:
        """Whether a person may be told by it, and not the command line."""
        return self.name in BROWSERS

    @property
    def is_at_work(self) -> bool:
        """Whether somebody waits for an answer."""
        return bool(self._requests)

    async def serve(self) -> None:
        frames = FrameReader(LARGEST_HELLO_BYTES)
        try:
            while chunk := await self._reader.read(_CHUNK):
                for body in frames.feed(chunk):
                    await self._take(body)
                    if self.has_greeted:
                        frames.largest_bytes = LARGEST_TO_DAEMON_BYTES
                self._hold(frames.pending_bytes)
        except Overloaded as error:
            await self._refuse(None, error.code, str(error), may_retry=True)
        except FrameTooLargeError as error:
            await self._refuse(None, "frame_too_large", str(error), may_retry=False)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the browser went away
        finally:
            await self.close()

    async def close(self) -> None:
        for task in list(self._requests.values()):
            task.cancel()
        self.capture.drop()
        self._hold(0)
        self._writer.close()

    def cancel(self, request_id: int) -> None:
        task = self._requests.get(request_id)
        if task is not None:
            task.cancel()

    async def send(self, kind: str, request_id: int | None, fields: Fields) -> None:
        """Writes one answer; waits while the browser does not read."""
        body = parsing.answer(kind, request_id, fields)
        if len(body) > LARGEST_TO_BROWSER_BYTES:
            words = f"the answer has {len(body)} bytes and a frame holds {LARGEST_TO_BROWSER_BYTES}; ask for less"
            error = {"code": "answer_too_large", "message": words, "may_retry": False}
            body = parsing.answer("error", request_id, error)
        self._waiting_bytes += len(body)
        try:
            if self._waiting_bytes > _MOST_WAITING_BYTES:
                raise self._given_up(f"{self._waiting_bytes >> 20} MiB of answers wait for it")
            async with self._writing, asyncio.timeout(_READING_SECONDS) as patience:
                self._writer.write(framed(body))
                await self._writer.drain()
        except TimeoutError:
            if not patience.expired():
                raise
            raise self._given_up(f"it read nothing for {_READING_SECONDS:g} s") from None
        finally:
            self._waiting_bytes -= len(body)

    def _given_up(self, why: str) -> ConnectionError:
        _log.warning("a connection is closed: %s", why)
        self._writer.transport.abort()
        return ConnectionResetError(why)

    def _hold(self, count: int) -> None:
        """So many bytes of a frame that is not complete. Raises Overloaded where all connections hold too many."""
        if count > self._frame_bytes:
            self._frame_room.take(count - self._frame_bytes)
        else:
            self._frame_room.give_back(self._frame_bytes - count)
        self._frame_bytes = count

    async def _take(self, body: bytes) -> None:
        try:
            request: Any = self.parse(body)
            if not self.has_greeted and not isinstance(request, self.greeting):
                raise HelloFirst("a connection begins with hello")
            if request.id in self._requests:
                raise InvalidMessage(f"request {request.id} is under way already; use another id")
            if len(self._requests) >= _MOST_REQUESTS and not isinstance(request, self.in_order):
                raise Overloaded(f"{_MOST_REQUESTS} requests are under way on this connection; wait for answers")
        except IsThisMeError as error:
            await self._refuse(parsing.request_id(body), error.code, str(error), isinstance(error, TransientError))
            return
        if isinstance(request, self.in_order):
            await self._answer(request)
            return
        task = asyncio.create_task(self._answer(request))
        self._requests[request.id] = task
        task.add_done_callback(lambda _: self._requests.pop(request.id, None))

    async def _answer(self, request: Any) -> None:
        """Exactly one last answer, whatever happens."""
        try:
            kind, fields = await self._handle(self, request)
            await self.send(kind, request.id, fields)
        except asyncio.CancelledError:
            await self._refuse(request.id, Cancelled.code, "cancelled, as asked", may_retry=False)
        except TimeoutError:
            words = "the answer did not come in its time; ask again later"
            await self._refuse(request.id, DeadlineExceeded.code, words, may_retry=True)
        except IsThisMeError as error:
            await self._refuse(request.id, error.code, str(error), isinstance(error, TransientError))
        except ConnectionError:
            pass
        except Exception as error:  # noqa: BLE001 no fault may leave a request without an answer
            # Of a private window nothing is written, not even what a fault quotes.
            is_private = getattr(request, "is_private", False)
            told = type(error).__name__ if is_private else "as follows"
            _log.error("a request of type %s failed: %s", type(request).__name__, told, exc_info=not is_private)
            await self._refuse(request.id, "internal", "a fault of ours; the daemon's log has it", may_retry=True)

    async def _refuse(self, request_id: int | None, code: str, message: str, may_retry: bool) -> None:  # noqa: FBT001
        fields = {"id": request_id, "code": code, "message": message, "may_retry": may_retry}
        try:
            await self.send("error", request_id, fields)
        except ConnectionError:
            _log.debug("nobody reads the error %s", code)
