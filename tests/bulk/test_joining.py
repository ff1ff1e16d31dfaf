"""Many small parts of a shelf become few large ones, and nothing else changes."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from isthisme.bulk.joining import Units, join_parts
from isthisme.bulk.places import Places
from isthisme.bulk.pushing import Pusher
from isthisme.bulk.shelf import Generation, ShelvedPhoto, exact_index, generation_for, generations, is_joined, photo_id
from isthisme.bulk.shelf_references import ShelfReferences
from isthisme.bulk.shelf_search import ShelfPhotos
from isthisme.errors import IsThisMeError, ShelfUnusable
from tests.bulk.stores import Stopped, StoppingStore
from tests.index.contract import vectors

UNITS, ROWS = 10, 3
MODEL = "a model"
INDEX = "milvus+http://127.0.0.1:19530"


def photo(number: int) -> ShelvedPhoto:
    content = number.to_bytes(32)
    numbers = number, vectors(1, number)[0].tobytes()
    return ShelvedPhoto(photo_id("anna", content), content, f"{number}.jpg", 9, 9, MODEL, *numbers, b"jpeg" * 200)


def shelf(url: object) -> Generation:
    generation = generation_for(str(url), "anna", MODEL)
    for unit in range(UNITS):
        generation.write(f"unit{unit}", [photo(ROWS * unit + row) for row in range(ROWS)], [])
    return generation


def here(join: Callable[[Units], str], groups: Iterable[Units]) -> Iterator[tuple[Units, str | IsThisMeError]]:
    """As `Cluster.each`, with one machine."""
    for group in groups:
        yield group, join(group)


def full(generation: Generation) -> int:
    """As large as three parts and a little: so of ten parts, four make one, and two are left."""
    return 3 * max(generation.parts().values()) + 1


def mark(generation: Generation) -> str:
    return ShelfPhotos((generation,), deep=False).mark


def test_parts_are_joined_once_and_the_photos_and_their_places_stay(tmp_path: Path) -> None:
    generation = shelf(tmp_path)
    references = ShelfReferences(generation)  # of a process that goes on
    index, before, large = exact_index(generation), mark(generation), full(generation)
    assert join_parts(generation, here, full=large) == 2
    parts = generation.parts()
    assert (sum(map(is_joined, parts)), len(parts)) == (2, 4)
    assert {unit for part in parts for unit in generation.units_in(part)} == {f"unit{unit}" for unit in range(UNITS)}
    after = exact_index(generation)
    assert dict(zip(after.photo_ids.tolist(), after.hashes.tolist(), strict=True)) == dict(
        zip(index.photo_ids.tolist(), index.hashes.tolist(), strict=True)
    )
    assert mark(generation) == before  # nothing is looked for anew because of it
    for number in range(UNITS * ROWS):
        wanted = photo(number)
        assert Places(generation).photo(f"unit{number // ROWS}", number % ROWS, wanted.photo_id) == wanted
        assert references.photo(wanted.photo_id) == wanted
        assert ShelfReferences(generation).photo(wanted.photo_id) == wanted
    assert join_parts(generation, here, full=large) == 0
    assert generation.parts() == parts


def test_a_place_where_another_photo_lies_is_not_taken_for_it(tmp_path: Path) -> None:
    generation = shelf(tmp_path)
    join_parts(generation, here, full=full(generation))
    for part, row in (("unit0", 1), ("unit0", ROWS), ("unit9", 1), ("unit9", 99), ("unit77", 0)):
        with pytest.raises(ShelfUnusable):
            Places(generation).photo(part, row, photo(0).photo_id)


def test_stopped_anywhere_the_shelf_has_the_same_photos_and_the_next_run_ends_the_same(tmp_path: Path) -> None:
    def made() -> Generation:
        StoppingStore.store.clear()
        StoppingStore.left = 1 << 40
        generation = shelf("stopping://shelf")
        for part in generation.parts():
            generation.mark_indexed(INDEX, part, ROWS)
        return generation

    def rows(generation: Generation) -> dict[int, int]:
        index = exact_index(generation)
        return dict(zip(index.photo_ids.tolist(), index.hashes.tolist(), strict=True))

    generation = made()
    large, expected, its_mark = full(generation), rows(generation), mark(generation)
    join_parts(generation, here, full=large)
    undisturbed = {path: held.getvalue() for path, held in StoppingStore.store.items()}
    stops, is_through = 0, False
    while not is_through:
        generation = made()
        StoppingStore.left = stops
        try:
            join_parts(generation, here, full=large)
            is_through = True
        except (Stopped, ShelfUnusable):
            StoppingStore.left = 1 << 40
            assert rows(generation) == expected
            assert mark(generation) == its_mark
            join_parts(generation, here, full=large)
        assert {path: held.getvalue() for path, held in StoppingStore.store.items()} == undisturbed
        stops += 1
    assert stops > 20  # two parts and their marks written, eight parts and their marks removed


class Taking:
    """An index that notes what it is brought."""

    def __init__(self) -> None:
        self.ids: list[int] = []

    def upsert(self, _owner: str, _generation: int, ids: Any, *_given: Any, **_named: Any) -> None:
        self.ids += ids.tolist()


def test_what_an_index_has_it_is_not_brought_again_and_the_rest_is(tmp_path: Path) -> None:
    generation = shelf(tmp_path)
    for part in generation.parts():
        generation.mark_indexed("has all", part, ROWS)
        if part != "unit2":
            generation.mark_indexed("lacks one", part, ROWS)
    join_parts(generation, here, full=full(generation))
    brought = {}
    for name in ("has all", "lacks one"):
        index = Taking()
        Pusher(generation, name, index).finish()
        brought[name] = index.ids
    assert brought["has all"] == []
    assert {photo(number).photo_id for number in range(2 * ROWS, 3 * ROWS)} <= set(brought["lacks one"])


def test_what_a_unit_brings_later_stays_whatever_is_joined(tmp_path: Path) -> None:
    generation = shelf(tmp_path)
    large = full(generation)
    join_parts(generation, here, full=large)
    generation.write("unit1", [photo(900)], [])  # `ingest --again` got what had failed
    known = Places(generation)
    places = {("unit1", 0, 900), ("unit1", 0, ROWS), ("unit1", 2, ROWS + 2)}
    for _ in range(2):
        assert join_parts(generation, here, full=large // 3) >= 0
        assert len(exact_index(generation)) == UNITS * ROWS + 1
        for part, row, number in places:
            assert known.photo(part, row, photo(number).photo_id) == photo(number)
    (same,) = generations(str(tmp_path), "anna")
    assert {unit for part in same.parts() for unit in same.units_in(part)} == {f"unit{unit}" for unit in range(UNITS)}
