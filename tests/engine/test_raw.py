"""RAW files show what the camera put inside; pages cannot reach what reads them."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from isthisme.engine.decode import DecodeLimits, decode, decode_photo
from isthisme.errors import ImageTooLarge, UnreadableImage
from tests.pictures import drawn, encoded
from tests.raw_files import dng, grey_dng, nef

PHOTO = drawn(1, 960, 640)
PREVIEW = encoded(PHOTO, quality=95)
TURNED = np.ascontiguousarray(np.rot90(PHOTO, -1))  # as a camera held on its side means it


def difference(pixels: np.ndarray, expected: np.ndarray) -> float:
    """Mean difference, 0 to 255, from the expected picture shrunk to the same size."""
    height, width = pixels.shape[:2]
    shrunk = Image.fromarray(expected).resize((width, height), Image.Resampling.BOX)
    return float(np.abs(pixels.astype(int) - np.asarray(shrunk, int)).mean())


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_dng_shows_its_embedded_picture(order: str) -> None:
    picture = decode_photo(dng(PHOTO, PREVIEW, order=order), target_side=640)
    assert (picture.width, picture.height) == (960, 640)
    assert picture.pixels.shape == (427, 640, 3)
    assert difference(picture.pixels, PHOTO) < 4


def test_a_nef_shows_its_embedded_picture() -> None:
    assert difference(decode_photo(nef(PHOTO, PREVIEW), target_side=640).pixels, PHOTO) < 4


def test_the_embedded_picture_is_turned_as_the_camera_was() -> None:
    picture = decode_photo(dng(PHOTO, PREVIEW, orientation=6), target_side=640)
    assert (picture.width, picture.height) == (640, 960)
    assert difference(picture.pixels, TURNED) < 4


def test_an_embedded_picture_that_stands_already_is_not_turned_again() -> None:
    said = Image.Exif()
    said[0x0112] = 6
    buffer = io.BytesIO()
    Image.fromarray(PHOTO).save(buffer, "JPEG", quality=95, exif=said)
    for preview in (encoded(TURNED, quality=95), buffer.getvalue()):
        assert difference(decode_photo(dng(PHOTO, preview, orientation=6), target_side=640).pixels, TURNED) < 4


@pytest.mark.parametrize("preview", [None, encoded(drawn(2, 160, 106)), b"\xff\xd8 no JPEG"])
def test_without_a_usable_picture_inside_the_sensor_is_developed(preview: bytes | None) -> None:
    picture = decode_photo(dng(PHOTO, preview), target_side=640)
    assert (picture.width, picture.height) == (960, 640)
    assert picture.pixels.shape == (320, 480, 3)
    # Another rendering, but the same photo: its light and dark lie where they lay.
    grey, expected = (
        np.asarray(Image.fromarray(each).convert("L").resize((48, 32))) for each in (picture.pixels, PHOTO)
    )
    assert np.corrcoef(grey.ravel(), expected.ravel())[0, 1] > 0.9


def test_a_sensor_without_colours_gives_a_grey_picture() -> None:
    grey = np.asarray(Image.fromarray(PHOTO).convert("L"))
    pixels = decode_photo(grey_dng(grey), target_side=640).pixels
    assert (pixels == pixels[..., :1]).all()
    shrunk = np.asarray(Image.fromarray(grey).resize(pixels.shape[1::-1], Image.Resampling.BOX))
    assert np.corrcoef(pixels[..., 0].ravel(), shrunk.ravel())[0, 1] > 0.9


def test_a_picture_of_a_page_never_reaches_the_raw_parser() -> None:
    """A DNG without a picture that every reader of TIFF understands; in a process of its own, to see what it loads."""
    program = (
        "import sys\n"
        "from isthisme.engine.decode import decode\n"
        "from isthisme.errors import UnreadableImage\n"
        "try:\n"
        "    decode(sys.stdin.buffer.read(), target_side=640)\n"
        "except UnreadableImage:\n"
        "    print('rawpy' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], input=dng(PHOTO, None), capture_output=True, check=True)
    assert done.stdout.strip() == b"False"


@pytest.mark.parametrize("mode", ["RGB", "L", "I;16"])
def test_a_plain_tiff_of_a_camera_maker_is_no_raw_file(mode: str) -> None:
    grey = (np.arange(600).reshape(20, 30) * 100).astype(np.uint16)
    image = Image.fromarray(grey) if mode == "I;16" else Image.fromarray(PHOTO).convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, "TIFF", tiffinfo={271: "Canon", 272: "Canon EOS 5D"})
    assert (
        decode_photo(buffer.getvalue(), target_side=640).pixels == decode(buffer.getvalue(), target_side=640).pixels
    ).all()


def test_a_raw_file_cut_off_is_unreadable_or_shows_its_picture() -> None:
    whole = dng(PHOTO, PREVIEW)
    assert difference(decode_photo(whole[:-5000], target_side=640).pixels, PHOTO) < 4
    with pytest.raises(UnreadableImage):
        decode_photo(whole[:100], target_side=640)
    with pytest.raises(UnreadableImage, match="export it as JPEG"):
        decode_photo(dng(PHOTO, None)[:-900_000], target_side=640)


def test_a_sensor_that_claims_too_much_is_refused() -> None:
    with pytest.raises(ImageTooLarge, match="max_pixels"):
        decode_photo(dng(PHOTO, PREVIEW), target_side=640, limits=DecodeLimits(max_pixels=500_000))
