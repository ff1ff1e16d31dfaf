"""Every format times every property that its files may have: the picture that people see, or words."""

import io
from collections.abc import Callable

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from isthisme.engine.decode import decode, decode_photo
from isthisme.errors import UnreadableImage
from tests.pictures import drawn, encoded

RED, GREEN, BLUE, WHITE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (128, 128, 128)
CORNERS = [RED, GREEN, BLUE, GREY]  # top left, top right, bottom left, bottom right
ALL = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "BMP", "TIFF")


def quarters(colours: list[tuple[int, int, int]]) -> Image.Image:
    """96 x 64 pixels, a colour in each quarter."""
    pixels = np.zeros((64, 96, 3), np.uint8)
    for number, colour in enumerate(colours):
        top, left = 32 * (number // 2), 48 * (number % 2)
        pixels[top : top + 32, left : left + 48] = colour
    return Image.fromarray(pixels)


PICTURE = quarters(CORNERS)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def corners(data: bytes, read: Callable[..., object] = decode) -> list[tuple[int, ...]]:
    """The colours in the middle of the quarters."""
    picture = read(data, target_side=640)
    height, width = picture.pixels.shape[:2]
    places = [(y, x) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    return [tuple(int(each) for each in picture.pixels[place]) for place in places]


def assert_seen(data: bytes, expected: list[tuple[int, int, int]], tolerance: int = 40) -> None:
    for read in (decode, decode_photo):
        assert np.abs(np.subtract(corners(data, read), expected)).max() <= tolerance


@pytest.mark.parametrize("kind", ALL)
def test_colours(kind: str) -> None:
    assert_seen(saved(PICTURE, kind), CORNERS)


@pytest.mark.parametrize("kind", ALL)
def test_grey(kind: str) -> None:
    light = [np.asarray(PICTURE.convert("L"))[place].item() for place in ((16, 24), (16, 72), (48, 24), (48, 72))]
    assert_seen(saved(PICTURE.convert("L"), kind), [(each, each, each) for each in light])


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF"])
def test_palette(kind: str) -> None:
    assert_seen(saved(PICTURE.quantize(16), kind), CORNERS)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
def test_one_bit(kind: str) -> None:
    black_and_white = quarters([WHITE, (0, 0, 0), (0, 0, 0), WHITE])
    assert_seen(saved(black_and_white.convert("1"), kind), [WHITE, (0, 0, 0), (0, 0, 0), WHITE])


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF", "TIFF", "GIF"])
def test_transparent_parts_are_white_whatever_lies_under_them(kind: str) -> None:
    image = PICTURE.convert("RGBA")
    image.putalpha(quarters([WHITE, (0, 0, 0), WHITE, WHITE]).convert("L"))
    assert_seen(saved(image, kind), [RED, WHITE, BLUE, GREY])


def test_half_transparent_parts_let_white_through() -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 128))
    assert_seen(saved(image, "PNG"), [(127, 127, 127)] * 4, tolerance=2)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk(kind: str) -> None:
    ink = Image.new("CMYK", (96, 64))
    for number, inks in enumerate([(0, 255, 255, 0), (255, 0, 255, 0), (255, 255, 0, 0), (0, 0, 0, 127)]):
        ink.paste(inks, (48 * (number % 2), 32 * (number // 2), 48 * (number % 2) + 48, 32 * (number // 2) + 32))
    assert_seen(saved(ink, kind), CORNERS)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "HEIF"])
@pytest.mark.parametrize(("orientation", "expected"), [(6, [BLUE, RED, GREY, GREEN]), (2, [GREEN, RED, GREY, BLUE])])
def test_orientation(kind: str, orientation: int, expected: list[tuple[int, int, int]]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(PICTURE, kind, exif=exif.tobytes())
    assert_seen(data, expected)
    assert (decode(data, target_side=640).width > 64) == (orientation == 2)


def swapping_profile() -> bytes:
    """A profile whose red is sRGB's green, and the other way round."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    names = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}
    count = int.from_bytes(profile[128:132], "big")
    table = [profile[132 + 12 * each : 144 + 12 * each] for each in range(count)]
    turned = b"".join(names.get(entry[:4], entry[:4]) + entry[4:] for entry in table)
    return profile[:132] + turned + profile[132 + 12 * count :]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "HEIF"])
def test_colour_profile(kind: str) -> None:
    assert_seen(saved(PICTURE, kind, icc_profile=swapping_profile()), [GREEN, RED, BLUE, GREY])


def test_a_profile_of_srgb_changes_nothing() -> None:
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert corners(saved(PICTURE, "PNG", icc_profile=plain)) == CORNERS


@pytest.mark.parametrize("profile", [b"no profile", swapping_profile()[:200]])
def test_a_profile_that_cannot_be_used_is_taken_as_srgb(profile: bytes) -> None:
    assert corners(saved(PICTURE, "PNG", icc_profile=profile)) == CORNERS


@pytest.mark.parametrize("ending", [".png", ".tiff"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits(ending: str, channels: int) -> None:
    """Written by OpenCV, which counts blue first. Grey alone shows how much light each corner has."""
    colours = np.asarray(PICTURE).astype(np.uint16) * 257
    if channels == 1:
        _, data = cv2.imencode(ending, colours[..., 0].copy())
        assert_seen(data.tobytes(), [(each[0], each[0], each[0]) for each in CORNERS], tolerance=2)
        return
    full = np.dstack([colours[..., ::-1], np.full((64, 96), 65535, np.uint16)])[..., :channels]
    _, data = cv2.imencode(ending, np.ascontiguousarray(full))
    assert_seen(data.tobytes(), CORNERS, tolerance=2)


def test_ten_bits_of_heic() -> None:
    colours = np.asarray(PICTURE).astype(np.uint16) * 257
    file = pillow_heif.from_bytes("RGB;16", PICTURE.size, colours.tobytes())
    buffer = io.BytesIO()
    file.save(buffer, quality=90)
    assert_seen(buffer.getvalue(), CORNERS)


def test_floating_point_of_tiff() -> None:
    values = np.asarray(PICTURE)[..., 0].astype(np.float32)
    assert_seen(saved(Image.fromarray(values), "TIFF"), [(each[0],) * 3 for each in CORNERS], tolerance=2)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF", "AVIF", "HEIF"])
def test_of_several_frames_the_first(kind: str) -> None:
    others = [quarters([colour] * 4) for colour in (WHITE, BLUE)]
    assert_seen(saved(PICTURE, kind, save_all=True, append_images=others), CORNERS)


@pytest.mark.parametrize("kind", ALL)
def test_a_file_cut_in_its_head_is_refused_in_words(kind: str) -> None:
    for read in (decode, decode_photo):
        with pytest.raises(UnreadableImage, match=r"give (one|a picture) in"):
            read(saved(PICTURE, kind)[:20], target_side=640)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("size", [(900, 420), (641, 640), (420, 900), (2600, 20)])
def test_larger_pictures_are_fitted_and_stay_what_they_are(kind: str, size: tuple[int, int]) -> None:
    whole = drawn(3, *size)
    picture = decode(encoded(whole, kind), target_side=640)
    height, width = picture.pixels.shape[:2]
    assert max(height, width) == 640
    expected = np.asarray(Image.fromarray(whole).resize((width, height), Image.Resampling.BOX), int)
    assert np.abs(picture.pixels.astype(int) - expected).mean() < 9


class TestSmallerCopyInAHeic:
    """Only for the user's own photos; its pixels differ a little from the photo's, so that it shows which was read."""

    PHOTO = drawn(4, 960, 720)

    def heic(self, thumbnail: int, **options: object) -> bytes:
        """A photo with a smaller copy whose longer side has so many pixels."""
        buffer = io.BytesIO()
        file = pillow_heif.from_pillow(Image.fromarray(self.PHOTO))
        file.save(buffer, quality=60, thumbnails=[thumbnail], **options)
        return buffer.getvalue()

    def test_is_the_photo_where_it_is_large_enough(self) -> None:
        data = self.heic(720)
        picture, whole = decode_photo(data, target_side=640), decode(data, target_side=640)
        assert (picture.width, picture.height) == (whole.width, whole.height) == (960, 720)
        assert picture.pixels.shape == whole.pixels.shape == (480, 640, 3)
        assert np.abs(picture.pixels.astype(int) - whole.pixels.astype(int)).mean() < 6
        assert (picture.pixels != whole.pixels).any()  # so it was read

    def test_is_the_photo_where_it_is_a_little_small(self) -> None:
        picture = decode_photo(self.heic(560), target_side=640)
        assert (picture.width, picture.height) == (960, 720)
        assert picture.pixels.shape == (420, 560, 3)

    def test_is_left_where_it_is_too_small(self) -> None:
        data = self.heic(160)
        assert (decode_photo(data, target_side=640).pixels == decode(data, target_side=640).pixels).all()
