"""A shelf brought into an index on a server that will not do; `test_killed_processes` kills one that does."""

from pathlib import Path
from typing import Any

from isthisme.bulk.pushing import Pusher
from isthisme.bulk.shelf import Generation, ShelvedPhoto, generation_for, photo_id
from isthisme.errors import IndexServerUnusable
from tests.index.contract import vectors

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
