"""Untrusted bytes to upright sRGB pixels. Every limit on what a decoder may be given lives here."""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError

from isthisme.engine.formats import FORMATS, close_formats
from isthisme.engine.srgb import fitted_size, srgb_pixels
from isthisme.errors import ImageTooLarge, UnreadableImage

close_formats()


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What a picture may ask for. Checked against its header, before any pixel is decoded."""

    max_bytes: int = 64 * 2**20
    max_pixels: int = 150_000_000  # of the picture as its header states it
    max_decoded_pixels: int = (
        64_000_000  # that the decoder must hold; big JPEGs are decoded at a fraction of their size
    )
    max_side: int = 32_768  # pixels


@dataclass(frozen=True, slots=True)
class Picture:
    """An upright picture, at most as large as asked for."""

    pixels: NDArray[np.uint8]  # (H, W, 3) sRGB
    width: int  # of the upright original, pixels
    height: int


DEFAULT_LIMITS = DecodeLimits()


def decode(data: bytes, *, target_side: int, limits: DecodeLimits = DEFAULT_LIMITS) -> Picture:
    """The first frame of `data`, upright, sRGB, over white where transparent, its longer side at most `target_side`.

    A file that breaks off is shown as far as it goes, as browsers do. Raises UnreadableImage and ImageTooLarge.
    """
    return _decoded(data, target_side, limits, _shrink_jpeg)


def decode_photo(data: bytes, *, target_side: int, limits: DecodeLimits = DEFAULT_LIMITS) -> Picture:
    """As `decode`, of a file of the user's own: RAW files, too, and a HEIC file's smaller copy where it is usable.

    Not for pictures of pages: these may carry another picture inside than the one they show.
    """
    if data.startswith(_RAW_STARTS) or data[4:12] == _CANON_CR3:
        from isthisme.engine.raw import raw_photo  # here: it takes 40 ms, and few workers ever meet a RAW file

        _check_bytes(data, limits)
        raw = raw_photo(data, usable_side=USABLE_SIDE, max_pixels=limits.max_pixels)
        if raw is not None:
            shown = _decoded(raw.picture, target_side, limits, _shrink_jpeg, orientation=raw.orientation)
            return Picture(shown.pixels, raw.width, raw.height)
    return _decoded(data, target_side, limits, _shrink_photo)


# Pixels. From this size on a picture inside a photo's file may stand for the photo: of 360 edited copies 0.992 were
# found, as with 640 px, and 0.989 with 320 px, which is what many telephones put inside (2026-11).
USABLE_SIDE = 512
_RAW_STARTS = (
    b"II*\0",  # TIFF, and with it DNG, CR2, NEF, ARW, PEF, SRW and more
    b"MM\0*",
    b"IIRO",  # Olympus
    b"IIRS",
    b"MMOR",
    b"IIU\0",  # Panasonic, Leica
    b"FUJIFILMCCD-RAW",
)
_CANON_CR3 = b"ftypcrx "  # after four bytes of length


def _shrink_jpeg(image: Image.Image, target_side: int) -> None:
    """Lets a JPEG be decoded at 1/2, 1/4 or 1/8 of its size where that suffices."""
    if image.format == "JPEG":
        image.draft(None, fitted_size(image.size, target_side))


def _shrink_photo(image: Image.Image, target_side: int) -> None:
    """The same; lets a smaller copy inside a HEIC be decoded instead of the photo, a twentieth of the work."""
    _shrink_jpeg(image, target_side)
    if image.format == "HEIF" and not image.draft(None, fitted_size(image.size, target_side)):
        image.draft(None, fitted_size(image.size, min(target_side, USABLE_SIDE)))


def _decoded(
    data: bytes,
    target_side: int,
    limits: DecodeLimits,
    shrink: Callable[[Image.Image, int], None],
    *,
    orientation: int | None = None,
) -> Picture:
    """`orientation`, as EXIF counts, holds against what the file says."""
    _check_bytes(data, limits)
    with _opened(data) as image:
        _check_header(image, limits)
        header_size = image.size
        shrink(image, target_side)
        _check_decoded(image, limits)
        _load(image)
        orientation = orientation or _orientation(
            image
        )  # not before: a TIFF is upright, and says so, once it is loaded
        pixels = srgb_pixels(image, target_side)
        if orientation in _TRANSPOSES:
            pixels = np.asarray(Image.fromarray(pixels).transpose(_TRANSPOSES[orientation]), np.uint8)
        width, height = header_size[::-1] if orientation in _TURNED else header_size
        return Picture(pixels, width, height)


@contextmanager
def opened(data: bytes, limits: DecodeLimits = DEFAULT_LIMITS) -> Iterator[Image.Image]:
    """Pillow's image for `data` with nothing but its head read. Raises UnreadableImage and ImageTooLarge."""
    _check_bytes(data, limits)
    with _opened(data) as image:
        yield image


