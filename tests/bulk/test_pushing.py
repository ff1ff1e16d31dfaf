"""A shelf brought into Milvus' embedded form: the same photos, whatever becomes of the server meanwhile."""

from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from isthisme.bulk.pushing import Pusher
from isthisme.bulk.shelf import Generation, ShelvedPhoto, exact_index, generation_for, photo_id
from isthisme.errors import IndexServerUnusable
from isthisme.index.milvus import MilvusIndex
from isthisme.index.milvus_photos import MilvusPhotos, Part
from isthisme.index.milvus_server import Patience
from tests.index.contract import vectors
from tests.index.milvus_engine import Engine

_UNITS = 6
_NAME = "milvus+http://127.0.0.1:19530"


def _shelf(folder: Path) -> Generation:
    """Six units of ten photos."""
    generation = generation_for(str(folder), "anna", "a model")
    descriptors = vectors(10 * _UNITS, seed=5)
    for unit in range(_UNITS):
        photos = []
        for number in range(10 * unit, 10 * unit + 10):
            content = bytes([number]) * 32
            numbers = number * 0x9E3779B97F4A7C15 % (1 << 64), descriptors[number].tobytes()
            photos.append(
                ShelvedPhoto(photo_id("anna", content), content, f"{number}.jpg", 9, 9, "a model", *numbers, b"jpeg")
            )
        generation.write(f"unit{unit}", photos, [])
    return generation


class Killing:
    """Photos on a server that is killed before some changes and after others, and comes back."""

    def __init__(self, engine: Engine, random: Random) -> None:
        self._engine = engine
        self._photos = MilvusPhotos(engine.server(Patience(question=60, change=3, attempt=3, after_failure=0)))
        self._blows = ["before", "after", "before", "none", "none", "after"]
        random.shuffle(self._blows)
        self._is_down = False

    def upsert(self, *given: Any, **named: Any) -> None:
        if self._is_down:
            self._engine.start()
            self._is_down = False
        blow = self._blows.pop() if self._blows else "none"
        if blow == "before":
            self._engine.kill()
            self._is_down = True
        self._photos.upsert(*given, **named)
        if blow == "after":
            self._engine.kill()
            self._engine.start()


def test_a_server_that_is_killed_again_and_again_has_in_the_end_what_the_shelf_has(tmp_path: Path) -> None:
    generation = _shelf(tmp_path / "shelf")
    engine = Engine(tmp_path / "engine")
    try:
        pusher = Pusher(generation, _NAME, Killing(engine, Random(11)))
        pusher.finish()
        assert list(generation.errors()) == []
        assert pusher.pushed == 10 * _UNITS
        expected = exact_index(generation)
        server = engine.server()
        served = MilvusIndex(MilvusPhotos(server), Part("anna", 1))
        assert len(served) == len(expected) == 10 * _UNITS
        queries = vectors(3, seed=6)
        for ours, theirs in zip(
            expected.nearest(queries, 5).photo_ids, served.nearest(queries, 5).photo_ids, strict=True
        ):
            assert ours.tolist() == theirs.tolist()
        hashes = np.array([0, 1 << 40], np.uint64)
        assert (expected.nearest_by_hash(hashes, 4).photo_ids == served.nearest_by_hash(hashes, 4).photo_ids).all()
        server.close()
    finally:
        engine.kill()


class TooOld:
    """A server that will never do."""

    def upsert(self, *_given: Any, **_named: Any) -> None:
        raise IndexServerUnusable("the server is version 1.1; at least 2.6 is needed")


def test_a_server_that_is_too_old_is_a_row_of_errors_until_it_is_replaced(tmp_path: Path) -> None:
    generation = _shelf(tmp_path / "shelf")
    Pusher(generation, _NAME, TooOld()).finish()
    ((_, trouble),) = generation.errors()
    assert (trouble.code, trouble.address) == ("index_server_unusable", _NAME)
    assert "at least 2.6 is needed" in trouble.words

    class Taking:
        taken = 0

        def upsert(self, _owner: str, _generation: int, ids: Any, *_given: Any, **_named: Any) -> None:
            self.taken += len(ids)

    newer = Taking()
    Pusher(generation, _NAME, newer).finish()
    assert newer.taken == 10 * _UNITS
    assert list(generation.errors()) == []
