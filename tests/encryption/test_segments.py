"""Segments in an encrypted home: the same columns, and nothing of them in the file."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from isthisme import index_files
from isthisme.catalog import Catalog
from isthisme.catalog.facts import count_removal
from isthisme.domain import PhotoDescription
from isthisme.encryption.encrypted import EncryptedVault
from isthisme.encryption.record import State
from isthisme.errors import IndexFileUnusable
from isthisme.index.segment import Columns, erase, map_segment, write_segment
from isthisme.index_files import IndexFiles
from isthisme.live_index import LiveIndex


def vault_of(home: Path, state: State = State.ON) -> EncryptedVault:
    return EncryptedVault(home, bytes(32), state)


def columns(count: int = 300) -> Columns:
    chance = np.random.default_rng(1)
    return Columns(
        np.arange(1, count + 1),
        chance.integers(0, 2**63, count, dtype=np.uint64),
        chance.integers(-127, 128, (count, 512)).astype(np.int8),
    )


def test_it_holds_what_was_written_and_its_file_shows_nothing(tmp_path: Path) -> None:
    path, rows = tmp_path / "a.segment", columns()
    write_segment(path, [rows], vault_of(tmp_path))
    found = map_segment(path, vault_of(tmp_path))
    assert found.descriptors is not None
    assert rows.descriptors is not None
    assert np.array_equal(found.photo_ids, rows.photo_ids)
    assert np.array_equal(found.descriptors, rows.descriptors)
    data = path.read_bytes()
    assert rows.descriptors[5, :24].tobytes() not in data
    assert rows.hashes[5:8].tobytes() not in data


def test_what_is_erased_is_in_no_file_and_the_rest_stays(tmp_path: Path) -> None:
    path, rows = tmp_path / "a.segment", columns()
    write_segment(path, [rows], vault_of(tmp_path))
    with path.open("rb") as before:
        assert erase(path, rows.photo_ids[10:], vault_of(tmp_path)) == 10
        before.seek(0)
        assert not before.read().strip(b"\0")  # nobody who has the key reads them there
    assert map_segment(path, vault_of(tmp_path)).photo_ids.tolist() == rows.photo_ids[10:].tolist()
    assert [each.name for each in tmp_path.iterdir()] == ["a.segment"]


@pytest.mark.parametrize("place", [0, 20, 60, 70_000, -1])
def test_a_changed_one_counts_as_unusable_and_is_made_anew(tmp_path: Path, place: int) -> None:
    path = tmp_path / "a.segment"
    write_segment(path, [columns()], vault_of(tmp_path))
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexFileUnusable, match="makes it anew"):
        map_segment(path, vault_of(tmp_path))


def test_a_plain_one_is_not_taken_where_all_is_encrypted_nor_the_other_way_round(tmp_path: Path) -> None:
    write_segment(tmp_path / "plain.segment", [columns()])
    write_segment(tmp_path / "sealed.segment", [columns()], vault_of(tmp_path))
    with pytest.raises(IndexFileUnusable, match="it is not encrypted"):
        map_segment(tmp_path / "plain.segment", vault_of(tmp_path))
    with pytest.raises(IndexFileUnusable):
        map_segment(tmp_path / "sealed.segment")


def test_the_index_follows_its_catalog_as_it_does_in_plain_homes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_files, "_LEAST_ROWS", 4)
    vault = vault_of(tmp_path)
    with closing(Catalog(tmp_path / "catalog.db", key=vault.database_key)) as catalog:
        files = IndexFiles(catalog, tmp_path / "index", vault)
        live = LiveIndex(catalog, lambda: "model", files)
        generation = catalog.generations.start_first("model")
        rows = columns(50)
        assert rows.descriptors is not None
        with catalog.transaction():
            for number in range(50):
                row = rows.descriptors[number]
                made = PhotoDescription("model", 9, 9, rows.hashes[number : number + 1], row, b"j")
                photo_id = catalog.photos.add(b"%d" % number, made, b"/%d" % number)
                catalog.generations.add(generation, photo_id, made)
        files.settle()
        assert files.damage() is None
        index = live.index()
        assert index is not None
        assert index.nearest(rows.descriptors[:5], 1).photo_ids[:, 0].tolist() == [1, 2, 3, 4, 5]
        with catalog.transaction():
            catalog.photos._connection.run("delete from photos where id = 3")
            count_removal(catalog.photos._connection)
        index = live.index()
        assert index is not None
        assert len(index) == 49
        files.settle()
        assert files.damage() is None
        assert vault.is_sealed(next((tmp_path / "index").glob("*.segment")))
