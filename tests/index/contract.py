"""The promises of `VectorIndex` as tests. An implementation's test class inherits them and says how it is made."""

import threading
from abc import ABC, abstractmethod

import numpy as np
import pytest
from numpy.typing import NDArray

from isthisme.index.base import VectorIndex

LENGTH = 512


def vectors(count: int, seed: int = 0) -> NDArray[np.int8]:
    """Unit vectors times 127, as far from each other as chance has it."""
    made = np.random.default_rng(seed).normal(size=(count, LENGTH))
    return np.rint(127 * made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.int8)


def near(stored: NDArray[np.int8], similarity: float, seed: int = 0) -> NDArray[np.int8]:
    """For each vector one about as similar to it as asked for."""
    noise = np.random.default_rng((seed, 1)).normal(size=stored.shape)
    unit = stored / np.linalg.norm(stored, axis=1, keepdims=True)
    noise -= (noise * unit).sum(axis=1, keepdims=True) * unit
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    return np.rint(127 * (similarity * unit + np.sqrt(1 - similarity**2) * noise)).astype(np.int8)


def exact_similarities(stored: NDArray[np.int8], queries: NDArray[np.int8]) -> NDArray[np.float64]:
    return (queries.astype(np.int64) @ stored.astype(np.int64).T) / 127**2


