from collections.abc import Iterator
from itertools import count

import numpy as np
import pytest
from numpy.typing import NDArray

from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.errors import IndexServerUnusable, UsageError
from isthisme.evaluation.scenes import encoded, scene
from isthisme.index.base import VectorIndex
from isthisme.index.exact import ExactIndex
from isthisme.index.milvus import MilvusIndex
from isthisme.index.milvus_photos import DESCRIPTORS, HASHES, Kind, Located, MilvusPhotos, Part
from isthisme.index.milvus_server import MilvusServer
from tests.index import milvus_engine
from tests.index.contract import VectorIndexContract, exact_similarities, near, vectors


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    with milvus_engine.running(tmp_path_factory.mktemp("engine")) as running:
        yield running


_owners = count()


def stored(
    server: MilvusServer,
    ids: NDArray[np.int64],
    hashes: NDArray[np.uint64],
    descriptors: NDArray[np.int8] | None,
    *,
    generation: int = 3,
    kind: Kind = Kind.FLAT,
) -> MilvusIndex:
    """Photos of an owner of their own, beside those of all the other tests."""
    photos = MilvusPhotos(server, kind=kind, name=f"of_{kind}")
    owner = f"owner-{next(_owners)}"
    photos.upsert(owner, generation, ids, hashes, descriptors, [str(each) for each in ids], positions=ids)
    photos.purge()  # what the engine has not written to files it searches slowly
    return MilvusIndex(photos, Part(owner, generation))


class TestMilvusIndex(VectorIndexContract):
    sizes = (1, 7, 60)
    many = 150  # more equal ones than two rounds of asking for more bring; the engine looks through all keys in Python

    @pytest.fixture(autouse=True)
    def _server(self, server: MilvusServer) -> None:
        self.server = server

    def make(
        self,
        photo_ids: NDArray[np.int64],
        hashes: NDArray[np.uint64],
        descriptors: NDArray[np.int8] | None,
        *,
        generation: int = 3,
    ) -> VectorIndex:
        return stored(self.server, photo_ids, hashes, descriptors, generation=generation)


def test_it_finds_what_exact_search_finds(server: MilvusServer) -> None:
    random = np.random.default_rng(5)
    ids, hashes = random.permutation(400) + 1, random.integers(0, 2**64, 400, dtype=np.uint64)
    descriptors = vectors(400, seed=5)
    exact, index = ExactIndex(3, ids, hashes, descriptors), stored(server, ids, hashes, descriptors)
    queries = np.concatenate([near(descriptors[:6], 0.5), vectors(5, seed=6)])
    ours, theirs = index.nearest(queries, 50), exact.nearest(queries, 50)
    assert np.array_equal(ours.photo_ids, theirs.photo_ids)
    assert np.array_equal(ours.similarities, theirs.similarities)
    asked = hashes[:8] ^ np.uint64(0b1101)
    by_hash, expected = index.nearest_by_hash(asked, 16), exact.nearest_by_hash(asked, 16)
    assert np.array_equal(by_hash.photo_ids, expected.photo_ids)
    assert np.array_equal(by_hash.distances, expected.distances)


def test_it_finds_pictures_as_exact_search_does(server: MilvusServer) -> None:
    """Descriptors and hashes as the models make them: near ones, equal ones, and plain pictures that are like many."""
    engine = Engine(Models.packaged())
    described = [engine.describe_photo(encoded(scene(seed, 320, 240))) for seed in range(30)]
    ids = np.arange(1, 31)
    hashes = np.array([each.hashes[0] for each in described], np.uint64)
    descriptors = np.stack([each.descriptor for each in described if each.descriptor is not None])
    exact, index = ExactIndex(3, ids, hashes, descriptors), stored(server, ids, hashes, descriptors)
    for seed in (3, 7, 40):
        query = engine.describe_query(encoded(scene(seed, 320, 240)[40:, 30:], quality=60), deep=True)
        assert query.descriptors is not None
        ours, theirs = index.nearest(query.descriptors, 20), exact.nearest(query.descriptors, 20)
        assert np.array_equal(ours.photo_ids, theirs.photo_ids)
        assert np.array_equal(ours.similarities, theirs.similarities)
        by_hash, expected = index.nearest_by_hash(query.hashes, 16), exact.nearest_by_hash(query.hashes, 16)
        assert np.array_equal(by_hash.photo_ids, expected.photo_ids)
        assert np.array_equal(by_hash.distances, expected.distances)


def test_a_graph_may_miss_photos_and_never_misstates_one(server: MilvusServer) -> None:
    descriptors = vectors(400, seed=8)
    index = stored(server, np.arange(400), np.zeros(400, np.uint64), descriptors, kind=Kind.HNSW)
    queries = near(descriptors[:5], 0.6)
    found = index.nearest(queries, 10)
    assert found.photo_ids[:, 0].tolist() == [0, 1, 2, 3, 4]
    expected = exact_similarities(descriptors, queries)
    for row, similarities in enumerate(found.similarities):
        assert similarities == pytest.approx(expected[row, found.photo_ids[row]])
        assert (np.diff(similarities) <= 0).all()


