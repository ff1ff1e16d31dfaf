import imagehash
import numpy as np
from PIL import Image

from isthisme.engine.decode import decode
from isthisme.engine.perceptual_hash import photo_hash, query_hashes
from isthisme.evaluation.scenes import encoded, scene


def distance(one: np.uint64, other: np.uint64) -> int:
    return int(np.bitwise_count(one ^ other))


def test_the_hash_is_imagehash_s_phash() -> None:
    picture = scene(1)
    expected = int(str(imagehash.phash(Image.fromarray(picture))), 16)
    assert distance(photo_hash(picture)[0], np.uint64(expected)) <= 2  # scaled in another place, rounded otherwise


def test_a_recompressed_photo_stays_near() -> None:
    picture = scene(2)
    copy = decode(encoded(picture, quality=30), target_side=640).pixels
    assert distance(photo_hash(picture)[0], query_hashes(copy)[0]) <= 6


def test_another_picture_is_far() -> None:
    assert distance(photo_hash(scene(3))[0], query_hashes(scene(4))[0]) > 16


def test_one_of_eight_orientations_brings_a_mirrored_and_turned_copy_near() -> None:
    picture = scene(5)
    for turns in range(4):
        for mirror in (False, True):
            turned = np.rot90(picture[:, ::-1] if mirror else picture, turns)
            near = min(distance(photo_hash(picture)[0], each) for each in query_hashes(np.ascontiguousarray(turned)))
            assert near <= 4, (turns, mirror)
