"""A server's copy of the index follows the catalog, and questions see each photo once, whatever is on its way."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from isthisme.catalog import Catalog
from isthisme.catalog.generations import Generation
from isthisme.catalog.photos import FileState
from isthisme.config import Paths, Settings
from isthisme.domain import PhotoDescription
from isthisme.errors import IndexUnavailable, UsageError
from isthisme.index.base import VectorIndex
from isthisme.index.milvus_photos import MilvusPhotos, Part
from isthisme.index.milvus_server import MilvusServer
from isthisme.index_choice import HomeIndex
from isthisme.index_files import IndexFiles
from isthisme.live_index import LiveIndex
from isthisme.served_index import ServedIndex
from isthisme.team import consent
from isthisme.vector_push import Pushed, VectorPush
from tests.encryption.keyrings import LockedKeyring, MemoryKeyring
from tests.index import milvus_engine


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    with milvus_engine.running(tmp_path_factory.mktemp("engine")) as running:
        yield running


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    (tmp_path / "photos").mkdir()
    with closing(Catalog(tmp_path / "catalog.db")) as opened:
        opened.folders.add(tmp_path / "photos")
        yield opened


class Home:
    """One owner's photos: in a catalog, and on a server."""

    def __init__(self, catalog: Catalog, photos: MilvusPhotos, folder: Path, owner: str) -> None:
        self.catalog, self.photos, self.owner, self.has_consent = catalog, photos, owner, True
        self.push = VectorPush(catalog, photos, owner, self.consented)
        self.embedded = LiveIndex(catalog, lambda: "model", IndexFiles(catalog, folder / "index"))
        self.index = ServedIndex(catalog, lambda: "model", self.embedded, photos, owner, self.check_consent)

    def check_consent(self) -> None:
        if not self.has_consent:
            raise UsageError("the owner has not agreed")

    def consented(self) -> AbstractContextManager[None]:
        self.check_consent()
        return nullcontext()

    def add(self, generation: Generation, *seeds: int) -> list[int]:
        return [self._add(generation, seed) for seed in seeds]

    def _add(self, generation: Generation, seed: int) -> int:
        vector = np.random.default_rng(seed).integers(-127, 128, 512).astype(np.int8)
        description = PhotoDescription(generation.model, 10, 10, np.array([seed], np.uint64), vector, b"jpeg")
        photo_id = self.catalog.photos.add(b"%d" % seed, description, b"/%d.jpg" % seed)
        folder_id = self.catalog.folders.all()[0].folder_id
        self.catalog.photos.put_at(b"/%d.jpg" % seed, folder_id, FileState(1, 1), photo_id)
        self.catalog.generations.add(generation, photo_id, description)
        return photo_id

    def there(self, generation: Generation) -> list[int]:
        """What the server has, whatever is thought of it here."""
        pushed = self.push.record.of(generation.number)
        return [] if pushed is None else self.photos.ids(self.owner, pushed.number, 10_000).tolist()

    def found(self) -> list[int]:
        index = self.index.index()
        return [] if index is None else photos_in(index)


@pytest.fixture
def home(server: MilvusServer, catalog: Catalog, tmp_path: Path) -> Home:
    return Home(catalog, MilvusPhotos(server), tmp_path, tmp_path.name.replace("_", "-").lower()[-60:].lstrip("-"))


def photos_in(index: VectorIndex) -> list[int]:
    ids = index.nearest_by_hash(np.zeros(1, np.uint64), len(index)).photo_ids[0].tolist()
    assert len(set(ids)) == len(ids) == len(index)
    return sorted(ids)


def agrees(home: Home) -> None:
    """What the server helps to answer is what the catalog alone answers."""
    ours, theirs = home.index.index(), home.embedded.index()
    assert ours is not None
    assert theirs is not None
    queries = np.random.default_rng(1).integers(-80, 80, (4, 512)).astype(np.int8)
    found, expected = ours.nearest(queries, 9), theirs.nearest(queries, 9)
    assert np.array_equal(found.photo_ids, expected.photo_ids)
    assert np.array_equal(found.similarities, expected.similarities)
    assert photos_in(ours) == photos_in(theirs)


def test_what_is_new_is_found_at_once_and_sent_once(home: Home) -> None:
    assert home.index.index() is None
    generation = home.catalog.generations.start_first("model")
    home.add(generation, 1, 2, 3)
    assert home.found() == [1, 2, 3]
    home.push.settle()
    home.push.settle()
    assert home.there(generation) == [1, 2, 3]
    home.add(generation, 4, 5)
    assert home.found() == [1, 2, 3, 4, 5]
    agrees(home)
    home.push.settle()
    assert home.there(generation) == [1, 2, 3, 4, 5]
    agrees(home)


