"""Telling pictures by their first bytes."""

import io

import pytest
from PIL import Image

from isthisme.acquire.picture_kinds import is_kind_that_browsers_show


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP"])
def test_what_browsers_show_is_known(kind: str) -> None:
    written = io.BytesIO()
    Image.new("RGB", (64, 64)).save(written, kind)
    assert is_kind_that_browsers_show(written.getvalue())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!doctype html><title>Sign in</title>",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypheic\0\0\0\0",
        b"\0\0\0\x18ftypisom\0\0\0\0",
        b"II*\0\x08\0\0\0",  # TIFF, and with it many RAW files
        b"\xff\x0a",  # JPEG XL
        b"\0\0\1\0\1\0\x40\x40",  # an icon
        b"%PDF-1.7",
    ],
)
def test_other_things_are_not(data: bytes) -> None:
    assert not is_kind_that_browsers_show(data)
