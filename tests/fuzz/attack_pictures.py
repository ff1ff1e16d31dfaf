"""Pictures of every format that is read, damaged and made to harm, through the decoder as the workers use it."""

import contextlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

from isthisme.engine.camera_notes import camera_notes
from isthisme.engine.decode import FORMATS, DecodeLimits, decode, decode_photo
from isthisme.errors import ImageTooLarge, UnreadableImage
from tests.fuzz.target import Target, promise

# Small ones, so that what is too large is met often and what is not costs little; the checks are the same.
_LIMITS = DecodeLimits(max_bytes=1 << 16, max_pixels=400_000, max_decoded_pixels=200_000, max_side=2_048)
_SIDE = 24  # pixels


def target(_scratch: Path) -> Target:
    return Target(
        name="pictures",
        attack=attack,
        seeds=seeds(),
        covers=("isthisme.engine.decode", "isthisme.engine.srgb", "isthisme.engine.camera_notes"),
        runs_in_ci=1_500,
        unit="pictures",
        words=_WORDS,
        largest=6_000,
    )


def attack(data: bytes) -> int:
    """- A picture as stated: H x W x 3 bytes, no longer than asked for, of a size within the limits; else
    UnreadableImage or ImageTooLarge.
    - What the camera wrote is short text, or refused in the same ways.
    - A file of the user's own that begins like RAW goes through LibRaw, under the same promise.
    """
    try:
        picture = decode(data, target_side=_SIDE, limits=_LIMITS)
    except (UnreadableImage, ImageTooLarge) as error:
        promise(len(str(error)) < 600, "an error repeats the picture")
    else:
        height, width, colours = picture.pixels.shape
        promise(picture.pixels.dtype == np.uint8 and colours == 3, "these are no pixels")
        promise(
            min(width, height) >= 1 and max(width, height) <= _SIDE, f"{width} x {height} is not what was asked for"
        )
        promise(min(picture.width, picture.height) >= 1, "a picture without a side")
        promise(picture.width * picture.height <= _LIMITS.max_pixels, "more pixels than allowed")
        promise(max(picture.width, picture.height) <= _LIMITS.max_side, "a longer side than allowed")
    if data[:1] == b"I" or data[:1] == b"M" or data[4:8] == b"ftyp" or len(data) % 8 == 0:
        _read_as_the_users_own(data)
    return 1


def _read_as_the_users_own(data: bytes) -> None:
    with contextlib.suppress(UnreadableImage, ImageTooLarge):
        decode_photo(data, target_side=_SIDE, limits=_LIMITS)
    try:
        notes = camera_notes(data, _LIMITS)
    except (UnreadableImage, ImageTooLarge):
        return
    for each in (notes.taken, notes.digitised, notes.changed, notes.camera):
        promise(isinstance(each, str) and len(each) <= 500, "a camera's note of another form")


