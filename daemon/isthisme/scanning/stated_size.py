"""The size that a picture's file states at its beginning, read without decoding anything: enough to leave icons out."""

import struct

_SMALLEST_SIDE = 64  # pixels; as in a browser, what is smaller on both sides is an icon
_MOST_SEGMENTS = 1_000
_NO_FRAMES = frozenset({0xC4, 0xC8, 0xCC})  # among JPEG's C0 to CF: tables, and what is reserved
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers of JPEG that have no length


def is_icon(data: bytes) -> bool:
    """Whether a picture says that it is too small to be looked for; what does not say so is none."""
    size = stated_size(data)
    return size is not None and max(size) < _SMALLEST_SIDE


def stated_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, GIF, BMP, JPEG or WebP; None where they are not found."""
    try:
        return _stated(data)
    except (struct.error, IndexError):  # it breaks off
        return None


def _stated(data: bytes) -> tuple[int, int] | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return struct.unpack_from(">II", data, 16)
    if data.startswith((b"GIF87a", b"GIF89a")):
        return struct.unpack_from("<HH", data, 6)
    if data.startswith(b"BM"):
        width, height = struct.unpack_from("<ii", data, 18)
        return abs(width), abs(height)
    if data.startswith(b"\xff\xd8"):
        return _of_jpeg(data)
    return _of_webp(data) if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def _of_jpeg(data: bytes) -> tuple[int, int] | None:
    """From the header of the first frame. A small picture inside lies in a segment, which is passed over."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif marker in _ALONE:
            at += 2
        elif 0xC0 <= marker <= 0xCF and marker not in _NO_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        else:
            at += 2 + max(2, struct.unpack_from(">H", data, at + 2)[0])
    return None


def _of_webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None
