"""The formats that we read, and their decoders: an allow-list, closed for the whole process.

Pillow would load some forty decoders with the first picture that none of the usual ones takes, among them one that
starts a program (EPS). Here the decoders of ours are loaded, and Pillow is told that there are no more.
"""

import pillow_heif
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "HEIF", "BMP", "TIFF")

_DECODERS = (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,  # JPEG files that hold several pictures: opened as JPEG
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)


def close_formats() -> None:
    """Leaves Pillow the decoders of FORMATS alone, now and later. Each decodes on one thread: workers are many."""
    pillow_heif.register_heif_opener()
    Image._initialized = 2  # what Pillow remembers of having loaded all that it has
    for name in set(Image.OPEN) - set(FORMATS):
        del Image.OPEN[name]
    Image.ID[:] = FORMATS
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    pillow_heif.options.DECODE_THREADS = 1
