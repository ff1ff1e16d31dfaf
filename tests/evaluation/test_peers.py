from collections.abc import Callable
from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image

from isthisme.engine.decode import decode
from isthisme.engine.descriptor import Models
from isthisme.evaluation.hash_peers import crop_resistant_peer, imagehash_peer
from isthisme.evaluation.peers import peers_at_hand
from isthisme.evaluation.scenes import encoded, scene

PHOTOS = [scene(seed, 160, 120) for seed in range(3)]


@pytest.mark.parametrize("name", ["pHash", "dHash"])
def test_a_recompressed_photo_is_found_within_the_threshold(name: str) -> None:
    peer = imagehash_peer(name, PHOTOS)
    guess = peer.guess(decode(encoded(PHOTOS[1], quality=30), target_side=160).pixels)
    assert guess.photo == 1
    assert guess.score >= peer.fires_at


def test_the_crop_resistant_peer_counts_segments_as_imagehash_does() -> None:
    query = PHOTOS[2][10:110, 10:150].copy()
    guess = crop_resistant_peer(PHOTOS, 10).guess(query)
    own, stored = (imagehash.crop_resistant_hash(Image.fromarray(each)) for each in (query, PHOTOS[guess.photo]))
    count, distance = own.hash_diff(stored)
    assert guess.score == pytest.approx(count - distance / (64 * len(own.segment_hashes)))


def test_imagededup_is_asked_in_its_own_interpreter(stand_in: Callable[[str], Path]) -> None:
    """The stand-in hashes a picture by its first byte after the header, the same for all four methods."""
    body = """
shade = open(asked["path"], "rb").read()[-1]
answer = {name: f"{shade:016x}" for name in ("PHash", "DHash", "WHash", "AHash")}
"""
    photos = [np.full((8, 8, 3), shade, np.uint8) for shade in (0, 255)]
    files = [encoded(each, "PNG") for each in photos]
    with peers_at_hand(Models.none(), files, [], stand_in(body), None) as peers:
        ours = [each for each in peers if each.name.startswith("imagededup")]
        assert [each.name[11:] for each in ours] == ["PHash", "DHash", "WHash", "AHash"]
        assert [each.guess(photos[1]).photo for each in ours] == [1, 1, 1, 1]
        assert ours[0].guess(photos[0]).score == 1
