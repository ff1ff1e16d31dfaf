"""What is on the pages of the soak: every address tells by itself which picture lies there, and so what is true of it.

An address keeps its meaning when any process dies, so nothing has to be remembered to judge an answer.
"""

import functools
import random
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import cv2
import numpy as np

from tests.pictures import drawn, encoded
from tests.soak.strangers import stranger

STRANGERS_FROM: Final = 1_000_000  # seeds of pictures that are nobody's photos


class Kind(StrEnum):
    STRANGER = "stranger"
    COPY = "copy"
    NO_PICTURE = "no picture"  # broken, hostile, refused, endless


@dataclass(frozen=True, slots=True)
class Truth:
    kind: Kind
    photo: int = -1  # the seed of the user's photo that a copy was made of
    edit: str = ""


# Of these a copy must be found. The others are there to see what becomes of them.
PLAIN_EDITS: Final = ("exact", "recompressed", "shrunk")
EDITS: Final = (*PLAIN_EDITS, "brighter", "cropped", "mirrored")


def truth_of(path: str) -> Truth:
    """What is true of the picture at a path of the site."""
    part, _, rest = path.strip("/").partition("/")
    if part == "copy":
        photo, edit = rest.split("/")[:2]
        return Truth(Kind.COPY, int(photo), edit.removesuffix(".jpg"))
    if part in ("stranger", "alias"):
        return Truth(Kind.STRANGER)
    if part in ("moved", "slow", "supplied"):
        return truth_of(rest)
    return Truth(Kind.NO_PICTURE)


def photo(seed: int) -> bytes:
    """A photo of the user's, as a file."""
    return encoded(drawn(seed), quality=92)


@functools.lru_cache(maxsize=1_500)
def picture(path: str) -> bytes:
    """The file at a path that names a stranger, an alias of one, or a copy."""
    part, _, rest = path.strip("/").partition("/")
    if part in ("stranger", "alias"):
        return _stranger(int(rest.split("/")[0].removesuffix(".jpg")))
    made_of = truth_of(path)
    return _copy(made_of.photo, made_of.edit)


@functools.lru_cache(maxsize=600)
def _stranger(number: int) -> bytes:
    return encoded(stranger(STRANGERS_FROM + number), quality=80)


def _copy(seed: int, edit: str) -> bytes:
    if edit == "exact":
        return photo(seed)
    pixels = drawn(seed)
    height, width = pixels.shape[:2]
    if edit == "shrunk":
        smaller = cv2.resize(pixels, (width * 2 // 3, height * 2 // 3), interpolation=cv2.INTER_AREA)
        pixels = np.asarray(smaller, np.uint8)
    elif edit == "brighter":
        pixels = np.asarray(cv2.convertScaleAbs(pixels, alpha=1.1, beta=15), np.uint8)
    elif edit == "cropped":
        pixels = pixels[height // 8 : height * 7 // 8, width // 8 : width * 7 // 8]
    elif edit == "mirrored":
        pixels = pixels[:, ::-1]
    return encoded(np.ascontiguousarray(pixels), quality=70)


def poison(number: int) -> tuple[str, bytes]:
    """A media type and bytes that no picture should be made of."""
    chance = random.Random(number)
    whole = bytearray(_stranger(number % 50))
    match number % 6:
        case 0:  # cut off
            return "image/jpeg", bytes(whole[: chance.randrange(20, len(whole) // 2)])
        case 1:  # broken at random
            for _ in range(200):
                whole[chance.randrange(2, len(whole))] = chance.randrange(256)
            return "image/jpeg", bytes(whole)
        case 2:  # nine hundred million pixels in two kilobytes
            return "image/png", _png_bomb(30_000)
        case 3:
            return "image/gif", b"GIF89a" + chance.randbytes(400)
        case 4:
            return "image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
        case _:
            return "image/webp", b"RIFF\xff\xff\xff\xffWEBPVP8 " + chance.randbytes(300)


def _png_bomb(side: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + bytes((8, 2, 0, 0, 0))
    rows = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
