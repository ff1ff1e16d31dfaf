"""The catalog: what is kept, for how long, and what is gone when it is deleted."""

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from isthisme.catalog import Catalog, schema
from isthisme.catalog.generations import IndexMark
from isthisme.catalog.pauses import Pause
from isthisme.catalog.photos import FileState
from isthisme.catalog.schema import MIGRATIONS
from isthisme.catalog.sightings import SeenPicture, Wanted
from isthisme.domain import PhotoDescription
from isthisme.errors import CatalogUnusable, UsageError

STATE = FileState(100, 200)
MARK = IndexMark(1, 10, 0)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path / "catalog.db")) as opened:
        yield opened


def description(seed: int, model: str | None = "model") -> PhotoDescription:
    random = np.random.default_rng(seed)
    hashes = random.integers(0, 2**64, 1, dtype=np.uint64)
    descriptor = random.integers(-127, 128, 512).astype(np.int8) if model else None
    return PhotoDescription(model, 640, 480, hashes, descriptor, b"preview %d" % seed)


def add_photo(catalog: Catalog, folder_id: int, name: bytes, seed: int) -> int:
    photo_id = catalog.photos.add(b"content %d" % seed, description(seed), name)
    catalog.photos.put_at(name, folder_id, STATE, photo_id)
    return photo_id


def seen(picture: bytes = b"hash", page: str = "https://a.example/") -> SeenPicture:
    return SeenPicture(page, "A page", "https://a.example/1.jpg", picture, b"jpeg", 10, 20, "{}")


def test_the_file_is_the_owners_alone(tmp_path: Path, catalog: Catalog) -> None:
    catalog.folders.add(tmp_path)
    for path in tmp_path.glob("catalog.db*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_drive_that_hangs_while_a_folder_is_added_holds_up_nobody(
    tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "drive").mkdir()
    (tmp_path / "new").mkdir()
    catalog.folders.add(tmp_path / "drive")
    counts: list[int] = []

    def hang(*_: Path) -> bool:
        other = threading.Thread(target=lambda: counts.append(catalog.folders.count()), daemon=True)
        other.start()
        other.join(60)
        return False

    monkeypatch.setattr("isthisme.catalog.folders.is_same", hang)
    catalog.folders.add(tmp_path / "new")
    assert counts[:1] == [1]
    assert catalog.folders.count() == 2


def test_a_folder_inside_a_known_folder_is_not_added_again(tmp_path: Path, catalog: Catalog) -> None:
    (tmp_path / "inner").mkdir()
    catalog.folders.add(tmp_path)
    catalog.folders.add(tmp_path / "inner")
    assert [folder.path for folder in catalog.folders.all()] == [tmp_path.resolve()]


def test_a_folder_takes_in_those_inside_it(tmp_path: Path, catalog: Catalog) -> None:
    (tmp_path / "inner").mkdir()
    catalog.folders.add(tmp_path / "inner")
    name = os.fsencode(tmp_path / "inner" / "1.jpg")
    photo_id = add_photo(catalog, 1, name, 1)
    catalog.folders.add(tmp_path)
    (folder,) = catalog.folders.all()
    assert (folder.path, folder.photos) == (tmp_path.resolve(), 1)
    catalog.folders.remove(tmp_path)
    assert not catalog.photos.has(photo_id)


def test_an_absent_folder_is_not_taken_in(tmp_path: Path, catalog: Catalog) -> None:
    """Its photos would count as deleted from the folder around it."""
    (tmp_path / "drive").mkdir()
    catalog.folders.add(tmp_path / "drive")
    (tmp_path / "drive").rmdir()
    catalog.folders.add(tmp_path)
    assert [folder.is_present for folder in catalog.folders.all()] == [False, True]


def test_places_come_in_order_however_many_there_are(tmp_path: Path, catalog: Catalog) -> None:
    catalog.folders.add(tmp_path)
    names = [b"/p/%05d.jpg" % number for number in range(4_100)] + [b"/p", b"/p.jpg", b"/p-/1.jpg", b"/p0/1.jpg", b"/q"]
    with catalog.transaction():
        for name in names:
            catalog.photos.put_trouble(name, 1, STATE, "because")
    found = [place.path for place in catalog.photos.places_below(b"/p")]
    assert found == [b"/p", *names[:4_100]]


def test_a_folder_that_is_not_there_is_refused_in_words(tmp_path: Path, catalog: Catalog) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        catalog.folders.add(tmp_path / "nowhere")


def test_a_path_that_is_not_utf8_comes_back_as_it_was(tmp_path: Path, catalog: Catalog) -> None:
    catalog.folders.add(tmp_path)
    (folder,) = catalog.folders.all()
    name = b"/photos/caf\xe9.jpg"
    photo_id = add_photo(catalog, folder.folder_id, name, 1)
    assert [place.path for place in catalog.photos.places_below(b"/")] == [name]
    assert catalog.photos.path_of(photo_id) == Path("/photos/caf\udce9.jpg")