def test_what_is_forgotten_is_deleted_there_and_numbers_given_again_are_no_trap(home: Home) -> None:
    generation = home.catalog.generations.start_first("model")
    home.add(generation, *range(1, 7))
    home.push.settle()
    home.catalog.forgetting.forget([2, 5, 6])
    home.add(generation, 17, 18)  # with the row ids of the last ones
    assert set(home.found()) >= {1, 3, 4, 7, 8}
    assert home.index.mark().removals == 1
    assert not home.push.is_settled()
    home.push.settle()
    assert home.there(generation) == [1, 3, 4, 7, 8]
    assert home.push.is_settled()
    agrees(home)


def test_nothing_is_sent_or_asked_without_consent(home: Home) -> None:
    generation = home.catalog.generations.start_first("model")
    home.add(generation, 1, 2)
    home.has_consent = False
    with pytest.raises(UsageError, match="not agreed"):
        home.push.settle()
    with pytest.raises(UsageError, match="not agreed"):
        home.index.index()
    assert home.push.record.all() == {}


def test_a_generation_is_asked_when_it_is_there_whole_and_the_old_one_goes(home: Home) -> None:
    old = home.catalog.generations.start_first("model")
    home.add(old, 1, 2, 3)
    home.push.settle()
    number = home.push.record.all()[old.number].number
    building = home.catalog.generations.start_building("model")
    home.add(building, 1, 2)
    home.push.settle()
    assert home.there(building) == [1, 2]
    before = home.index.index()
    assert before is not None
    assert before.generation == old.number
    home.add(building, 3)
    home.catalog.generations.switch_to(building)
    after = home.index.index()
    assert after is not None
    assert after.generation == building.number
    assert photos_in(after) == [1, 2, 3]
    assert home.there(old) == [1, 2, 3], "still there for who asks this moment"
    assert photos_in(before) == [1, 2, 3]
    home.push.settle()
    assert home.photos.count(Part(home.owner, number)) == 0
    assert list(home.push.record.all()) == [building.number]
    agrees(home)


def test_a_model_that_is_not_in_use_is_searched_by_hashes_alone(home: Home) -> None:
    generation = home.catalog.generations.start_first("another model")
    home.add(generation, 1, 2)
    home.push.settle()
    index = home.index.index()
    assert index is not None
    assert index.nearest(np.zeros((2, 512), np.int8), 3).photo_ids.shape == (2, 0)
    assert photos_in(index) == [1, 2]


def test_what_the_server_lost_is_noticed_and_sent_again(home: Home) -> None:
    generation = home.catalog.generations.start_first("model")
    home.add(generation, *range(1, 9))
    home.push.settle()
    number = home.push.record.all()[generation.number].number
    home.photos.delete(home.owner, number, np.array([3, 4]))
    with pytest.raises(IndexUnavailable, match="6 of 8 photos"):
        home.index.index()
    home.push.settle()
    agrees(home)


def test_a_photo_forgotten_while_it_was_sent_is_deleted_there_too(home: Home) -> None:
    """Killed after sending, before noting it; then the photo is forgotten."""
    generation = home.catalog.generations.start_first("model")
    home.add(generation, 1, 2)
    home.push.settle()
    home.add(generation, 3)
    before = home.push.record.of(generation.number)
    home.push.settle()
    assert before is not None
    home.push.record.put(generation.number, replace(before, reaching=3))
    home.catalog.forgetting.forget([3])
    home.push.settle()
    assert home.there(generation) == [1, 2]


