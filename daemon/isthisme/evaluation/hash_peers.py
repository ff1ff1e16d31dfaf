"""Perceptual hashes of others: pHash and dHash, PDQ, the crop-resistant hash, and imagededup's."""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from isthisme.evaluation.guess import Guess, Peer
from isthisme.evaluation.other_python import OtherPython
from isthisme.evaluation.sheet import Pixels

BITS = 10  # of 64: imagededup's default
PDQ_BITS = 31  # of 256: what ThreatExchange takes for a match
ERROR_RATE = 0.25  # of a segment's bits, and one segment suffices: imagehash's default
IMAGEDEDUP_PROGRAM = "imagededup_hashes.py"
IMAGEDEDUP_METHODS = ("PHash", "DHash", "WHash", "AHash")

type Bits = NDArray[np.bool_]


def imagehash_peer(name: str, photos: Sequence[Pixels]) -> Peer:
    """pHash or dHash of imagehash, whole picture to whole picture."""
    make = {"pHash": imagehash.phash, "dHash": imagehash.dhash}[name]
    return _hamming_peer(name, lambda pixels: np.asarray(make(Image.fromarray(pixels)).hash.ravel()), photos)


def imagededup_peers(program: OtherPython, folder: Path, photos: Sequence[Pixels]) -> list[Peer]:
    """The four hashes of imagededup, computed by it elsewhere; pictures pass through a file in `folder`."""
    seen: list[tuple[Pixels, dict[str, str]]] = []  # the last picture, for all four are asked about it in turn
    path = folder / "picture.bmp"

    def hashed(name: str, pixels: Pixels) -> Bits:
        if not seen or seen[0][0] is not pixels:
            Image.fromarray(pixels).save(path)
            seen[:] = [(pixels, program.ask({"path": str(path)}))]
        number = np.array([int(seen[0][1][name], 16)], ">u8")
        return np.unpackbits(number.view(np.uint8)).astype(bool)

    return _hamming_peers({f"imagededup {name}": _named(hashed, name) for name in IMAGEDEDUP_METHODS}, photos)


def pdq_peer(photos: Sequence[Pixels]) -> Peer | None:
    """PDQ, the query in eight orientations; None where the package pdqhash is not installed."""
    try:
        pdqhash = import_module("pdqhash")
    except ImportError:
        return None
    stored = np.array([pdqhash.compute(each)[0] for each in photos]).astype(bool)

    def guess(pixels: Pixels) -> Guess:
        turned = np.asarray(pdqhash.compute_dihedral(pixels)[0]).astype(bool)
        distances = (turned[:, None] ^ stored[None]).sum(axis=2).min(axis=0)
        best = int(distances.argmin())
        return Guess(best, 1 - float(distances[best]) / 256)

    return Peer("PDQ, 8 orientations", guess, 1 - PDQ_BITS / 256, f"<= {PDQ_BITS} bits")


def crop_resistant_peer(photos: Sequence[Pixels], most: int) -> Peer:
    """imagehash's crop-resistant hash (0.3 s): the photo with most of the query's segments, then with the nearest."""
    segments = [_segments(each) for each in photos]
    owner = np.repeat(np.arange(len(segments)), [len(each) for each in segments])
    stored = np.concatenate(segments)
    cutoff = ERROR_RATE * stored.shape[1]

    def guess(pixels: Pixels) -> Guess:
        own = _segments(pixels)
        distances = (own[:, None] ^ stored[None]).sum(axis=2)  # (own segments, all segments)
        nearest = np.full((len(own), len(photos)), stored.shape[1])
        for row, found in zip(nearest, distances, strict=True):
            np.minimum.at(row, owner, found)
        near = nearest <= cutoff
        scores = near.sum(axis=0) - (nearest * near).sum(axis=0) / (stored.shape[1] * len(own))
        best = int(scores.argmax())
        return Guess(best, float(scores[best]))

    name = f"crop-resistant, {len(photos)} photos"
    return Peer(name, guess, 1 - ERROR_RATE, "1 segment", most)


def _hamming_peer(name: str, hashed: Callable[[Pixels], Bits], photos: Sequence[Pixels]) -> Peer:
    return _hamming_peers({name: hashed}, photos)[0]


def _hamming_peers(methods: dict[str, Callable[[Pixels], Bits]], photos: Sequence[Pixels]) -> list[Peer]:
    rows = [[hashed(each) for hashed in methods.values()] for each in photos]
    return [
        Peer(name, _nearest(hashed, np.array([row[at] for row in rows])), 1 - BITS / 64, f"<= {BITS} bits")
        for at, (name, hashed) in enumerate(methods.items())
    ]


def _nearest(hashed: Callable[[Pixels], Bits], stored: Bits) -> Callable[[Pixels], Guess]:
    def guess(pixels: Pixels) -> Guess:
        distances = (stored ^ hashed(pixels)).sum(axis=1)
        best = int(distances.argmin())
        return Guess(best, 1 - float(distances[best]) / stored.shape[1])

    return guess


def _named(hashed: Callable[[str, Pixels], Bits], name: str) -> Callable[[Pixels], Bits]:
    return lambda pixels: hashed(name, pixels)


def _segments(pixels: Pixels) -> Bits:
    """(segments, 64)"""
    found = imagehash.crop_resistant_hash(Image.fromarray(pixels))
    return np.array([each.hash.ravel() for each in found.segment_hashes])
