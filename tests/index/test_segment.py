import os
import stat
from pathlib import Path

import numpy as np
import pytest

from isthisme.errors import IndexFileUnusable, UsageError
from isthisme.index.base import FORGOTTEN
from isthisme.index.segment import Columns, destroy, erase, joined, map_segment, write_segment
from isthisme.index.sketched import WORTH_SKETCHING, SketchedIndex, sketches_of
from tests.index.contract import near, vectors
from tests.index.first_segments import write_as_version_1


def columns(count: int, seed: int = 0) -> Columns:
    random = np.random.default_rng(seed)
    hashes = random.integers(0, 2**63, count).astype(np.uint64)
    return Columns(np.arange(count) + 1 + 10_000 * seed, hashes, vectors(count, seed))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "one.segment"


@pytest.mark.parametrize("count", [0, 1, 63, 64, 1000])
def test_what_is_written_is_mapped(path: Path, count: int) -> None:
    written = columns(count)
    write_segment(path, [written])
    mapped = map_segment(path)
    assert (mapped.photo_ids == written.photo_ids).all()
    assert (mapped.hashes == written.hashes).all()
    assert mapped.descriptors is not None
    assert (mapped.descriptors == written.descriptors).all()
    assert mapped.index(4).generation == 4
    assert len(mapped.index(4)) == count


def test_without_a_model_there_are_no_descriptors(path: Path) -> None:
    write_segment(path, [Columns(np.array([1, 2]), np.array([7, 8], np.uint64), None)])
    mapped = map_segment(path)
    assert mapped.descriptors is None
    assert mapped.index(1).nearest_by_hash(np.array([8], np.uint64), 1).photo_ids.tolist() == [[2]]


def test_only_the_user_may_read_it(path: Path) -> None:
    write_segment(path, [columns(3)])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_mapped_index_finds_what_it_holds(path: Path) -> None:
    written = columns(WORTH_SKETCHING)
    write_segment(path, [written])
    index = map_segment(path).index(1)
    assert isinstance(index, SketchedIndex)
    assert written.descriptors is not None
    found = index.nearest(near(written.descriptors[[5, 30_000]], 0.6), 2)
    assert found.photo_ids[:, 0].tolist() == written.photo_ids[[5, 30_000]].tolist()
    assert map_segment(path).index(1, by_hashes_alone=True).nearest(vectors(1), 2).photo_ids.shape == (1, 0)


@pytest.mark.parametrize("harm", ["cut", "longer", "empty", "header", "gone", "other"])
def test_a_file_that_is_not_whole_is_refused(path: Path, harm: str) -> None:
    write_segment(path, [columns(100)])
    data = bytearray(path.read_bytes())
    if harm == "cut":
        path.write_bytes(data[:-4096])
    elif harm == "longer":
        path.write_bytes(data + bytes(4096))
    elif harm == "empty":
        path.write_bytes(b"")
    elif harm == "header":
        data[26] ^= 1
        path.write_bytes(data)
    elif harm == "gone":
        path.unlink()
    else:
        path.write_bytes(os.urandom(len(data)))
    with pytest.raises(IndexFileUnusable, match="isthisme index"):
        map_segment(path)


def test_erasing_leaves_nothing_of_a_photo(path: Path) -> None:
    written = columns(200)
    assert written.descriptors is not None
    write_segment(path, [written])
    before = map_segment(path)
    gone = [3, 77, 200]
    assert erase(path, np.setdiff1d(written.photo_ids, gone)) == 3
    data = path.read_bytes()
    for photo in gone:
        assert written.descriptors[photo - 1].tobytes() not in data
        assert written.hashes[photo - 1].tobytes() not in data
    assert written.descriptors[3].tobytes() in data
    assert before.photo_ids[2] == FORGOTTEN, "who has it mapped sees it"
    index = map_segment(path).index(1)
    assert len(index) == 197
    assert not set(gone) & set(index.nearest(written.descriptors[:3], 197).photo_ids.ravel().tolist())
    assert erase(path, np.setdiff1d(written.photo_ids, gone)) == 0


def test_what_the_first_version_wrote_is_searched_erased_and_joined(tmp_path: Path, path: Path) -> None:
    written = columns(200)
    assert written.descriptors is not None
    write_as_version_1(path, written)
    assert map_segment(path).lacks_sketches
    found = map_segment(path).index(1).nearest(near(written.descriptors[[5, 77]], 0.6), 2)
    assert found.photo_ids[:, 0].tolist() == [6, 78]
    assert erase(path, np.setdiff1d(written.photo_ids, [78])) == 1
    data = path.read_bytes()
    for column in (written.hashes, written.descriptors, np.packbits(written.descriptors > 0, axis=1)):
        assert column[77].tobytes() not in data
        assert column[76].tobytes() in data
    write_segment(tmp_path / "both.segment", [map_segment(path), columns(5, seed=1)])
    both = map_segment(tmp_path / "both.segment")
    assert len(both) == 204
    assert both.descriptors is not None
    assert both.sketches is not None
    assert (both.sketches == sketches_of(both.descriptors)).all()


def test_a_newer_version_is_refused(path: Path) -> None:
    write_as_version_1(path, columns(3), version=3)
    with pytest.raises(IndexFileUnusable, match="version 3"):
        map_segment(path)


def test_writing_joins_and_leaves_out_what_was_forgotten(tmp_path: Path, path: Path) -> None:
    write_segment(path, [columns(10)])
    erase(path, np.arange(1, 9))
    write_segment(tmp_path / "both.segment", [map_segment(path), columns(5, seed=1)])
    both = map_segment(tmp_path / "both.segment")
    assert both.photo_ids.tolist() == [*range(1, 9), *range(10_001, 10_006)]
    assert both.descriptors is not None
    assert (both.descriptors[8:] == vectors(5, seed=1)).all()
    assert both.sketches is not None
    assert (both.sketches == sketches_of(both.descriptors)).all()


def test_rows_with_and_without_descriptors_do_not_mix() -> None:
    without = Columns(np.array([1]), np.zeros(1, np.uint64), None)
    assert len(joined(without.rows(slice(0, 0)), columns(2))) == 2
    with pytest.raises(UsageError, match="rebuild"):
        joined(columns(2), without)


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_segment(tmp_path / "one.segment", [columns(10)])
    assert list(tmp_path.iterdir()) == []


def test_destroying_overwrites_before_it_removes(path: Path) -> None:
    write_segment(path, [columns(300)])
    with path.open("rb") as still_open:
        destroy(path)
        assert not path.exists()
        assert not any(still_open.read())
