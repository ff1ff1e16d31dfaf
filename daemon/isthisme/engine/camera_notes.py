"""What a camera wrote into a photo's file: when, and with what. Read from the head; no pixel is decoded."""

from collections.abc import Mapping
from typing import Any

from isthisme.domain import CameraNotes
from isthisme.engine.decode import DecodeLimits, opened

_MAKE, _MODEL, _CHANGED = 0x010F, 0x0110, 0x0132
_EXIF = 0x8769
_TAKEN, _DIGITISED = 0x9003, 0x9004
_OFFSET, _OFFSET_TAKEN, _OFFSET_DIGITISED = 0x9010, 0x9011, 0x9012
_LONGEST = 200  # characters


def camera_notes(data: bytes, limits: DecodeLimits) -> CameraNotes:
    """The EXIF dates and the camera's name, as they stand there. Raises UnreadableImage and ImageTooLarge.

    RAW files are TIFF at their heads, and most are read as such.
    """
    with opened(data, limits) as image:
        top = image.getexif()
        inner = top.get_ifd(_EXIF)
        make, model = _text(top, _MAKE), _text(top, _MODEL)
        return CameraNotes(
            taken=_joined(_text(inner, _TAKEN), _text(inner, _OFFSET_TAKEN)),
            digitised=_joined(_text(inner, _DIGITISED), _text(inner, _OFFSET_DIGITISED)),
            changed=_joined(_text(top, _CHANGED), _text(inner, _OFFSET)),
            camera=model if model.startswith(make) else _joined(make, model),
        )


def _text(tags: Mapping[int, Any], tag: int) -> str:
    value = tags.get(tag, "")
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return str(value).replace("\0", "").strip()[:_LONGEST] if isinstance(value, str) else ""


def _joined(first: str, second: str) -> str:
    return f"{first} {second}".strip()