def seeds() -> tuple[bytes, ...]:
    """Some of each format: grey, colour, palette, transparent, animated, turned, progressive, cut off; then bombs."""
    found: list[bytes] = []
    ramp = np.arange(14 * 18 * 4, dtype=np.uint32).reshape(14, 18, 4)
    rgba = Image.fromarray((ramp * 37 % 251).astype(np.uint8), "RGBA")
    rgb, grey, palette = rgba.convert("RGB"), rgba.convert("L"), rgba.convert("RGB").quantize(16)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0132] = 6, "Maker", "2024:05:17 14:03:22"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:17 14:03:22"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    def put(image: Image.Image, kind: str, **options: object) -> None:
        buffer = io.BytesIO()
        image.save(buffer, kind, **options)
        found.append(buffer.getvalue())

    for image in (rgb, grey, rgb.convert("CMYK")):
        put(image, "JPEG", quality=60)
    put(rgb, "JPEG", progressive=True, exif=exif, icc_profile=profile)
    for image in (rgb, grey, palette, rgba, grey.convert("1"), grey.convert("I;16")):
        put(image, "PNG")
    put(rgba, "PNG", icc_profile=profile, exif=exif)
    put(palette, "GIF", transparency=3)
    put(palette, "GIF", save_all=True, append_images=[palette.rotate(90), palette], duration=20, loop=0)
    for image in (rgb, grey, palette):
        put(image, "BMP")
    for compression in ("raw", "tiff_lzw", "tiff_deflate", "jpeg", "packbits"):
        put(rgb, "TIFF", compression=compression)
    put(grey.convert("1"), "TIFF", compression="group4")
    put(rgb.convert("CMYK"), "TIFF", exif=exif)
    put(grey.convert("F"), "TIFF")
    put(rgba, "WEBP", quality=50)
    put(rgb, "WEBP", lossless=True, exif=exif)
    put(rgb, "WEBP", save_all=True, append_images=[rgb.rotate(90)], duration=20)
    put(rgb, "AVIF", quality=40, speed=10, max_threads=1)
    put(rgb, "HEIF", quality=40)
    found += [found[0][: len(found[0]) // 2], found[4][:-20]]
    return (*found, *_bombs())


def _bombs() -> tuple[bytes, ...]:
    head = b"\x89PNG\r\n\x1a\n"
    tiny = _chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0))
    pixels = _chunk(b"IDAT", zlib.compress(b"\0" * 13 * 4)) + _chunk(b"IEND", b"")
    zeros = zlib.compress(b"\0" * 1_500_000, 9)
    wide = _chunk(b"IHDR", struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 16, 6, 0, 0, 1))
    frames = b"".join(b"!\xf9\4\0\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0" for _ in range(120))
    ring = struct.pack("<2sHI", b"II", 42, 8) + struct.pack("<H", 2) + struct.pack("<HHII", 256, 3, 1, 4)
    ring += struct.pack("<HHII", 0x8769, 4, 1, 8) + struct.pack("<I", 8)
    scan = b"\xff\xda\0\x08\1\1\0\0\x3f\0\0"
    return (
        head + tiny + _chunk(b"iCCP", b"x\0\0" + zeros) + pixels,
        head + tiny + _chunk(b"zTXt", b"x\0\0" + zeros) + pixels,
        head + tiny + _chunk(b"iTXt", b"x\0\1\0\0\0" + zeros) + pixels,
        head + tiny + _chunk(b"IDAT", zeros) + _chunk(b"IEND", b""),
        head + wide + _chunk(b"IDAT", zeros),
        head + tiny + _chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)) + pixels,
        b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff" + frames + b";",
        b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\2\0;",
        ring,
        b"\xff\xd8\xff\xc2\0\x0b\x08\1\0\1\0\1\1\x11\0" + scan * 60 + b"\xff\xd9",
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 70, 0, 0, 54, 40, 2**31 - 1, -(2**31), 1, 24, 0, 0, 0, 0, 0, 0),
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


_WORDS = (
    *(kind.encode() for kind in FORMATS),
    *(
        b"IHDR",
        b"IDAT",
        b"iCCP",
        b"tRNS",
        b"PLTE",
        b"acTL",
        b"fdAT",
        b"eXIf",
        b"Exif\0\0",
        b"ICC_PROFILE\0\1\1",
        b"VP8X",
    ),
    *(b"ftypavif", b"ftypheic", b"ftypmif1", b"meta", b"iloc", b"iinf", b"ipco", b"ispe", b"irot", b"grid", b"idat"),
    *(
        b"\xff\xd8",
        b"\xff\xc0",
        b"\xff\xc2",
        b"\xff\xda",
        b"\xff\xdb",
        b"\xff\xc4",
        b"\xff\xdd",
        b"\xff\xe1",
        b"\xff\xd9",
    ),
    *(b"II*\0", b"MM\0*", b"!\xf9\4", b",\0\0\0\0", b"ALPH", b"ANMF", b"EXIF", b"acsp", b"A2B0", b"mluc", b"curv"),
)