def test_two_homes_of_one_owner_do_not_mix(home: Home, server: MilvusServer, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with closing(Catalog(tmp_path / "other" / "catalog.db")) as catalog:
        catalog.folders.add(tmp_path)
        other = Home(catalog, MilvusPhotos(server), tmp_path / "other", home.owner)
        for each, seeds in ((home, (1, 2)), (other, (11, 12, 13))):
            each.add(each.catalog.generations.start_first("model"), *seeds)
            each.push.settle()
        assert home.found() == [1, 2]
        assert other.found() == [1, 2, 3]
        agrees(home)
        agrees(other)


def test_marks_get_sparser_and_the_last_that_still_holds_is_found(home: Home) -> None:
    generation = home.catalog.generations.start_first("model")
    ids = home.add(generation, *range(1, 121))
    pushed = Pushed(7)
    for row, photo_id in enumerate(ids, 1):
        pushed = pushed.with_mark(row, photo_id)
    assert len(pushed.marks) <= 48
    assert pushed.marks[0][0] < 20
    assert pushed.marks[-1] == (120, 120)
    record = home.push.record
    assert record.reach(generation, pushed) == 120
    home.catalog.forgetting.forget(ids[100:])
    reach = record.reach(generation, pushed)
    assert reach <= 100
    assert reach == max(row for row, _ in pushed.marks if row <= 100)
    assert record.reach(generation, Pushed(7)) == 0


@pytest.mark.timeout(300)
def test_killed_anywhere_the_server_ends_as_the_catalog_is(tmp_path: Path, catalog: Catalog) -> None:
    """The engine dies at random while photos come and go; what was asked meanwhile is right or undecided."""
    chance = random.Random(8)
    engine = milvus_engine.Engine(tmp_path / "engine")
    photos = MilvusPhotos(engine.server())
    home = Home(catalog, photos, tmp_path, "ada")
    home.push = VectorPush(catalog, photos, "ada", home.consented, rows_at_once=7)
    generation = catalog.generations.start_first("model")
    photos.count(Part("ada", 1))

    def kill() -> None:
        for _ in range(4):
            time.sleep(chance.uniform(0.0, 0.5))  # anywhere: what must hold does not depend on where
            engine.kill()
            engine.start()

    killing = threading.Thread(target=kill)
    killing.start()
    try:
        for batch in range(6):
            home.add(generation, *range(100 * batch + 1, 100 * batch + 31))
            if batch % 2:
                catalog.forgetting.forget([30 * batch - 3, 30 * batch])
            home.push.settle()
            agrees(home)
        killing.join()
        engine.kill()
        engine.start()
        home.push.settle()
        assert home.there(generation) == sorted(catalog.generations.described(generation).photo_ids.tolist())
        agrees(home)
    finally:
        killing.join()
        photos.server.close()
        engine.kill()


def test_settings_choose_a_server_and_connect_to_none_before_it_is_asked(tmp_path: Path, catalog: Catalog) -> None:
    paths, files = Paths(tmp_path), IndexFiles(catalog, tmp_path / "index")
    assert isinstance(HomeIndex(paths, Settings(), catalog, files).current(lambda: None), LiveIndex)
    for wrong in (
        Settings(index="milvus+https://engine.example"),
        Settings(index="faiss"),
        Settings(index="milvus+https://engine.example", index_owner="Ada Lovelace"),
        Settings(index="milvus+https://engine.example", index_owner="ada", index_kind="ivf_pq"),
    ):
        with pytest.raises(UsageError):
            HomeIndex(paths, wrong, catalog, files)
    chosen = Settings(index="milvus+http://127.0.0.1:9", index_owner="ada", index_token_file=str(tmp_path / "none"))
    with closing(HomeIndex(paths, chosen, catalog, files)) as index:
        with pytest.raises(consent.ConsentMissing, match="has not agreed"):
            index.current(lambda: None).index()
        assert "has not agreed" in (index.untold() or "")
        consent.grant(tmp_path, "milvus+http://127.0.0.1:9", "ada", "en")
        catalog.generations.start_first(None)
        assert index.current(lambda: None).index() is None, "the embedded one answers meanwhile"


def test_the_server_of_the_settings_gets_the_photos_and_tells_how_many_it_has(
    server: MilvusServer, tmp_path: Path, catalog: Catalog
) -> None:
    chosen = Settings(index=str(server.address), index_owner="grace")
    consent.grant(tmp_path, chosen.index, "grace", "en")
    with closing(
        HomeIndex(Paths(tmp_path), chosen, catalog, IndexFiles(catalog, tmp_path / "index"), MemoryKeyring)
    ) as index:
        generation = catalog.generations.start_first("model")
        assert index.server is not None
        home = Home(catalog, index.server.photos, tmp_path, "grace")
        home.add(generation, 1, 2, 3)
        assert "has 0 of 3 photos of 'grace'" in index.server.state(catalog)
        assert index.untold() is None
        assert "has 3 of 3 photos of 'grace'" in index.server.state(catalog)
        current = index.current(lambda: "model").index()
        assert current is not None
        assert photos_in(current) == [1, 2, 3]


def test_without_a_file_the_token_is_the_keyrings_and_none_where_it_stays_closed(
    tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(index="milvus+https://engine.example", index_owner="ada")
    name = "milvus+https://engine.example:19530"
    monkeypatch.setitem(MemoryKeyring.kept, ("isthisme", name), "ada:secret")
    files = IndexFiles(catalog, tmp_path / "index")
    for keyring, token in ((MemoryKeyring, "ada:secret"), (LockedKeyring, "")):
        with closing(HomeIndex(Paths(tmp_path), settings, catalog, files, keyring)) as index:
            assert index.server is not None
            assert index.server.photos.server.credentials().token == token
