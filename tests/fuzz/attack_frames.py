"""Frames: the host's gate, the daemon's reader, and the door behind them, on one stream of bytes."""

import json
import struct
from pathlib import Path

from isthisme.errors import InputError, InvalidMessage, UnknownType
from isthisme.server import parsing
from isthisme.server.frames import FrameReader, FrameTooLargeError, framed
from isthisme.server.messages import Request
from isthisme_host.frames import FrameGate
from tests.fuzz.message_seeds import MESSAGES, TYPES, WORDS
from tests.fuzz.target import Target, pieces, promise

__all__ = ["TYPES", "attack", "framed", "target"]

_LARGEST = 1 << 16  # bytes of a frame here, so that "too large" is met within a short input


def target(_scratch: Path) -> Target:
    return Target(
        name="frames",
        attack=attack,
        seeds=_seeds(),
        covers=("isthisme_host.frames", "isthisme.server.frames", "isthisme.server.parsing"),
        runs_in_ci=3_000,
        unit="frames",
        words=(*WORDS, *(struct.pack("=I", size) for size in (0, 1, 4, 40, _LARGEST, _LARGEST + 1, 2**31, 2**32 - 1))),
        largest=25_000,
    )


def attack(data: bytes) -> int:
    """The first byte says how the rest, a stream of frames, is cut up on its way.

    - Reader and gate find the same frames and refuse the same lengths, wherever the stream was cut.
    - The gate lets through whole frames alone.
    - A body is a request, or refused as InvalidMessage or UnknownType; either way an answer to it can be written.
    - A refusal repeats no more than a little of what was sent.
    """
    cut, stream = data[:1] or b"\0", data[1:]
    bodies, is_too_large = _frames_in(stream)
    reader, gate = FrameReader(_LARGEST), FrameGate(_LARGEST, "to the daemon")
    read: list[bytes] = []
    let_through = refused_at_gate = refused_by_reader = 0
    held = 0
    for piece in pieces(stream, cut[0]):
        if not refused_by_reader:
            try:
                read += reader.feed(piece)
            except FrameTooLargeError:
                refused_by_reader = 1
        if not refused_at_gate:
            try:
                end = gate.follow(piece)
            except FrameTooLargeError:
                refused_at_gate = 1
            else:
                let_through, held = (
                    (let_through + held + end, len(piece) - end) if end else (let_through, held + len(piece))
                )
    promise(bool(refused_by_reader) == is_too_large, "the reader refuses a length that the form allows, or not")
    promise(bool(refused_at_gate) == is_too_large, "the gate refuses a length that the form allows, or not")
    promise(read == bodies, "the reader found other frames than there are")
    if not is_too_large:
        promise(let_through == sum(len(body) + 4 for body in bodies), "the gate let a part of a frame through")
    for body in read:
        _knock(body)
    return max(1, len(read))


def _knock(body: bytes) -> None:
    try:
        request = parsing.parse(body)
    except (InvalidMessage, UnknownType) as error:
        answer_of_refusal(body, error)
    else:
        promise(isinstance(request, Request), "what was parsed is no request")
        promise(1 <= request.id < 2**53, "an id that JavaScript cannot count to was let in")


def answer_of_refusal(body: bytes, error: InputError) -> None:
    """The door's answer can be written, and is short whatever was sent."""
    number = parsing.request_id(body)
    promise(number is None or 1 <= number < 2**53, "a refusal would name an id that is none")
    written = parsing.answer("error", number, {"code": error.code, "message": str(error), "may_retry": False})
    promise(len(written) < 4_096, "a refusal repeats what was sent")
    promise(json.loads(written)["code"] == error.code, "a refusal cannot be read")


def _frames_in(stream: bytes) -> tuple[list[bytes], bool]:
    """What PROTOCOL.md says is in a stream, said once more in other words."""
    bodies: list[bytes] = []
    while len(stream) >= 4:
        (length,) = struct.unpack("=I", stream[:4])
        if length > _LARGEST:
            return bodies, True
        if len(stream) < 4 + length:
            break
        bodies.append(stream[4 : 4 + length])
        stream = stream[4 + length :]
    return bodies, False


def _seeds() -> tuple[bytes, ...]:
    alone = [b"\0" + framed(message) for message in MESSAGES]
    together = [
        bytes((cut,)) + b"".join(framed(each) for each in MESSAGES[place : place + 8])
        for cut in (0, 1, 7)
        for place in range(0, len(MESSAGES), 8)
    ]
    small = [each for each in MESSAGES if len(each) < 60]
    crowds = [bytes((cut,)) + b"".join(framed(each) for each in small * 2) for cut in (0, 0, 9, 200)]
    crowds += [bytes((cut,)) + framed(b"{}") * 90 + framed(b"") * 60 + framed(b"[]") * 60 for cut in (0, 9)]
    deep = b"\0" + framed(b'{"type":"status","id":1,"x":' + b"[" * 12_000 + b"]" * 12_000 + b"}")
    return (
        *alone,
        *together,
        *crowds * 8,
        deep,
        b"\0" + struct.pack("=I", _LARGEST + 1),
        b"\1" + framed(MESSAGES[0])[:-1],
    )
