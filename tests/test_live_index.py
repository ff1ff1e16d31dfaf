"""The index in memory follows the catalog, whoever writes there."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from isthisme.catalog import Catalog
from isthisme.catalog.generations import Generation
from isthisme.catalog.photos import FileState
from isthisme.domain import PhotoDescription
from isthisme.index.base import VectorIndex
from isthisme.index_files import IndexFiles
from isthisme.live_index import LiveIndex


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    (tmp_path / "photos").mkdir()
    with closing(Catalog(tmp_path / "catalog.db")) as opened:
        opened.folders.add(tmp_path / "photos")
        yield opened


def add(catalog: Catalog, generation: Generation, seed: int) -> int:
    """A photo with its description, as another process would add it."""
    random = np.random.default_rng(seed)
    descriptor = random.integers(-127, 128, 512).astype(np.int8)
    description = PhotoDescription("model", 10, 10, np.array([seed], np.uint64), descriptor, b"jpeg")
    photo_id = catalog.photos.add(b"%d" % seed, description, b"/%d.jpg" % seed)
    catalog.photos.put_at(b"/%d.jpg" % seed, catalog.folders.all()[0].folder_id, FileState(1, 1), photo_id)
    catalog.generations.add(generation, photo_id, description)
    return photo_id


def live(folder: Path, catalog: Catalog, model: str = "model") -> LiveIndex:
    return LiveIndex(catalog, lambda: model, IndexFiles(catalog, folder / "index"))


def photos_in(index: VectorIndex) -> list[int]:
    ids = index.nearest_by_hash(np.zeros(1, np.uint64), len(index)).photo_ids[0]
    return sorted(ids.tolist())


def found(index: LiveIndex) -> list[int]:
    current = index.index()
    return [] if current is None else photos_in(current)


def held(index: LiveIndex) -> VectorIndex:
    current = index.index()
    assert current is not None
    return current


def test_it_grows_with_the_catalog(tmp_path: Path, catalog: Catalog) -> None:
    index = live(tmp_path, catalog)
    assert index.index() is None
    with closing(Catalog(tmp_path / "catalog.db")) as other:
        generation = other.generations.start_first("model")
        ids = [add(other, generation, seed) for seed in range(3)]
        assert found(index) == ids
        ids.append(add(other, generation, 9))
        assert found(index) == ids
        snapshot = index.index()
        add(other, generation, 10)
        assert snapshot is not None
        assert photos_in(snapshot) == ids, "a snapshot stays as it is"


def test_it_forgets_what_is_removed(tmp_path: Path, catalog: Catalog) -> None:
    index = live(tmp_path, catalog)
    add(catalog, catalog.generations.start_first("model"), 1)
    assert len(found(index)) == 1
    catalog.folders.remove(tmp_path / "photos")
    assert found(index) == []


def test_it_answers_from_the_old_generation_until_the_switch(tmp_path: Path, catalog: Catalog) -> None:
    index = live(tmp_path, catalog)
    old = catalog.generations.start_first("model")
    photo_id = add(catalog, old, 1)
    building = catalog.generations.start_building("model")
    assert held(index).generation == old.number
    add(catalog, building, 1)
    catalog.generations.switch_to(building)
    assert held(index).generation == building.number
    assert found(index) == [photo_id]


def test_descriptors_of_another_model_are_not_compared(tmp_path: Path, catalog: Catalog) -> None:
    add(catalog, catalog.generations.start_first("model"), 1)
    same, other = (live(tmp_path, catalog, name) for name in ("model", "other model"))
    query = np.zeros((1, 512), np.int8)
    assert held(same).nearest(query, 1).photo_ids.shape == (1, 1)
    assert held(other).nearest(query, 1).photo_ids.shape == (1, 0)
    assert found(other) == found(same)
