"""What others do, measured on the same pictures: perceptual hashes and the bare descriptor with one threshold."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from isthisme.engine.decode import decode
from isthisme.engine.descriptor import Descriptor, Models
from isthisme.engine.regions import cut, propose_regions
from isthisme.engine.scaling import Sizes
from isthisme.evaluation.guess import SIDE, Guess, Peer
from isthisme.evaluation.hash_peers import (
    IMAGEDEDUP_PROGRAM,
    crop_resistant_peer,
    imagededup_peers,
    imagehash_peer,
    pdq_peer,
)
from isthisme.evaluation.other_python import OtherPython
from isthisme.evaluation.sheet import Pixels

SAME = 0.75  # similarity that SSCD's authors name for 90 % precision


def descriptor_peer(
    name: str, model: Descriptor, photos: Sequence[Pixels], *, by_regions: bool, most: int | None = None
) -> Peer:
    """SSCD with one threshold: the whole query, or the best of its regions, to the whole photo."""
    # One by one: a batch of hundreds would need gigabytes.
    stored = np.stack([model.describe([each], side=Models.FULL_SIDE)[0] for each in photos])

    def guess(pixels: Pixels) -> Guess:
        sizes = Sizes(pixels)
        parts = cut(sizes, propose_regions(sizes, deep=False), model.side) if by_regions else [pixels]
        similarities = (model.describe(parts, side=Models.FULL_SIDE) @ stored.T).max(axis=0)
        best = int(similarities.argmax())
        return Guess(best, float(similarities[best]))

    return Peer(name, guess, SAME, f">= {SAME}", most)


@contextmanager
def peers_at_hand(
    models: Models, own: Sequence[bytes], more: Sequence[bytes], imagededup: Path | None, slow_most: int | None
) -> Iterator[list[Peer]]:
    """Those that can be run here, on the photos `own` and `more`.

    `slow_most`: adds those that take more than 50 ms, each measured on so many pictures of a group.
    `imagededup`: an interpreter that has the package of this name.
    """
    photos = [decode(each, target_side=SIDE).pixels for each in [*own, *more]]
    peers = [imagehash_peer(name, photos) for name in ("pHash", "dHash")]
    pdq = pdq_peer(photos)
    if pdq:
        peers.append(pdq)
    if models.small and models.full:
        peers.append(descriptor_peer("SSCD small, whole", models.small, photos, by_regions=False))
        peers.append(descriptor_peer("SSCD, whole", models.full, photos, by_regions=False))
        if slow_most:
            peers.append(descriptor_peer("SSCD, regions", models.full, photos, by_regions=True, most=slow_most))
    if slow_most:
        peers.append(crop_resistant_peer(photos[: len(own)], slow_most))
    if imagededup is None:
        yield peers
        return
    with OtherPython(imagededup, IMAGEDEDUP_PROGRAM) as program, TemporaryDirectory() as folder:
        yield [*peers, *imagededup_peers(program, Path(folder), photos)]
