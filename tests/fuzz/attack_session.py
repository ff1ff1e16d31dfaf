"""A whole connection: any stream of bytes into a session whose handler is a stand-in."""

import asyncio
import json
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

from isthisme.errors import IsThisMeError, NotFound, Overloaded
from isthisme.server import messages, parsing
from isthisme.server.frames import LARGEST_TO_DAEMON_BYTES, FrameReader, FrameTooLargeError, framed
from isthisme.server.session import LARGEST_HELLO_BYTES, Fields, Session
from tests.fuzz.message_seeds import MESSAGES, WORDS
from tests.fuzz.target import Target, pieces, promise

_HELLO = framed(MESSAGES[0])
_CODES = frozenset(
    {"frame_too_large", "internal", "cancelled", "deadline_exceeded", "overloaded", "not_found"}
    | {"invalid_message", "unknown_type", "hello_first", "answer_too_large"}
)
_TURNS_TO_ANSWER = 20  # of the event loop, between the last byte and the end


class StreamOfPieces:
    """Reads like a connection that brings these pieces, waits for answers, and hangs up."""

    def __init__(self, brought: list[bytes]) -> None:
        self._brought = iter(brought)

    async def read(self, _most: int) -> bytes:
        piece = next(self._brought, b"")
        for _ in range(1 if piece else _TURNS_TO_ANSWER):
            await asyncio.sleep(0)
        return piece


class KeptWriting:
    """Writes like a connection, into memory."""

    def __init__(self) -> None:
        self.written = b""
        self.is_closed = False

    def write(self, data: bytes) -> None:
        if not self.is_closed:
            self.written += data

    async def drain(self) -> None:
        """As asyncio's own: what is written to a closed connection is lost, and draining it says so."""
        await asyncio.sleep(0)
        if self.is_closed:
            raise ConnectionResetError

    def close(self) -> None:
        self.is_closed = True


class StandIn:
    """Answers by the id: well, with a refusal, with a fault, or with more than a frame holds."""

    def __init__(self) -> None:
        self.taken = 0

    async def handle(self, session: Session, request: messages.AnyRequest) -> tuple[str, Fields]:
        self.taken += 1
        if isinstance(request, messages.Hello):
            session.has_greeted = True
            return "welcome", {}
        match request.id % 7:
            case 1:
                raise NotFound("there is none")
            case 2:
                raise Overloaded("not now")
            case 3:
                raise KeyError("a fault of ours")
            case 4:
                raise TimeoutError
            case 5:
                return "ok", {"much": "x" * (1 << 20)}
        if isinstance(request, messages.SupplyBytes):
            session.supplies.take(request)
        elif isinstance(request, messages.CapturePage):
            session.capture.take(request)
        return "ok", {}


def target(_scratch: Path) -> Target:
    log = logging.getLogger("isthisme")
    level = log.level
    log.setLevel(logging.CRITICAL)  # faults are part of the game
    loop = asyncio.new_event_loop()

    def close() -> None:
        log.setLevel(level)
        loop.close()

    def attack(data: bytes) -> int:
        return loop.run_until_complete(_attack(data))

    attack.__doc__ = _attack.__doc__
    return Target(
        name="session",
        attack=attack,
        seeds=(
            *tuple(
                bytes((cut,)) + _HELLO + b"".join(framed(each) for each in MESSAGES[place : place + 4])
                for cut in (0, 2)
                for place in range(0, len(MESSAGES), 4)
            ),
            b"\x01" + framed(MESSAGES[1]),
            b"\x00" + _HELLO * 3 + b"\xff\xff\xff\x7f",
        ),
        covers=("isthisme.server.session", "isthisme.server.captures", "isthisme.server.supplies"),
        runs_in_ci=400,
        unit="connections",
        words=(_HELLO, *WORDS),
        largest=3_000,
        close=close,
    )


async def _attack(data: bytes) -> int:
    """The first byte says how the rest comes in.

    - The session ends with its connection, raises nothing, and closes it.
    - All that it writes are frames of JSON objects with a type, within the browsers' limit.
    - Every frame gets exactly one last answer, in known words; an oversized one gets its error and ends the
      connection, and with it what was under way.
    - Before a hello nothing reaches a handler.
    """
    writer, stand_in = KeptWriting(), StandIn()
    reader: Any = StreamOfPieces(pieces(data[1:], data[0] if data else 0))
    session = Session(reader, writer, stand_in.handle)  # type: ignore[arg-type]
    await session.serve()
    for _ in range(3):
        await asyncio.sleep(0)
    promise(writer.is_closed, "the connection was not closed")
    answers = [json.loads(body) for body in FrameReader(1 << 20).feed(writer.written)]
    frames, is_too_large = _frames_of(data[1:])
    for answer in answers:
        promise(isinstance(answer, dict) and isinstance(answer.get("type"), str), "an answer without a type")
        if answer["type"] == "error":
            promise(answer["code"] in _CODES or answer["code"] in _known_codes(), f"an unknown code {answer['code']}")
            promise(isinstance(answer["may_retry"], bool), "an error that does not say whether to try again")
    if is_too_large:
        told = [answer for answer in answers if answer.get("code") == "frame_too_large"]
        promise(len(told) == 1 and len(answers) <= frames + 1, "a frame too large was not told of once")
    else:
        promise(len(answers) == frames, f"{len(answers)} answers to {frames} frames")
    greeted = any(answer["type"] == "welcome" for answer in answers)
    promise(greeted or not stand_in.taken, "a handler was reached before the hello")
    return 1


def _frames_of(stream: bytes) -> tuple[int, bool]:
    """How many whole frames it begins with, and whether one comes then that is too large: before a hello, a small."""
    reader, count = FrameReader(LARGEST_HELLO_BYTES), 0
    try:
        for body in reader.feed(stream):
            count += 1
            with suppress(IsThisMeError):
                if isinstance(parsing.parse(body), messages.Hello):
                    reader.largest_bytes = LARGEST_TO_DAEMON_BYTES
    except FrameTooLargeError:
        return count, True
    return count, False


def _known_codes() -> frozenset[str]:
    found, unseen = set(), [IsThisMeError]
    while unseen:
        kind = unseen.pop()
        found.add(kind.code)
        unseen += kind.__subclasses__()
    return frozenset(found)
