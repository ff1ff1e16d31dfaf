"""RAW files of cameras, through LibRaw: the picture that the camera put inside, or else a quick development.

For the user's own photos only: these parsers are large, and the bytes of a page must not reach them.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import rawpy
from numpy.typing import NDArray
from PIL import Image

from isthisme.errors import ImageTooLarge, UnreadableImage


@dataclass(frozen=True, slots=True)
class RawPhoto:
    """What a RAW file shows."""

    picture: bytes  # JPEG or BMP
    orientation: int  # of `picture`, 1 to 8, as EXIF counts; what its own EXIF says may be LibRaw's addition
    width: int  # of the upright photo, pixels
    height: int


def raw_photo(data: bytes, *, usable_side: int, max_pixels: int) -> RawPhoto | None:
    """What a RAW file shows; None when LibRaw does not take `data` for one.

    An embedded picture whose longer side has less than `usable_side` pixels is not used.
    Raises UnreadableImage and ImageTooLarge.
    """
    with _opened(data) as raw:
        if raw is None:
            return None
        sizes = raw.sizes
        if sizes.raw_width * sizes.raw_height > max_pixels:
            raise ImageTooLarge(
                f"the photo has {sizes.raw_width * sizes.raw_height / 1e6:.0f} megapixels; the limit is "
                f"{max_pixels / 1e6:.0f} megapixels (max_pixels); export it smaller"
            )
        is_turned = sizes.flip in (5, 6)
        width, height = (sizes.height, sizes.width) if is_turned else (sizes.width, sizes.height)
        embedded = _embedded(raw)
        if embedded is not None:
            picture, (inner_width, inner_height) = embedded
            if max(inner_width, inner_height) >= min(usable_side, max(width, height)):
                # Some cameras turn the embedded picture themselves and say so nowhere.
                stands = is_turned and (inner_width < inner_height) == (width < height)
                return RawPhoto(picture, 1 if stands else _ORIENTATIONS.get(sizes.flip, 1), width, height)
        return RawPhoto(_developed(raw), 1, width, height)


_ORIENTATIONS = {3: 3, 5: 8, 6: 6}  # EXIF's number by LibRaw's


@contextmanager
def _opened(data: bytes) -> Iterator[rawpy.RawPy | None]:
    """LibRaw's view of `data`, its errors translated for as long as it is open; None when it is no RAW file."""
    try:
        with rawpy.RawPy() as raw:
            try:
                raw.open_buffer(io.BytesIO(data))
            except (rawpy.LibRawFileUnsupportedError, rawpy.LibRawIOError):
                yield None
            else:
                yield raw
    except (rawpy.LibRawError, rawpy.NotSupportedError, OSError, ValueError, TypeError, RuntimeError) as error:
        raise UnreadableImage(
            f"this RAW file holds no usable picture and cannot be developed ({type(error).__name__}: "
            f"{str(error)[:120]}); export it as JPEG"
        ) from error


def _embedded(raw: rawpy.RawPy) -> tuple[bytes, tuple[int, int]] | None:
    """The largest picture in the file, as JPEG or BMP, with its size; None when there is none that can be read."""
    try:
        found = raw.extract_thumb()
        if isinstance(found.data, bytes):
            picture = found.data
            with Image.open(io.BytesIO(picture), formats=("JPEG",)) as image:
                return picture, image.size
        return _bitmap(found.data)
    except (rawpy.LibRawError, OSError, SyntaxError, ValueError, TypeError, IndexError):
        return None


def _developed(raw: rawpy.RawPy) -> bytes:
    """The sensor's pixels at half size, as BMP, upright in sRGB: another rendering than the camera's, and slow."""
    picture, _ = _bitmap(raw.postprocess(half_size=True, use_camera_wb=True))
    return picture


def _bitmap(pixels: NDArray[np.uint8]) -> tuple[bytes, tuple[int, int]]:
    """(H, W, 3), or (H, W, 1) of a sensor without colours, as BMP, with its size."""
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    buffer = io.BytesIO()
    image.save(buffer, "BMP")
    return buffer.getvalue(), image.size
