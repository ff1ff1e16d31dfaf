"""Pictures of products: one thing before a plain ground, large or small, as shops show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from isthisme.domain import Point, Verdict
from isthisme.engine.engine import Engine
from isthisme.errors import UsageError
from isthisme.evaluation.album import Album
from isthisme.evaluation.copies import make_copy
from isthisme.evaluation.negatives import jpeg
from isthisme.evaluation.sheet import Chance, Pixels, scaled_to
from isthisme.matcher import Matcher

SIZES = (0.12, 0.2, 0.3, 0.45, 0.65)  # of the picture's longer side
EDITS = (
    "recompressed",
    "mirrored",
    "text",
    "tiled watermark",
    "before/after",
    "nine-grid cell",
    "phone screenshot",
    "perspective",
)
TILTED = "tilted"  # the thing by itself, as seen from the side
OTHER = "another thing"
_WIDTH, _HEIGHTS = 900, (700, 900)  # pixels
_LEAST_SIDE = 150  # pixels of a cut-out; a smaller one has little to show
_GROUNDS = ((252, 252, 252), (238, 240, 235), (213, 207, 199), (206, 206, 208))
_SHADOW = 0.35  # of the light
_HORIZON = 3.0  # how far from the thing's middle it lies, in its longer side

type Cutout = NDArray[np.uint8]  # (H, W, 4), the last one opacity


@dataclass(frozen=True, slots=True)
class ProductOutcome:
    """One picture that was judged."""

    size: float  # of the thing, as a share of its photo's longer side
    kind: str  # of edit, or OTHER
    verdict: Verdict
    names_right: bool


def product_outcomes(
    engine: Engine, folder: Path, more: Sequence[bytes], others: Sequence[Pixels], seed: int, count: int
) -> Iterator[ProductOutcome]:
    """Copies of `count` products made of the cut-outs (PNG with transparency) in `folder`, at any depth; and the rest.

    Of the cut-outs that are left each is shown as a product, too, of which none is in the album.
    Raises UsageError where there are too few.
    """
    things = [thing for path in sorted(folder.rglob("*.png")) if (thing := _cutout(path)) is not None]
    if len(things) < 2 * count:
        raise UsageError(f"{folder} holds {len(things)} cut-outs; {2 * count} are needed, or name fewer")
    order = np.random.default_rng([seed, 3]).permutation(len(things))
    sizes = [SIZES[number % len(SIZES)] for number in range(len(things))]
    pictures = [product(things[thing], sizes[number], seed + number) for number, thing in enumerate(order)]
    album = Album(engine, [*(jpeg(each, 90) for each in pictures[:count]), *more])
    matcher = Matcher(engine, album, album)
    for number in range(count):
        thing = things[order[number]]
        aslant = tilted(thing, (thing.shape[1] / 2, thing.shape[0] / 2), _HORIZON * max(thing.shape))
        queries = {kind: make_copy(pictures[number], number, kind, others, seed + number).data for kind in EDITS}
        for kind, data in (*queries.items(), (TILTED, jpeg(product(aslant, sizes[number], seed + number), 80))):
            judgement = matcher.answer(data).judgement
            is_right = bool(judgement.matches) and judgement.matches[0].photo_id == number
            yield ProductOutcome(sizes[number], kind, judgement.verdict, is_right)
    for number in range(count, len(things)):
        smaller = scaled_to(pictures[number], 600, round(600 * pictures[number].shape[0] / _WIDTH))
        judgement = matcher.answer(jpeg(smaller, 80)).judgement
        yield ProductOutcome(sizes[number], OTHER, judgement.verdict, names_right=False)


def product(thing: Cutout, size: float, seed: int) -> Pixels:
    """The thing with a soft shadow before one of four grounds; `size` of the picture's longer side, somewhere in it."""
    chance = Chance(np.random.default_rng([seed, 71]), ())
    height = _HEIGHTS[seed % len(_HEIGHTS)]
    y, x = np.mgrid[0:height, 0:_WIDTH] / _WIDTH
    ground = np.array(_GROUNDS[chance.whole(0, len(_GROUNDS) - 1)], np.float32)
    falling = 1 - 0.12 * chance.between(0, 1) * ((x - 0.5) ** 2 + y**2)
    factor = size * max(_WIDTH, height) / max(thing.shape)
    wide, tall = max(8, round(thing.shape[1] * factor)), max(8, round(thing.shape[0] * factor))
    placed = np.zeros((height, _WIDTH, 4), np.float32)
    left, top = (round((whole - part) * chance.between(0.3, 0.7)) for whole, part in ((_WIDTH, wide), (height, tall)))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    placed[top : top + tall, left : left + wide] = cv2.resize(thing, (wide, tall), interpolation=method)
    opacity = placed[..., 3:] / 255
    shadow = cv2.GaussianBlur(np.roll(opacity, (9, 7), (0, 1)), (0, 0), 12)[..., None]
    lit = ground * falling[..., None] * (1 - _SHADOW * shadow) + chance.rng.normal(0, 1, (height, _WIDTH, 1))
    return np.asarray(np.clip(lit * (1 - opacity) + placed[..., :3] * opacity, 0, 255), np.uint8)


def tilted(picture: NDArray[np.uint8], about: Point, horizon: float, around: Sequence[float] = ()) -> NDArray[np.uint8]:
    """The picture as seen from the side, in the size that it has: the near end grows and may be cut off.

    The horizon lies so many pixels from the point `about`, to its left, or to its right where that is negative. What
    was not in the picture gets the colour `around`.
    """
    x, y = about
    there, back = (np.array([[1.0, 0, way * x], [0, 1.0, way * y], [0, 0, 1.0]]) for way in (1, -1))
    tilt = np.array([[1.0, 0, 0], [0, 1.0, 0], [1 / horizon, 0, 1.0]])
    size = picture.shape[1], picture.shape[0]
    return np.asarray(cv2.warpPerspective(picture, there @ tilt @ back, size, borderValue=tuple(around)), np.uint8)


def product_table(found: Sequence[ProductOutcome]) -> str:
    """By the thing's size: copies, and pictures of another thing."""
    head = f"{'copies':>6} {'copy':>6} {'either':>6} {'others':>6} {'copy':>5} {'possible':>8}"
    rows = [f"{'thing, share of the longer side':32} {head}"]
    for size in (*SIZES, None):
        group = [each for each in found if size in (each.size, None)]
        copies = [each for each in group if each.kind != OTHER]
        others = [each.verdict for each in group if each.kind == OTHER]
        right = [each.verdict for each in copies if each.names_right]
        shares = [count / max(1, len(copies)) for count in (right.count(Verdict.COPY), sum(v.is_match for v in right))]
        alarms = [others.count(each) for each in (Verdict.COPY, Verdict.POSSIBLE_COPY)]
        name = "all" if size is None else f"{size:g}"
        cells = f"{len(copies):6} {shares[0]:6.3f} {shares[1]:6.3f} {len(others):6} {alarms[0]:5} {alarms[1]:8}"
        rows.append(f"{name:32} {cells}")
    return "\n".join(rows)


def _cutout(path: Path) -> Cutout | None:
    """What is not transparent of a picture, or None where that is small, or all of it."""
    try:
        with Image.open(path) as opened:
            if opened.mode not in ("RGBA", "LA", "P"):
                return None
            picture = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError):
        return None
    opacity = picture.getchannel("A")
    box = opacity.getbbox()
    if box is None or opacity.getextrema()[0] == 255:
        return None
    cut = picture.crop(box)
    return np.asarray(cut, np.uint8) if max(cut.size) >= _LEAST_SIDE and min(cut.size) >= 8 else None
