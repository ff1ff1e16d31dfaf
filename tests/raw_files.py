"""RAW files as cameras write them, made small: a sensor's mosaic, and beside it the picture that the camera shows."""

import struct

import numpy as np
from numpy.typing import NDArray

_BYTE, _ASCII, _SHORT, _LONG, _RATIONAL, _SRATIONAL = 1, 2, 3, 4, 5, 10
_FORMS = {_BYTE: "B", _ASCII: "B", _SHORT: "H", _LONG: "I", _RATIONAL: "I", _SRATIONAL: "i"}
_NONE_YET = 0

type Tags = dict[int, tuple[int, list[int]]]


def dng(
    pixels: NDArray[np.uint8], preview: bytes | None, *, orientation: int = 1, order: str = "<", make: str = "Maker"
) -> bytes:
    """A DNG (TIFF with a mosaic) of the picture (H, W, 3), with the JPEG `preview` of it in its own directory."""
    height, width = pixels.shape[:2]
    mosaic = _mosaic(pixels).astype(f"{order}u2").tobytes()
    camera: Tags = {
        271: (_ASCII, [*make.encode(), 0]),
        272: (_ASCII, [*b"Model 1", 0]),
        274: (_SHORT, [orientation]),
        50706: (_BYTE, [1, 4, 0, 0]),  # DNGVersion
        50708: (_ASCII, [*make.encode(), *b" Model 1", 0]),
        50721: (_SRATIONAL, [1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1]),  # ColorMatrix1
        50728: (_RATIONAL, [1, 1, 1, 1, 1, 1]),  # AsShotNeutral
    }
    sensor: Tags = {
        254: (_LONG, [0]),
        256: (_LONG, [width]),
        257: (_LONG, [height]),
        258: (_SHORT, [16]),
        259: (_SHORT, [1]),
        262: (_SHORT, [32803]),  # a mosaic
        273: (_LONG, [_NONE_YET]),
        277: (_SHORT, [1]),
        278: (_LONG, [height]),
        279: (_LONG, [len(mosaic)]),
        33421: (_SHORT, [2, 2]),
        33422: (_BYTE, [0, 1, 1, 2]),  # RGGB
        50717: (_LONG, [65535]),  # WhiteLevel
    }
    if preview is None:
        return _tiff(order, [(camera | sensor, mosaic)])
    shown: Tags = {
        254: (_LONG, [1]),
        256: (_LONG, [width]),
        257: (_LONG, [height]),
        258: (_SHORT, [8, 8, 8]),
        259: (_SHORT, [7]),  # JPEG
        262: (_SHORT, [6]),
        273: (_LONG, [_NONE_YET]),
        277: (_SHORT, [3]),
        278: (_LONG, [height]),
        279: (_LONG, [len(preview)]),
        330: (_LONG, [_NONE_YET]),
    }
    return _tiff(order, [(camera | shown, preview), (sensor, mosaic)])


def grey_dng(pixels: NDArray[np.uint8]) -> bytes:
    """A DNG of a sensor without colour filters, of the picture (H, W), with nothing embedded."""
    height, width = pixels.shape
    light = ((pixels / 255.0) ** 2.2 * 65535).astype("<u2").tobytes()
    tags: Tags = {
        254: (_LONG, [0]),
        256: (_LONG, [width]),
        257: (_LONG, [height]),
        258: (_SHORT, [16]),
        259: (_SHORT, [1]),
        262: (_SHORT, [34892]),  # light as it is
        271: (_ASCII, [*b"Maker", 0]),
        272: (_ASCII, [*b"Model 1", 0]),
        273: (_LONG, [_NONE_YET]),
        277: (_SHORT, [1]),
        278: (_LONG, [height]),
        279: (_LONG, [len(light)]),
        50706: (_BYTE, [1, 4, 0, 0]),
        50708: (_ASCII, [*b"Maker Model 1", 0]),
        50717: (_LONG, [65535]),
    }
    return _tiff("<", [(tags, light)])


def nef(pixels: NDArray[np.uint8], preview: bytes) -> bytes:
    """A NEF: a directory for the camera, one for the mosaic, and one for the picture, which is found by other tags."""
    height, width = pixels.shape[:2]
    mosaic = _mosaic(pixels).astype(">u2").tobytes()
    camera: Tags = {
        254: (_LONG, [1]),
        271: (_ASCII, [*b"NIKON CORPORATION", 0]),
        272: (_ASCII, [*b"NIKON D40", 0]),
        274: (_SHORT, [1]),
        330: (_LONG, [_NONE_YET, _NONE_YET]),
    }
    shown: Tags = {
        254: (_LONG, [1]),
        259: (_SHORT, [6]),
        513: (_LONG, [_NONE_YET]),  # JPEGInterchangeFormat
        514: (_LONG, [len(preview)]),
    }
    sensor: Tags = {
        254: (_LONG, [0]),
        256: (_LONG, [width]),
        257: (_LONG, [height]),
        258: (_SHORT, [16]),
        259: (_SHORT, [1]),
        262: (_SHORT, [32803]),
        273: (_LONG, [_NONE_YET]),
        277: (_SHORT, [1]),
        278: (_LONG, [height]),
        279: (_LONG, [len(mosaic)]),
        33421: (_SHORT, [2, 2]),
        33422: (_BYTE, [0, 1, 1, 2]),
    }
    return _tiff(">", [(camera, b""), (shown, preview), (sensor, mosaic)])


def _mosaic(pixels: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """(H, W) each pixel through the filter that lies over it: red, green; green, blue."""
    linear = ((pixels / 255.0) ** 2.2 * 65535).astype(np.uint16)
    mosaic = linear[..., 1].copy()
    mosaic[0::2, 0::2] = linear[0::2, 0::2, 0]
    mosaic[1::2, 1::2] = linear[1::2, 1::2, 2]
    return mosaic


def _tiff(order: str, directories: list[tuple[Tags, bytes]]) -> bytes:
    """The first directory names the others as its children (tag 330); each is followed by its strip."""
    made = bytearray(struct.pack(f"{order}2sHI", b"II" if order == "<" else b"MM", 42, 8))
    starts = []
    for tags, strip in directories:
        starts.append(len(made))
        made += _directory(order, tags, len(made)) + strip
    if 330 in directories[0][0]:  # now that it is known where they lie
        first = dict(directories[0][0]) | {330: (_LONG, starts[1:])}
        written = _directory(order, first, 8)
        made[8 : 8 + len(written)] = written
    return bytes(made)


def _directory(order: str, tags: Tags, at: int) -> bytes:
    """A directory at the offset `at`; its strip lies right behind it."""
    head_length = 2 + 12 * len(tags) + 4
    sizes = {tag: struct.calcsize(f"={len(values)}{_FORMS[kind]}") for tag, (kind, values) in tags.items()}
    strip_at = at + head_length + sum(size + size % 2 for size in sizes.values() if size > 4)
    head, tail = struct.pack(f"{order}H", len(tags)), b""
    for tag, (kind, values) in sorted(tags.items()):
        given = [strip_at] if tag in (273, 513) else values
        packed = struct.pack(f"{order}{len(given)}{_FORMS[kind]}", *given)
        count = len(given) // 2 if kind in (_RATIONAL, _SRATIONAL) else len(given)
        if len(packed) > 4:
            offset = at + head_length + len(tail)
            tail += packed + b"\0" * (len(packed) % 2)
            packed = struct.pack(f"{order}I", offset)
        head += struct.pack(f"{order}HHI", tag, kind, count) + packed.ljust(4, b"\0")
    return head + struct.pack(f"{order}I", 0) + tail