def test_the_size_is_asked_for_once_and_only_where_an_answer_comes_short(server: MilvusServer) -> None:
    counted = []

    class Watched(MilvusPhotos):
        def count(self, part: Part, what: str = HASHES) -> int:
            counted.append(what)
            return super().count(part, what)

    photos, descriptors = Watched(server, name="of_short"), vectors(9)
    photos.upsert("ada", 1, np.arange(9), np.arange(9, dtype=np.uint64), descriptors, [""] * 9)
    index = MilvusIndex(photos, Part("ada", 1))
    assert index.nearest(descriptors[:2], 5).photo_ids[:, 0].tolist() == [0, 1]
    assert counted == []
    for _ in range(2):
        assert index.nearest(descriptors[:2], 50).photo_ids.shape == (2, 9)
    assert counted == [DESCRIPTORS]


def test_owners_do_not_see_each_other_and_who_may_see_all_is_told_whose_they_are(server: MilvusServer) -> None:
    photos = MilvusPhotos(server, name="of_two")
    mine, theirs = vectors(3, seed=1), vectors(2, seed=2)
    photos.upsert("ada", 1, np.array([1, 2, 3]), np.arange(3, dtype=np.uint64), mine, ["p#0", "p#1", "p#2"])
    photos.upsert("bob", 1, np.array([8, 9]), np.arange(2, dtype=np.uint64), theirs, ["q#0", "q#1"])
    photos.upsert("bob", 2, np.array([8]), np.arange(1, dtype=np.uint64), theirs[:1], ["q#0"])
    assert sorted(MilvusIndex(photos, Part("ada", 1)).nearest(theirs[:1], 9).photo_ids[0].tolist()) == [1, 2, 3]
    assert MilvusIndex(photos, Part("bob", 2)).nearest(mine[:1], 9).photo_ids.tolist() == [[8]]
    everybody = Part(None, 1)
    assert MilvusIndex(photos, everybody).nearest(theirs[1:], 1).photo_ids.tolist() == [[9]]
    assert photos.located(everybody, [2, 9, 77]) == {2: Located("ada", "p#1"), 9: Located("bob", "q#1")}
    assert photos.located(Part("ada", 1), [9]) == {}


def test_writing_again_changes_nothing_and_what_is_removed_is_gone(server: MilvusServer) -> None:
    photos = MilvusPhotos(server, name="of_one")
    ids, hashes, descriptors = np.arange(1, 6), np.arange(5, dtype=np.uint64), vectors(5)
    for _ in range(2):
        photos.upsert("ada", 1, ids, hashes, descriptors, ["r"] * 5, positions=ids * 10)
    assert photos.count(Part("ada", 1)) == 5
    assert photos.count(Part("ada", 1, up_to=30)) == 3
    assert photos.ids("ada", 1, 40).tolist() == [1, 2, 3, 4]
    photos.delete("ada", 1, np.array([2, 4, 99]))
    photos.purge()
    assert MilvusIndex(photos, Part("ada", 1)).nearest(descriptors[1:2], 5).photo_ids.shape == (1, 3)
    photos.upsert("ada", 2, ids, hashes, None, ["r"] * 5)
    photos.upsert("ada", 3, ids, hashes, None, ["r"] * 5)
    photos.drop_other_generations("ada", [1, 2])
    assert [photos.count(Part("ada", each)) for each in (1, 2, 3)] == [3, 5, 0]
    photos.drop_generation("ada", 1)
    assert photos.count(Part("ada", 1)) == 0
    photos.drop_other_generations("ada", [])
    assert photos.count(Part("ada", 2)) == 0


def test_what_comes_later_is_not_in_a_snapshot(server: MilvusServer) -> None:
    photos = MilvusPhotos(server, name="of_later")
    descriptors = vectors(4)
    photos.upsert(
        "ada", 1, np.array([1, 2]), np.zeros(2, np.uint64), descriptors[:2], ["", ""], positions=np.array([1, 2])
    )
    index = MilvusIndex(photos, Part("ada", 1, up_to=2))
    assert len(index) == 2
    photos.upsert(
        "ada", 1, np.array([3, 4]), np.zeros(2, np.uint64), descriptors[2:], ["", ""], positions=np.array([3, 4])
    )
    assert sorted(index.nearest(descriptors[2:3], 9).photo_ids[0].tolist()) == [1, 2]


@pytest.mark.parametrize("owner", ["", "Ada", "a" * 65, '" or owner != "', "-a", "a\n"])
def test_a_name_that_could_be_more_than_a_name_is_refused(owner: str) -> None:
    with pytest.raises(UsageError):
        Part(owner, 1)


def test_a_collection_of_somebody_elses_is_left_alone(server: MilvusServer) -> None:
    server.change(lambda client, seconds: client.create_collection("of_others_descriptors", dimension=8))
    with pytest.raises(IndexServerUnusable, match="of_others_descriptors is not one of ours"):
        MilvusPhotos(server, name="of_others").count(Part("ada", 1))
