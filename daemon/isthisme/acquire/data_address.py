"""Pictures that lie in their address: `data:` (RFC 2397), read as browsers read it."""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from isthisme.errors import ImageTooLarge, UnreadableImage

_HEAD = re.compile(r"\s*data:(?P<media_type>[^,;]*)(?P<parameters>[^,]*),", re.IGNORECASE)


def is_data_address(address: str) -> bool:
    return address[:100].lstrip().lower().startswith("data:")


def decode_data_address(address: str, max_bytes: int) -> tuple[bytes, str | None]:
    """The bytes and the media type that the address names, if any. Raises ImageTooLarge or UnreadableImage."""
    head = _HEAD.match(address)
    if head is None:
        raise UnreadableImage("the data: address has no comma, after which the picture would begin")
    body = address[head.end() :].partition("#")[0]
    if len(body) > 4 * max_bytes:  # before any work; a byte takes up to three characters, or 4/3 and some white space
        raise ImageTooLarge(f"the data: address has {len(body)} characters; the limit is {4 * max_bytes}")
    data = unquote_to_bytes(body.encode(errors="replace"))
    if re.search(r";\s*base64\s*$", head["parameters"], re.IGNORECASE):
        data = _decode_base64(data)
    if len(data) > max_bytes:
        raise ImageTooLarge(f"the data: address holds {len(data)} bytes; the limit is {max_bytes} (max_bytes)")
    return data, head["media_type"].strip().lower() or None


def _decode_base64(text: bytes) -> bytes:
    text = re.sub(rb"[\t\n\f\r ]", b"", text).rstrip(b"=")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise UnreadableImage(f"the data: address is not valid base64 ({error})") from error
