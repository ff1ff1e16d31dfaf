"""What others do, measured on the same pictures: perceptual hashes and the bare descriptor with one threshold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from isthisme.engine.decode import decode
from isthisme.engine.descriptor import Descriptor, Models
from isthisme.engine.regions import cut, propose_regions
from isthisme.errors import InputError

_SIDE = 640  # pixels that every method is given


@dataclass(frozen=True, slots=True)
class Guess:
    """The photo that a method finds most alike, and how alike."""

    photo: int
    score: float


type Method = Callable[[bytes], Guess]


def hash_method(name: str, photos: Sequence[bytes]) -> Method:
    """pHash or dHash of imagehash, 64 bits, whole picture to whole picture."""
    make = {"pHash": imagehash.phash, "dHash": imagehash.dhash}[name]
    stored = np.array([make(_image(each)).hash.ravel() for each in photos])

    def guess(data: bytes) -> Guess:
        distances = (stored ^ make(_image(data)).hash.ravel()).sum(axis=1)
        best = int(distances.argmin())
        return Guess(best, 1 - float(distances[best]) / stored.shape[1])

    return guess


def crop_resistant_method(photos: Sequence[bytes]) -> Method:
    """imagehash's crop-resistant hash: segments, compared one by one."""
    stored = [imagehash.crop_resistant_hash(_image(each)) for each in photos]

    def guess(data: bytes) -> Guess:
        own = imagehash.crop_resistant_hash(_image(data))
        found = [own.hash_diff(each, bit_error_rate=0.25) for each in stored]
        best = max(range(len(found)), key=lambda at: (found[at][0], -found[at][1]))
        count, distance = found[best]
        return Guess(best, float(count) - float(distance) / (64.0 * max(1, len(own.segment_hashes))))

    return guess


def pdq_method(photos: Sequence[bytes]) -> Method | None:
    """PDQ, 256 bits, the query in eight orientations; None where the package pdqhash is not installed."""
    try:
        pdqhash = import_module("pdqhash")
    except ImportError:
        return None
    stored = np.array([pdqhash.compute(_pixels(each))[0] for each in photos]).astype(bool)

    def guess(data: bytes) -> Guess:
        turned = np.asarray(pdqhash.compute_dihedral(_pixels(data))[0]).astype(bool)
        distances = (turned[:, None] ^ stored[None]).sum(axis=2).min(axis=0)
        best = int(distances.argmin())
        return Guess(best, 1 - float(distances[best]) / 256)

    return guess


def descriptor_method(model: Descriptor, photos: Sequence[bytes], *, by_regions: bool) -> Method:
    """SSCD with one threshold: the whole query, or the best of its regions, to the whole photo."""
    stored = np.concatenate([model.describe([_pixels(each)], side=Models.FULL_SIDE) for each in photos])

    def guess(data: bytes) -> Guess:
        pixels = _pixels(data)
        parts = cut(pixels, propose_regions(pixels, deep=False), model.side) if by_regions else [pixels]
        similarities = (model.describe(parts, side=Models.FULL_SIDE) @ stored.T).max(axis=0)
        best = int(similarities.argmax())
        return Guess(best, float(similarities[best]))

    return guess


def all_methods(models: Models, photos: Sequence[bytes], *, with_slow: bool) -> dict[str, Method]:
    """By the name that the table shows. `with_slow` adds those that take more than 50 ms a picture."""
    methods: dict[str, Method] = {name: hash_method(name, photos) for name in ("pHash", "dHash")}
    pdq = pdq_method(photos)
    if pdq:
        methods["PDQ, 8 orientations"] = pdq
    if models.small and models.full:
        methods["SSCD small, whole"] = descriptor_method(models.small, photos, by_regions=False)
        methods["SSCD, whole"] = descriptor_method(models.full, photos, by_regions=False)
        if with_slow:
            methods["SSCD, regions"] = descriptor_method(models.full, photos, by_regions=True)
    if with_slow:
        methods["crop-resistant hash"] = crop_resistant_method(photos)
    return methods


def guesses(method: Method, queries: Sequence[bytes]) -> list[Guess]:
    """The method's guess for each query; unreadable ones are as unlike as can be."""
    made = []
    for data in queries:
        try:
            made.append(method(data))
        except InputError:
            made.append(Guess(-1, -1.0))
    return made


def _pixels(data: bytes) -> NDArray[np.uint8]:
    return decode(data, target_side=_SIDE).pixels


def _image(data: bytes) -> Image.Image:
    return Image.fromarray(_pixels(data))
