import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from isthisme.engine.decode import DecodeLimits, decode
from isthisme.errors import ImageTooLarge, IsThisMeError, UnreadableImage
from isthisme.evaluation.scenes import encoded, scene

QUADRANTS = np.zeros((40, 60, 3), np.uint8)
QUADRANTS[:20, :30] = (255, 0, 0)
QUADRANTS[:20, 30:] = (0, 255, 0)
QUADRANTS[20:, :30] = (0, 0, 255)
QUADRANTS[20:, 30:] = (255, 255, 255)


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds no pixels."""
    body = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + body
    ending = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + ending


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "HEIF"])
def test_every_format_of_the_list_decodes_to_the_same_picture(kind: str) -> None:
    picture = decode(encoded(QUADRANTS, kind), target_side=640)
    assert (picture.width, picture.height) == (60, 40)
    assert picture.pixels.shape == (40, 60, 3)
    assert picture.pixels.dtype == np.uint8
    assert np.abs(picture.pixels[5, 5].astype(int) - (255, 0, 0)).max() < 40
    assert np.abs(picture.pixels[35, 55].astype(int) - (255, 255, 255)).max() < 40


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(orientation: int) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transpose that makes a file to be shown so
    stored = Image.fromarray(QUADRANTS)
    if orientation in undo:
        stored = stored.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    stored.save(buffer, "PNG", exif=exif)
    picture = decode(buffer.getvalue(), target_side=640)
    assert (picture.width, picture.height) == (60, 40)
    assert (picture.pixels == QUADRANTS).all()


def test_a_large_jpeg_is_fitted_and_its_size_remembered() -> None:
    picture = decode(encoded(scene(1, 1600, 1200)), target_side=640)
    assert (picture.width, picture.height) == (1600, 1200)
    assert picture.pixels.shape == (480, 640, 3)


def test_a_small_picture_is_not_enlarged() -> None:
    assert decode(encoded(QUADRANTS, "PNG"), target_side=640).pixels.shape == (40, 60, 3)


def test_transparent_parts_show_white() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (30, 30), (255, 0, 0, 0)).save(buffer, "PNG")
    assert (decode(buffer.getvalue(), target_side=640).pixels == 255).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_mode_of_png_becomes_rgb(mode: str) -> None:
    source = Image.fromarray((np.arange(900).reshape(30, 30) * 72).astype(np.uint16)) if mode == "I;16" else None
    buffer = io.BytesIO()
    (source or Image.new("RGB", (30, 30), "white").convert(mode)).save(buffer, "PNG")
    pixels = decode(buffer.getvalue(), target_side=640).pixels
    assert pixels.shape == (30, 30, 3)
    assert pixels.max() > 250


def test_cmyk_becomes_rgb() -> None:
    buffer = io.BytesIO()
    Image.new("CMYK", (32, 32), (0, 255, 255, 0)).save(buffer, "JPEG")
    red = decode(buffer.getvalue(), target_side=640).pixels[16, 16].astype(int)
    assert red[0] > 180
    assert red[1:].max() < 80


def test_an_animation_gives_its_first_frame() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    assert decode(buffer.getvalue(), target_side=640).pixels[10, 10].tolist() == [255, 0, 0]


def test_a_file_that_breaks_off_is_shown_as_far_as_it_goes() -> None:
    whole = encoded(scene(2))
    picture = decode(whole[: len(whole) * 2 // 3], target_side=640)
    top = decode(whole, target_side=640).pixels[:80].astype(int)
    assert np.abs(picture.pixels[:80].astype(int) - top).mean() < 2


def test_a_file_cut_before_any_pixel_is_unreadable() -> None:
    with pytest.raises(UnreadableImage):
        decode(encoded(scene(2))[:40], target_side=640)


@pytest.mark.parametrize("data", [b"", b"not a picture", b"%PDF-1.4", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_picture_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableImage):
        decode(data, target_side=640)


@pytest.mark.parametrize("size", [(20_000, 20_000), (60_000, 60_000), (40_000, 10)])
def test_a_header_that_claims_too_much_is_refused_before_decoding(size: tuple[int, int]) -> None:
    with pytest.raises(ImageTooLarge):
        decode(png_header(*size), target_side=640)


def test_a_png_that_would_fill_memory_is_refused_and_the_message_names_the_limit() -> None:
    with pytest.raises(ImageTooLarge, match="max_decoded_pixels"):
        decode(png_header(10_000, 8_000), target_side=640)


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(ImageTooLarge, match="max_bytes"):
        decode(b"x" * 2000, target_side=640, limits=DecodeLimits(max_bytes=1000))


@pytest.mark.parametrize("size", [(1, 1), (30_000, 1), (1, 30_000), (30_000, 20)])
def test_odd_shapes_decode(size: tuple[int, int]) -> None:
    picture = decode(encoded(np.zeros((size[1], size[0], 3), np.uint8), "PNG"), target_side=640)
    assert (picture.width, picture.height) == size
    assert max(picture.pixels.shape[:2]) <= 640


@given(st.binary(max_size=400), st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"]), st.integers(0, 300))
def test_garbage_gives_a_picture_or_an_error_of_ours(garbage: bytes, kind: str, at: int) -> None:
    data = encoded(QUADRANTS, kind)
    spoilt = data[:at] + garbage + data[at + len(garbage) :]
    try:
        picture = decode(spoilt, target_side=64)
    except IsThisMeError:
        return
    assert picture.pixels.shape[2] == 3
