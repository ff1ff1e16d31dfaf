"""The pictures of the demonstration: freely licensed photos, and edited copies of some of them."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from isthisme.errors import UsageError
from isthisme.evaluation.copies import make_copy
from isthisme.evaluation.sheet import Pixels

_OWN = ("astronaut.png", "chelsea.png", "coffee.png", "hubble_deep_field.jpg")
_STRANGERS = ("camera.png", "motorcycle_right.png", "coins.png", "clock_motion.png", "ihc.png")
_COPIES = (
    ("profile-7731.jpg", "astronaut.png", "mirrored"),
    ("my-cat-for-sale.jpg", "chelsea.png", "crop 60 %"),
    ("mood-of-the-day.jpg", "coffee.png", "app filter"),
    ("so-funny.jpg", "astronaut.png", "meme caption"),
    ("our-happy-customers.jpg", "chelsea.png", "nine-grid cell"),
)
_SEED = 20


@dataclass(frozen=True, slots=True)
class PagePicture:
    name: str  # its file's name on the page
    data: bytes
    media_type: str
    made: str  # what it is, in words


def own_photos() -> list[Path]:
    """The files that play the user's own photos."""
    return [_shipped(name) for name in _OWN]


def page_pictures() -> list[PagePicture]:
    """Strangers' pictures and edited copies, mixed. The same each time."""
    others = [_pixels(_shipped(name)) for name in _STRANGERS]
    strangers = [
        PagePicture(f"photo-{number}.jpg", _shipped(name).read_bytes(), "image/png", "a stranger's picture")
        for number, name in enumerate(_STRANGERS, start=1)
    ]
    copies = []
    for name, source, kind in _COPIES:
        copy = make_copy(_pixels(_shipped(source)), 0, kind, others, _SEED)
        media_type = Image.MIME[Image.open(io.BytesIO(copy.data)).format or "JPEG"]
        copies.append(PagePicture(name, copy.data, media_type, f"{Path(source).stem}: {kind}"))
    return [picture for pair in zip(copies, strangers, strict=True) for picture in pair]


def _shipped(name: str) -> Path:
    """A photo that scikit-image ships. Raises UsageError where it is not installed."""
    try:
        import skimage.data
    except ImportError as error:
        raise UsageError(
            "the demonstration needs scikit-image, for its photos; scripts/run --demo installs it"
        ) from error
    return Path(skimage.data.__file__).parent / name


def _pixels(path: Path) -> Pixels:
    return np.asarray(Image.open(path).convert("RGB"), dtype=np.uint8)
