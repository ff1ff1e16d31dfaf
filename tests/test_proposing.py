"""Which photos are worth verifying: those that stand out, in each place of the query by itself."""

from collections.abc import Mapping

import numpy as np
import pytest

from isthisme.domain import Polygon, QueryDescription, Region
from isthisme.index.exact import ExactIndex
from isthisme.matcher import propose

_PHOTOS = 40


def description(*parts: tuple[Polygon, Mapping[int, float]], hash_: int = 2**64 - 1) -> QueryDescription:
    """A query whose regions are so similar to these photos, and to no other."""
    vectors = np.zeros((len(parts), 512))
    for vector, (_, similar) in zip(vectors, parts, strict=True):
        vector[list(similar)] = list(similar.values())
        vector[-1] = np.sqrt(1 - (vector**2).sum())
    regions = tuple(Region("panel", corners) for corners, _ in parts)
    hashes = np.array([hash_], np.uint64)
    return QueryDescription("made up", 600, 200, b"", hashes, regions, np.rint(vectors * 127).astype(np.int8), None)


@pytest.fixture(scope="module")
def index() -> ExactIndex:
    """Photos of which each points in a direction of its own: 0 to 39."""
    vectors = np.zeros((_PHOTOS, 512), np.int8)
    vectors[np.arange(_PHOTOS), np.arange(_PHOTOS)] = 127
    return ExactIndex(1, np.arange(_PHOTOS), np.zeros(_PHOTOS, np.uint64), vectors)


def cell(left: float, width: float = 200) -> Polygon:
    return ((left, 0.0), (left + width, 0.0), (left + width, 200.0), (left, 200.0))


def proposed(index: ExactIndex, *parts: tuple[Polygon, Mapping[int, float]]) -> list[int]:
    return [each.photo_id for each in propose(description(*parts), index, deep=False)]


def test_those_far_behind_another_in_the_same_place_are_not_worth_it(index: ExactIndex) -> None:
    assert proposed(index, (cell(0), {3: 0.5, 4: 0.4, 5: 0.3})) == [3, 4]
    assert proposed(index, (cell(0), {3: 0.5}), (cell(20), {5: 0.3})) == [3]


def test_a_cell_is_not_crowded_out_by_clearer_ones_beside_it(index: ExactIndex) -> None:
    assert proposed(index, (cell(0), {3: 0.5}), (cell(200), {4: 0.45}), (cell(400), {5: 0.25})) == [3, 4, 5]
    assert proposed(index, (cell(0), {3: 0.9}), (cell(200), {5: 0.25})) == [3, 5]


def test_the_whole_lies_on_each_of_its_parts(index: ExactIndex) -> None:
    assert proposed(index, (cell(0, 600), {3: 0.5}), (cell(400), {5: 0.25})) == [3]


def test_there_are_never_more_than_a_few(index: ExactIndex) -> None:
    cells = [(cell(60 * place, 60), {place: 0.4 - place / 100}) for place in range(8)]
    assert proposed(index, *cells) == [0, 1, 2]


def test_photos_that_share_a_hash_by_chance_crowd_nobody_out() -> None:
    vectors = np.zeros((_PHOTOS, 512), np.int8)
    vectors[np.arange(_PHOTOS), np.arange(_PHOTOS)] = 127
    hashes = np.full(_PHOTOS, 2**32 - 1, np.uint64)
    hashes[20:] = 7  # within the distance of a query with hash 0
    album = ExactIndex(1, np.arange(_PHOTOS), hashes, vectors)
    for deep in (False, True):
        query = description((cell(0), {3: 0.4}), hash_=0)
        named = [each.photo_id for each in propose(query, album, deep=deep)]
        assert 3 in named
        assert len([each for each in named if each >= 20]) == 2
    for deep, most in ((False, 4), (True, 8)):
        alone = [each.photo_id for each in propose(description((cell(0), {}), hash_=0), album, deep=deep)]
        assert len(alone) == most
        assert min(alone) >= 20


def test_all_orientations_together_propose_no_more_than_one_look_can_verify() -> None:
    hashes = np.array([0] * 20 + [2**64 - 1] * 20, np.uint64)
    album = ExactIndex(1, np.arange(_PHOTOS), hashes, None)
    both = np.array([0, 2**64 - 1], np.uint64)
    query = QueryDescription("made up", 600, 200, b"", both, (), None, None)
    assert len(propose(query, album, deep=True)) == 8
    assert len(propose(query, album, deep=False)) == 4


def test_a_photo_that_has_the_hash_and_is_alike_comes_first() -> None:
    vectors = np.zeros((_PHOTOS, 512), np.int8)
    vectors[np.arange(_PHOTOS), np.arange(_PHOTOS)] = 127
    hashes = np.full(_PHOTOS, 2**32 - 1, np.uint64)
    hashes[5] = 1
    query = description((cell(0), {3: 0.4, 5: 0.35}), hash_=0)
    found = propose(query, ExactIndex(1, np.arange(_PHOTOS), hashes, vectors), deep=False)
    assert found[0].photo_id == 5
    assert found[0].region is not None
