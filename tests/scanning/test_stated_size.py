"""Sizes that files state, held to what the decoder finds, and icons told by them."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from isthisme.scanning.stated_size import is_icon, stated_size

KINDS = {
    "PNG": {},
    "GIF": {},
    "BMP": {},
    "JPEG": {},
    "JPEG progressive": {"progressive": True},
    "WEBP": {},
    "WEBP lossless": {"lossless": True},
    "WEBP extended": {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"},
}


def made(kind: str, size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 90)).save(out, kind.split()[0], **KINDS[kind])
    return out.getvalue()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(1, 1), (63, 64), (300, 2)])
def test_the_stated_size_is_the_decoded_one(kind: str, size: tuple[int, int]) -> None:
    data = made(kind, size)
    assert stated_size(data) == size == Image.open(io.BytesIO(data)).size


def test_a_small_picture_inside_a_jpeg_is_not_its_size() -> None:
    outer, inner = made("JPEG", (500, 400)), made("JPEG", (16, 12))
    segment = b"\xff\xe1" + (2 + len(inner)).to_bytes(2, "big") + inner
    assert stated_size(outer[:2] + segment + b"\xff\xff\xff" + outer[3:]) == (500, 400)


@pytest.mark.parametrize(
    ("size", "is_small"), [((63, 63), True), ((64, 63), False), ((1, 64), False), ((1, 1), True), ((800, 10), False)]
)
def test_icons_are_smaller_on_both_sides(size: tuple[int, int], *, is_small: bool) -> None:
    assert is_icon(made("PNG", size)) is is_small


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"\xff\xd8\xff\xe0\0\0", b"RIFF1234WEBPVP8L"])
def test_what_states_no_size_is_no_icon(data: bytes) -> None:
    assert stated_size(data) is None
    assert not is_icon(data)


@given(st.sampled_from([b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"\xff\xd8\xff", b"RIFF    WEBPVP8"]), st.binary())
def test_any_bytes_have_a_size_or_none(beginning: bytes, rest: bytes) -> None:
    size = stated_size(beginning + rest)
    assert size is None or min(size) >= 0