def _check_bytes(data: bytes, limits: DecodeLimits) -> None:
    if not data:
        raise UnreadableImage("the picture is empty (0 bytes); choose another file")
    if len(data) > limits.max_bytes:
        raise ImageTooLarge(
            f"the picture has {len(data) / 2**20:.0f} MiB; the limit is {limits.max_bytes / 2**20:.0f} MiB "
            "(max_bytes); save it smaller"
        )


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """Pillow's image for `data`, its errors translated for as long as it is open."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                yield image
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(f"{error}; save it smaller") from error
    except UnidentifiedImageError as error:  # its own words name an object in memory
        raise UnreadableImage(
            f"these {len(data)} bytes are no picture that we read; give one in {', '.join(FORMATS)}"
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, OverflowError, IndexError, KeyError) as error:
        raise UnreadableImage(
            f"no decoder of ours reads these {len(data)} bytes ({type(error).__name__}: {str(error)[:120]}); "
            f"give a picture in one of {', '.join(FORMATS)}"
        ) from error
    except (TypeError, ArithmeticError, AttributeError, RuntimeError) as error:  # decoders on bytes made to break them
        raise UnreadableImage(f"the picture is damaged ({type(error).__name__}); give an intact one") from error


def _check_header(image: Image.Image, limits: DecodeLimits) -> None:
    width, height = image.size
    if max(width, height) > limits.max_side:
        raise ImageTooLarge(
            f"the picture is {width} x {height} pixels; the limit is {limits.max_side} a side (max_side); "
            "save it smaller"
        )
    if width * height > limits.max_pixels:
        raise ImageTooLarge(
            f"the picture has {_megapixels(image.size)}; the limit is {limits.max_pixels / 1e6:.0f} megapixels "
            "(max_pixels); save it smaller"
        )


def _check_decoded(image: Image.Image, limits: DecodeLimits) -> None:
    if image.size[0] * image.size[1] > limits.max_decoded_pixels:
        raise ImageTooLarge(
            f"the picture decodes to {_megapixels(image.size)}; the limit is "
            f"{limits.max_decoded_pixels / 1e6:.0f} megapixels (max_decoded_pixels); save it smaller"
        )


def _megapixels(size: tuple[int, int]) -> str:
    return f"{size[0] * size[1] / 1e6:.0f} megapixels"


def _load(image: Image.Image) -> None:
    """Decode; a second time, as far as it goes, when the file breaks off."""
    try:
        image.load()
    except OSError:
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            image.load()
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = False


_TRANSPOSES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # by EXIF orientation
_TURNED = (5, 6, 7, 8)  # EXIF orientations that swap width and height
_EXIF_ORIENTATION = 0x0112


def _orientation(image: Image.Image) -> int:
    """1 to 8; 1 where the file says nothing usable."""
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except (ValueError, TypeError, OSError, SyntaxError, KeyError, IndexError):
        return 1