class VectorIndexContract(ABC):
    @abstractmethod
    def make(
        self,
        photo_ids: NDArray[np.int64],
        hashes: NDArray[np.uint64],
        descriptors: NDArray[np.int8] | None,
        *,
        generation: int = 3,
    ) -> VectorIndex:
        """An index of these photos."""

    sizes = (1, 7, 300, 5000)
    many = 5000  # photos, where it takes many

    def of(self, count: int, seed: int = 0) -> tuple[VectorIndex, NDArray[np.int64], NDArray[np.int8]]:
        ids = np.random.default_rng(seed).permutation(count) + 100
        stored = vectors(count, seed)
        return self.make(ids, np.arange(count, dtype=np.uint64), stored), ids, stored

    def test_it_tells_its_generation_and_its_size(self) -> None:
        for count in self.sizes:
            index, _, _ = self.of(count)
            assert index.generation == 3
            assert len(index) == count

    def test_what_is_similar_is_found(self) -> None:
        for count in self.sizes:
            index, ids, stored = self.of(count)
            asked = np.random.default_rng(1).integers(count, size=20)
            found = index.nearest(near(stored[asked], 0.6), 3)
            assert found.photo_ids[:, 0].tolist() == ids[asked].tolist()

    def test_similarities_are_exact_and_in_order(self) -> None:
        for count in self.sizes:
            index, ids, stored = self.of(count)
            queries = vectors(6, seed=9)
            found = index.nearest(queries, 5)
            row_of = {photo: row for row, photo in enumerate(ids.tolist())}
            expected = exact_similarities(stored, queries)
            for query, (photos, similarities) in enumerate(zip(found.photo_ids, found.similarities, strict=True)):
                assert similarities == pytest.approx([expected[query, row_of[photo]] for photo in photos.tolist()])
                assert (np.diff(similarities) <= 0).all()
                assert len(set(photos.tolist())) == len(photos)

    def test_what_a_photo_is_to_a_query_does_not_hang_on_the_others(self) -> None:
        query = near(vectors(1, seed=4), 0.5)
        alone = self.make(np.array([5]), np.zeros(1, np.uint64), vectors(1, seed=4)).nearest(query, 1)
        others = np.concatenate([vectors(1, seed=4), vectors(self.many, seed=5)])
        among = self.make(np.arange(5, len(others) + 5), np.zeros(len(others), np.uint64), others).nearest(query, 1)
        assert alone.photo_ids == among.photo_ids
        assert alone.similarities == among.similarities

    def test_equal_similarities_are_ordered_by_id(self) -> None:
        same = np.repeat(vectors(1), 5, axis=0)
        index = self.make(np.array([9, 2, 7, 4, 5]), np.zeros(5, np.uint64), same)
        assert index.nearest(same[:1], 3).photo_ids.tolist() == [[2, 4, 5]]
        assert index.nearest_by_hash(np.zeros(1, np.uint64), 4).photo_ids.tolist() == [[2, 4, 5, 7]]

    def test_an_album_of_one_picture_again_and_again(self) -> None:
        count = self.many
        index = self.make(np.arange(count), np.zeros(count, np.uint64), np.repeat(vectors(1), count, axis=0))
        assert index.nearest(vectors(1), 4).photo_ids.tolist() == [[0, 1, 2, 3]]
        assert index.nearest_by_hash(np.zeros(1, np.uint64), 4).photo_ids.tolist() == [[0, 1, 2, 3]]

    def test_it_gives_as_many_as_it_holds(self) -> None:
        index, ids, _ = self.of(7)
        found = index.nearest(vectors(2, seed=8), 50)
        assert [sorted(row) for row in found.photo_ids.tolist()] == [sorted(ids.tolist())] * 2
        assert index.nearest_by_hash(np.zeros(2, np.uint64), 50).photo_ids.shape == (2, 7)

    def test_nothing_asked_nothing_found(self) -> None:
        index, _, _ = self.of(7)
        assert index.nearest(vectors(0), 5).photo_ids.shape[0] == 0
        assert index.nearest(vectors(2), 0).photo_ids.shape == (2, 0)
        assert index.nearest_by_hash(np.zeros(0, np.uint64), 5).photo_ids.shape[0] == 0

    def test_an_empty_index_answers(self) -> None:
        index = self.make(np.zeros(0, np.int64), np.zeros(0, np.uint64), vectors(0))
        assert len(index) == 0
        assert index.nearest(vectors(2), 5).photo_ids.shape == (2, 0)
        assert index.nearest_by_hash(np.zeros(8, np.uint64), 5).distances.shape == (8, 0)

    def test_without_descriptors_there_are_hashes(self) -> None:
        index = self.make(np.array([1, 2, 3]), np.array([0b0, 0b111, 0b1], np.uint64), None)
        found = index.nearest_by_hash(np.array([0b11], np.uint64), 3)
        assert found.photo_ids.tolist() == [[2, 3, 1]]
        assert found.distances.tolist() == [[1, 1, 2]]
        assert index.nearest(vectors(2), 5).photo_ids.shape == (2, 0)

    def test_hashes_are_compared_in_bits_by_counting(self) -> None:
        random = np.random.default_rng(2)
        hashes = random.integers(0, 2**63, self.many).astype(np.uint64)
        index = self.make(np.arange(self.many), hashes, None)
        asked = hashes[:3] ^ np.uint64(0b1011)
        found = index.nearest_by_hash(asked, 20)
        for query, distances in zip(asked, found.distances, strict=True):
            every = sorted((int(each) ^ int(query)).bit_count() for each in hashes)
            assert distances.tolist() == every[:20]

    def test_many_queries_at_once_are_many_queries(self) -> None:
        index, _, stored = self.of(self.many)
        queries = np.concatenate([near(stored[:70], 0.5), vectors(31, seed=6)])
        together = index.nearest(queries, 4)
        singly = [index.nearest(query[None], 4) for query in queries]
        assert (together.photo_ids[:70] == np.concatenate([each.photo_ids for each in singly])[:70])[:, 0].all()
        assert together.photo_ids.shape == (101, 4)

    def test_threads_share_it(self) -> None:
        index, ids, stored = self.of(self.many)
        wrong: list[int] = []

        def ask(seed: int) -> None:
            rows = np.random.default_rng(seed).integers(self.many, size=30)
            found = [index.nearest(near(stored[[row]], 0.7, seed), 2).photo_ids[0, 0] for row in rows]
            wrong.extend(int(row) for row, photo in zip(rows, found, strict=True) if photo != ids[row])

        threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
