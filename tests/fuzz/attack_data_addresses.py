"""Pictures that lie in their addresses."""

import base64
from pathlib import Path

from isthisme.acquire.data_address import decode_data_address, is_data_address
from isthisme.errors import ImageTooLarge, UnreadableImage
from tests.fuzz.target import Target, promise

_MOST = 500  # bytes


def target(_scratch: Path) -> Target:
    packed = base64.b64encode(bytes(range(200)))
    return Target(
        name="data_addresses",
        attack=attack,
        seeds=(
            b"data:image/png;base64," + packed,
            b" DATA:image/gif;charset=x;BASE64 ," + packed.replace(b"A", b"%41"),
            b"data:,%00%ff" + b"a" * 200 + b"#part",
            b"data:image/svg+xml;utf8,<svg/>",
            b"data:;base64,====",
            b"data:" + b";" * 2_000,
        ),
        covers=("isthisme.acquire.data_address",),
        runs_in_ci=1_500,
        words=(b"data:", b";base64", b",", b"%", b"%00", b"=", b"\n", b" ", b"#", b"-_", b"\xed\xa0\x80"),
        largest=3_000,
    )


def attack(data: bytes) -> int:
    """At most so many bytes as agreed and the name of a kind, or UnreadableImage or ImageTooLarge, in a few words."""
    address = data.decode("utf-8", "replace")
    is_data_address(address)
    try:
        found, media_type = decode_data_address(address, _MOST)
    except (UnreadableImage, ImageTooLarge) as error:
        promise(len(str(error)) < 300, "an error repeats the address")
        return 1
    promise(len(found) <= _MOST, "more bytes than agreed")
    promise(media_type is None or (media_type == media_type.strip() and media_type), "a kind that is none")
    plain = address.partition(",")[2].partition("#")[0]
    if ";base64" not in address.lower() and plain.isascii() and "%" not in plain and "base64" not in address.lower():
        promise(found == plain.encode(), "plain text became something else")
    return 1
