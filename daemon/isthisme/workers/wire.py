"""What passes between a process and its workers: length-prefixed MessagePack, parsed into types at either end.

Never pickle: a worker that a picture has taken over must not be able to run code in the process that asked it.
"""

import struct
from typing import Any, get_args

import msgspec
import numpy as np

from isthisme.domain import (
    CameraNotes,
    Comparison,
    Judgement,
    PhotoDescription,
    Polygon,
    QueryDescription,
    ReferencePreview,
    SmallCopy,
)
from isthisme.scanning.page_contents import PageContents
from isthisme.workers.confinement import Confinement

LENGTH = struct.Struct("=I")
LARGEST_REPLY = 16 << 20  # bytes; descriptions and previews are far smaller


class DescribePhoto(msgspec.Struct, tag=True, frozen=True):
    data: bytes


class DescribeQuery(msgspec.Struct, tag=True, frozen=True):
    data: bytes
    deep: bool


class Verify(msgspec.Struct, tag=True, frozen=True):
    data: bytes
    references: tuple[ReferencePreview, ...]
    deep: bool


class Shrink(msgspec.Struct, tag=True, frozen=True):
    data: bytes


class ReadPage(msgspec.Struct, tag=True, frozen=True):
    data: bytes
    charset: str | None
    address: str


class Compare(msgspec.Struct, tag=True, frozen=True):
    data: bytes
    reference: ReferencePreview
    photo_region: Polygon


class Redraw(msgspec.Struct, tag=True, frozen=True):
    data: bytes
    side: int


class ReadCameraNotes(msgspec.Struct, tag=True, frozen=True):
    data: bytes


class NameModel(msgspec.Struct, tag=True, frozen=True):
    """Asks for Ready again."""


type Work = DescribePhoto | DescribeQuery | Verify | Shrink | Compare | Redraw | ReadCameraNotes | ReadPage
type Request = Work | NameModel


class Ready(msgspec.Struct, tag=True, frozen=True):
    model: str | None
    confinement: Confinement


class PhotoDescribed(msgspec.Struct, tag=True, frozen=True):
    value: PhotoDescription


class QueryDescribed(msgspec.Struct, tag=True, frozen=True):
    value: QueryDescription


class Verified(msgspec.Struct, tag=True, frozen=True):
    value: Judgement


class Shrunk(msgspec.Struct, tag=True, frozen=True):
    value: SmallCopy


class PageRead(msgspec.Struct, tag=True, frozen=True):
    value: PageContents


class Compared(msgspec.Struct, tag=True, frozen=True):
    value: Comparison


class Redrawn(msgspec.Struct, tag=True, frozen=True):
    jpeg: bytes


class CameraNotesRead(msgspec.Struct, tag=True, frozen=True):
    value: CameraNotes


class Failed(msgspec.Struct, tag=True, frozen=True):
    code: str
    message: str


type Reply = (
    Ready
    | PhotoDescribed
    | QueryDescribed
    | Verified
    | Shrunk
    | Compared
    | Redrawn
    | CameraNotesRead
    | PageRead
    | Failed
)


def _from_array(value: object) -> tuple[tuple[int, ...], bytes]:
    if isinstance(value, np.ndarray):
        return value.shape, np.ascontiguousarray(value).tobytes()
    raise NotImplementedError(f"{type(value)} does not go over the wire")


def _to_array(wanted: Any, value: Any) -> np.ndarray[Any, np.dtype[Any]]:
    (dtype,) = get_args(get_args(wanted)[1])
    shape, data = value
    return np.frombuffer(data, dtype=dtype).reshape(shape)


_encoder = msgspec.msgpack.Encoder(enc_hook=_from_array)
_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(
    DescribePhoto | DescribeQuery | Verify | Shrink | Compare | Redraw | ReadCameraNotes | ReadPage | NameModel,
    dec_hook=_to_array,
)
_replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(
    Ready
    | PhotoDescribed
    | QueryDescribed
    | Verified
    | Shrunk
    | Compared
    | Redrawn
    | CameraNotesRead
    | PageRead
    | Failed,
    dec_hook=_to_array,
)


def encode(message: Request | Reply) -> bytearray:
    """A frame: the length, then the message."""
    frame = bytearray(LENGTH.size)
    _encoder.encode_into(message, frame, LENGTH.size)
    LENGTH.pack_into(frame, 0, len(frame) - LENGTH.size)
    return frame


def decode_request(body: bytes) -> Request:
    return _requests.decode(body)


def decode_reply(body: bytes) -> Reply:
    """Raises msgspec.DecodeError or ValueError on anything that is not a reply."""
    try:
        return _replies.decode(body)
    except RecursionError as error:
        raise ValueError("lists in lists, thousands deep") from error


def whole_frame(incoming: bytearray) -> bytes | None:
    """The body of the one frame that came so far; None where it is not whole yet. Raises ValueError on nonsense."""
    if len(incoming) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack_from(incoming)
    if length > LARGEST_REPLY:
        raise ValueError(f"frame of {length} bytes")
    end = LENGTH.size + length
    if len(incoming) > end:
        raise ValueError("it answered more than it was asked")
    return bytes(incoming[LENGTH.size : end]) if len(incoming) == end else None
