"""Messages from and to the bytes of frames; what is parsed here is trusted behind it."""

import json
from typing import Any

import msgspec
from msgspec import Struct

from isthisme.errors import InvalidMessage, UnknownType
from isthisme.server.messages import PROTOCOL, AnyRequest

_decoder: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest.__value__)
# What reading JSON that is none, or none of ours, ends in; the last one where it is nested many thousand times.
_UNREADABLE = (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_TYPES = frozenset(kind.__struct_config__.tag for kind in AnyRequest.__value__.__args__)


class Envelope(Struct, frozen=True):
    """What can be read of a message whatever else is wrong with it."""

    id: Any = None
    type: Any = None


def parse(body: bytes) -> AnyRequest:
    """The request in a frame. Raises UnknownType, or InvalidMessage with what is wrong and where."""
    try:
        return _decode(body)
    except _UNREADABLE as error:
        kind = envelope(body).type
        if isinstance(kind, str) and kind not in _TYPES:
            raise UnknownType(
                f"no message has type {kind[:100]!r} in protocol {PROTOCOL}; update the extension and the companion"
            ) from error
        raise InvalidMessage(f"no message has this form: {error}") from error


def _decode(body: bytes) -> AnyRequest:
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        mended = _with_whole_characters(body)
        if mended is None:
            raise
        return _decoder.decode(mended)


def _with_whole_characters(body: bytes) -> bytes | None:
    """JSON with `?` for each half of a character; None where it is no JSON.

    A title that a site cut inside an emoji reaches us so: browsers write the half as an escape, which no strict reader
    takes. A page must not be able to keep itself from being looked at in that way.
    """
    try:
        return json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        return None


def envelope(body: bytes) -> Envelope:
    try:
        return msgspec.json.decode(body, type=Envelope)
    except _UNREADABLE:
        return Envelope()


def request_id(body: bytes) -> int | None:
    """The id of a message that could not be parsed, if it has one."""
    found = envelope(body).id
    return found if isinstance(found, int) and not isinstance(found, bool) and 1 <= found < 2**53 else None


def answer(kind: str, request: int | None, fields: Struct | dict[str, Any]) -> bytes:
    """The JSON of an answer."""
    body = {"type": kind} if request is None else {"id": request, "type": kind}
    return msgspec.json.encode(body | (fields if isinstance(fields, dict) else msgspec.structs.asdict(fields)))