def test_a_photo_whose_file_is_gone_stays_with_the_place_where_it_lay(tmp_path: Path, catalog: Catalog) -> None:
    catalog.folders.add(tmp_path)
    photo_id = add_photo(catalog, 1, b"/p/1.jpg", 1)
    catalog.photos.drop_places([b"/p/1.jpg"])
    assert catalog.photos.files_of(photo_id) == []
    assert catalog.photos.path_of(photo_id) == Path("/p/1.jpg")


def test_removing_a_folder_removes_its_photos_but_not_those_that_lie_elsewhere_too(
    tmp_path: Path, catalog: Catalog
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        catalog.folders.add(tmp_path / name)
    one, two = catalog.folders.all()
    add_photo(catalog, one.folder_id, b"/one/1.jpg", 1)
    shared = add_photo(catalog, one.folder_id, b"/one/2.jpg", 2)
    catalog.photos.put_at(b"/two/2.jpg", two.folder_id, STATE, shared)
    orphan = add_photo(catalog, one.folder_id, b"/gone.jpg", 3)
    catalog.photos.drop_places([b"/gone.jpg"])
    catalog.folders.remove(tmp_path / "one")
    assert catalog.photos.previews([1, shared, orphan]).keys() == {shared, orphan}


def test_removing_photos_changes_the_mark_of_the_index(tmp_path: Path, catalog: Catalog) -> None:
    catalog.folders.add(tmp_path)
    generation = catalog.generations.start_first("model")
    photo_id = add_photo(catalog, 1, b"/1.jpg", 1)
    catalog.generations.add(generation, photo_id, description(1))
    before = catalog.generations.mark()
    catalog.folders.remove(tmp_path)
    assert catalog.generations.mark() != before
    assert catalog.generations.size(generation) == 0


def test_the_size_follows_what_another_process_adds_and_takes_out(tmp_path: Path, catalog: Catalog) -> None:
    generation = catalog.generations.start_first("model")
    sizes = [catalog.generations.size(generation)]
    with closing(Catalog(tmp_path / "catalog.db")) as other:
        for seed in (1, 2):
            photo_id = other.photos.add(b"%d" % seed, description(seed), b"/p")
            other.generations.add(generation, photo_id, description(seed))
            sizes.append(catalog.generations.size(generation))
        other.photos.drop_unfinished(photo_id)
        sizes.append(catalog.generations.size(generation))
        building = other.generations.start_building("model")
        sizes.append(catalog.generations.size(building))
        other.generations.switch_to(building)
        sizes.append(catalog.generations.size(building))
    assert sizes == [0, 1, 2, 1, 0, 0]


def test_a_photo_id_is_never_given_twice(tmp_path: Path, catalog: Catalog) -> None:
    catalog.folders.add(tmp_path)
    first = add_photo(catalog, 1, b"/1.jpg", 1)
    catalog.folders.remove(tmp_path)
    catalog.folders.add(tmp_path)
    (folder,) = catalog.folders.all()
    assert add_photo(catalog, folder.folder_id, b"/2.jpg", 2) > first


def test_descriptions_come_back_as_they_went_in(catalog: Catalog) -> None:
    generation = catalog.generations.start_first("model")
    for seed in (1, 2):
        photo_id = catalog.photos.add(b"%d" % seed, description(seed), b"/p")
        catalog.generations.add(generation, photo_id, description(seed))
    rows = catalog.generations.descriptions(generation)
    assert rows.photo_ids.tolist() == [1, 2]
    assert rows.hashes.tolist() == [int(description(seed).hashes[0]) for seed in (1, 2)]
    assert rows.descriptors is not None
    assert np.array_equal(rows.descriptors, np.stack([description(seed).descriptor for seed in (1, 2)]))
    assert catalog.generations.descriptions(generation, after=rows.newest).photo_ids.tolist() == []


def test_a_generation_takes_no_description_of_another_model(catalog: Catalog) -> None:
    generation = catalog.generations.start_first("model")
    photo_id = catalog.photos.add(b"1", description(1), b"/p")
    with pytest.raises(ValueError, match="for a generation of model"):
        catalog.generations.add(generation, photo_id, description(1, model="other model"))


def test_switching_drops_the_old_generation_and_leaves_one(catalog: Catalog) -> None:
    old = catalog.generations.start_first("model")
    building = catalog.generations.start_building("model")
    assert catalog.generations.current() == old
    catalog.generations.switch_to(building)
    assert catalog.generations.current() == building
    assert catalog.generations.building() is None


def test_an_interrupted_build_goes_on_unless_the_model_is_another(catalog: Catalog) -> None:
    building = catalog.generations.start_building("model")
    assert catalog.generations.start_building("model") == building
    assert catalog.generations.start_building("other") != building


def test_a_transaction_that_fails_leaves_nothing_behind(catalog: Catalog) -> None:
    def work() -> None:
        with catalog.transaction():
            catalog.photos.add(b"1", description(1), b"/p")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert catalog.photos.count() == 0


@pytest.mark.parametrize("fault", [FileNotFoundError(2, "no photo"), UnicodeDecodeError("utf-8", b"", 0, 1, "a name")])
def test_what_goes_wrong_inside_a_transaction_is_not_said_of_the_catalog(catalog: Catalog, fault: Exception) -> None:
    def work() -> None:
        with catalog.transaction():
            catalog.pauses.add(Pause("a.example", None))
            raise fault

    with pytest.raises(type(fault)):
        work()
    assert catalog.pauses.all() == []


def test_the_same_picture_on_the_same_page_is_one_sighting_seen_twice(catalog: Catalog) -> None:
    first = catalog.sightings.keep(seen())
    assert catalog.sightings.keep(seen()) == first
    assert catalog.sightings.keep(seen(page="https://b.example/")) != first
    assert [each.times_seen for each in catalog.sightings.latest(10)] == [1, 2]
    assert [each.page_address for each in catalog.sightings.latest(10, Wanted(page_address="https://a.example/"))] == [
        "https://a.example/"
    ]


def test_a_deleted_sighting_is_gone_from_the_file_too(tmp_path: Path, catalog: Catalog) -> None:
    secret = "https://very-private-address.example/"
    sighting_id = catalog.sightings.keep(seen(page=secret))
    assert catalog.sightings.delete([sighting_id]) == [sighting_id]
    assert catalog.sightings.delete([sighting_id]) == []
    catalog.close()
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret.encode() not in left


def test_what_is_deleted_in_a_transaction_is_gone_from_the_file_when_that_is_written(
    tmp_path: Path, catalog: Catalog
) -> None:
    secret = "https://very-private-address.example/"
    sighting_id = catalog.sightings.keep(seen(page=secret))
    with catalog.transaction():
        catalog.sightings.delete([sighting_id])
        catalog.pauses.add(Pause("a.example", None))
    assert secret.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert catalog.pauses.all() == [Pause("a.example", None)]


def test_a_remembered_verdict_holds_no_address_and_asks_again_when_the_index_changes(
    tmp_path: Path, catalog: Catalog
) -> None:
    address = "https://somewhere.example/private-picture.jpg"
    catalog.verdicts.remember(address, MARK, '{"verdict": "no_copy"}')
    assert catalog.verdicts.recall(address, MARK) == '{"verdict": "no_copy"}'
    assert catalog.verdicts.recall(address, IndexMark(1, 11, 0)) is None
    assert catalog.verdicts.recall(address + "?2", MARK) is None
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"somewhere.example" not in left


def test_a_remembered_verdict_expires(tmp_path: Path) -> None:
    with closing(Catalog(tmp_path / "c.db", verdict_days=0)) as catalog:
        catalog.verdicts.remember("https://a.example/", MARK, "{}")
        assert catalog.verdicts.recall("https://a.example/", MARK) is None
        catalog.verdicts.drop_expired()


def test_a_pause_holds_for_its_site_and_its_time(catalog: Catalog) -> None:
    catalog.pauses.add(Pause("Shop.example", None))
    catalog.pauses.add(Pause("past.example", 1.0))
    assert catalog.pauses.covers("shop.example")
    assert not catalog.pauses.covers("past.example")
    catalog.pauses.end("shop.example")
    assert not catalog.pauses.covers("shop.example")
    catalog.pauses.add(Pause(None, None))
    assert catalog.pauses.covers("anywhere.example")


def test_a_catalog_of_a_newer_program_is_refused_with_words(tmp_path: Path, catalog: Catalog) -> None:
    catalog.close()
    with closing(sqlite3.connect(tmp_path / "catalog.db")) as raw:
        raw.execute(f"pragma user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(CatalogUnusable, match="newer program"):
        Catalog(tmp_path / "catalog.db")


def test_a_file_that_is_no_catalog_is_refused_with_words(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(CatalogUnusable, match="damaged"):
        Catalog(tmp_path / "catalog.db")


def test_two_connections_see_each_others_writes(tmp_path: Path, catalog: Catalog) -> None:
    with closing(Catalog(tmp_path / "catalog.db")) as other:
        other.pauses.add(Pause(None, None))
        assert catalog.pauses.covers("a.example")


def test_every_row_that_a_deletion_looks_for_is_found_through_an_index(catalog: Catalog) -> None:
    """Without one, removing a folder reads all descriptions once for each of its photos: minutes, for many."""
    plan = catalog._connection.rows("explain query plan delete from descriptions where photo_id = 1")
    assert "USING" in str(plan), plan


def test_a_catalog_from_before_that_index_gets_it(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as old:
        for statement in schema._FIRST.split(";\n"):
            old.execute(statement)
        old.execute("pragma user_version = 1")
        old.commit()
    with closing(Catalog(path)) as opened:
        assert "USING" in str(opened._connection.rows("explain query plan delete from descriptions where photo_id = 1"))


def test_commits_wait_for_the_disk_save_for_what_is_kept_only_to_be_quick(catalog: Catalog) -> None:
    connection = catalog._connection

    def synchronous() -> int:
        return int((connection.row("pragma synchronous") or (0,))[0])

    assert synchronous() == 2
    with connection.unsynced():
        assert synchronous() == 1
    assert synchronous() == 2
    with connection.transaction(), connection.unsynced():
        assert synchronous() == 2, "inside a transaction that must last"
