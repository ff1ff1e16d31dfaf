from pathlib import Path

import numpy as np

from isthisme.benchmark.engine_files import lay_photos
from isthisme.benchmark.served import Pace, Taken
from isthisme.benchmark.table import Timing
from isthisme.index.exact import ExactIndex
from isthisme.index.milvus import MilvusIndex
from isthisme.index.milvus_photos import DESCRIPTORS, HASHES, MilvusPhotos, Part, signs_of_hashes
from tests.index import milvus_engine
from tests.index.contract import vectors


def test_photos_that_were_laid_before_the_engine_are_found_beside_those_that_were_sent(tmp_path: Path) -> None:
    ids, hashes, descriptors = np.arange(1, 41), np.arange(40, dtype=np.uint64), vectors(40)
    part = Part("ada", 1)
    with milvus_engine.running(tmp_path) as server:
        MilvusPhotos(server).count(part)  # its collections are made
    for what, numbers in ((DESCRIPTORS, descriptors), (HASHES, signs_of_hashes(hashes))):
        lay_photos(tmp_path, f"isthisme_{what}", "ada", 1, ids[:30], numbers[:30])
    with milvus_engine.running(tmp_path) as server:
        photos = MilvusPhotos(server)
        for _ in range(2):  # some of them in place of what was laid
            sent = slice(25, None)
            names = [str(each) for each in ids[sent]]
            photos.upsert("ada", 1, ids[sent], hashes[sent], descriptors[sent], names, positions=ids[sent])
        index, exact = MilvusIndex(photos, part), ExactIndex(1, ids, hashes, descriptors)
        assert len(index) == 40
        ours, theirs = index.nearest(vectors(4, seed=1), 40), exact.nearest(vectors(4, seed=1), 40)
        assert np.array_equal(ours.photo_ids, theirs.photo_ids)
        assert np.array_equal(ours.similarities, theirs.similarities)
        by_hash, expected = index.nearest_by_hash(hashes[:3], 9), exact.nearest_by_hash(hashes[:3], 9)
        assert np.array_equal(by_hash.photo_ids, expected.photo_ids)
        assert photos.located(part, [3, 39]).keys() == {3, 39}


def test_what_more_photos_would_take_is_told_from_fewer() -> None:
    quick, slow = Timing((100.0,)), Timing((1000.0,))
    taken = Taken(1_000, 1.0, 2.0, quick, 90.0, slow, quick, None)
    opening_and_first, sending = 10 * 3.0, 20.0
    in_full, in_bounds = 21 * 1.0, 4 * 10.0  # all repeats of what is quick, and of what is slow those that must be
    assert taken.expected_seconds(100, 1_000, Pace(20, 600)) == opening_and_first + sending + 2 * in_full + in_bounds
