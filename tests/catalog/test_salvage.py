"""A damaged catalog: whatever is not itself broken is saved, and the damaged one is kept."""

import random
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from isthisme.catalog import Catalog, kept_files
from isthisme.catalog.pages import Pages
from isthisme.catalog.photos import FileState
from isthisme.catalog.salvage import salvage
from isthisme.catalog.schema import MIGRATIONS
from isthisme.catalog.sightings import SeenPicture
from isthisme.domain import PhotoDescription
from isthisme.errors import Busy, CatalogDamaged, CatalogUnusable
from tests.catalog.old_catalogs import PHOTOS as FEW
from tests.catalog.old_catalogs import contents, make_old_catalog, version_of

PAGE = 4096
PHOTOS = 420  # enough that the file has several pages of each kind


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a sound catalog."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "photos").mkdir()
    chance = np.random.default_rng(1)
    with closing(Catalog(folder / "catalog.db")) as catalog, catalog.transaction():
        catalog.folders.add(folder / "photos")
        generation = catalog.generations.start_first("model")
        for number in range(PHOTOS):
            # Descriptors that are mostly zeros, as if bytes looked like empty pages, and previews of every length.
            descriptor = chance.integers(0, 2, 512).astype(np.int8)
            preview = chance.bytes(int(chance.integers(1, 12_000)))
            made = PhotoDescription("model", 64, 48, chance.integers(0, 2**64, 1, dtype=np.uint64), descriptor, preview)
            path = b"/photos/%s/%d.jpg" % (b"long " * 20, number)
            photo_id = catalog.photos.add(b"%032d" % number, made, path)
            catalog.photos.put_at(path, 1, FileState(number, number << 40), photo_id)
            catalog.generations.add(generation, photo_id, made)
            picture = b"picture %d" % number
            catalog.sightings.keep(SeenPicture("https://ä.example/", None, "p", picture, picture * 40, 1, 1, "{}"))
        catalog.photos.put_trouble(b"/photos/broken.jpg", 1, FileState(0, -1), "no picture")
    return (folder / "catalog.db").read_bytes()


def damaged(folder: Path, data: bytes) -> Path:
    path = folder / "catalog.db"
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def test_every_row_of_a_sound_file_is_read_as_sqlite_reads_it(tmp_path: Path, whole: bytes) -> None:
    path = damaged(tmp_path, whole)
    before = contents(path)
    done = salvage(path)
    after = contents(path)
    assert path.stat().st_size > 850 * PAGE, "more than the first map of pages tells of"
    assert (done.broken, done.lost.total()) == (0, 0)
    assert done.saved["photos"] == PHOTOS
    before["facts"] = [row for row in before["facts"] if row[0] != "removals"]
    after["facts"] = [row for row in after["facts"] if row[0] != "removals"]
    assert after == before


@pytest.mark.parametrize(
    "filling", [bytes, lambda count: random.Random(count).randbytes(count)], ids=["zeros", "noise"]
)
def test_whichever_page_is_broken_only_what_it_held_is_lost(
    tmp_path: Path, whole: bytes, filling: Callable[[int], bytes]
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 to repeat a failure
    count = len(whole) // PAGE
    sound = Pages(whole)
    before = contents(damaged(tmp_path, whole))
    for page in [1, 2, 3, *random.Random(seed).sample(range(4, count + 1), 8)]:
        start = (page - 1) * PAGE
        path = damaged(tmp_path, whole[:start] + filling(PAGE) + whole[start + PAGE :])
        salvage(path)
        after = contents(path)
        # An overflow page is part of one row, and its bytes cannot be told from others where it is the row's last.
        most = len(list(sound._rows(page))) or 1
        lost = {
            name: set(before[name]) - set(after[name]) for name in ("photos", "sightings", "generations", "folders")
        }
        assert sum(map(len, lost.values())) <= most, page
        if not lost["generations"]:
            described = {row[2] for row in before["descriptions"]} - {row[2] for row in after["descriptions"]}
            assert len(described) <= most, page
        if not lost["folders"]:
            assert len(set(before["places"]) - set(after["places"])) <= most, page
        for name, rows in after.items():
            if name != "sqlite_sequence":
                known = {row[0] for row in before[name]} | {"removals"}
                assert {row[0] for row in rows} <= known, "nothing is made up"
        with closing(Catalog(path)) as catalog:
            assert catalog.damage() is None
            assert catalog.photos.add(b"new", description(), b"/new") > PHOTOS, "no number is given twice"
            assert catalog.facts.address_key()


def description() -> PhotoDescription:
    return PhotoDescription(None, 1, 1, np.zeros(1, np.uint64), None, b"preview")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_file_that_ends_too_early_gives_what_it_holds(tmp_path: Path, whole: bytes, share: float) -> None:
    path = damaged(tmp_path, whole[: int(len(whole) * share)])
    done = salvage(path)
    with closing(Catalog(path)) as catalog:
        assert catalog.damage() is None
        assert catalog.photos.count() == done.saved["photos"]
        assert share < 0.9 or catalog.photos.count() > PHOTOS * 0.9


def test_a_number_of_rows_that_is_none_is_not_saved(whole: bytes, tmp_path: Path) -> None:
    path = damaged(tmp_path, whole)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("update sqlite_sequence set seq = 'many' where name = 'photos'")
        raw.commit()
    salvage(path)
    with closing(sqlite3.connect(path)) as raw:
        kinds = raw.execute("select name, typeof(seq) from sqlite_sequence").fetchall()
        (newest,) = raw.execute("select seq from sqlite_sequence where name = 'photos'").fetchone()
    assert {kind for _, kind in kinds} == {"integer"}
    assert newest == PHOTOS


def test_the_damaged_one_is_kept_as_it_was_for_its_owner_alone(tmp_path: Path, whole: bytes) -> None:
    broken = whole[: 5 * PAGE] + bytes(PAGE) + whole[6 * PAGE :]
    path = damaged(tmp_path, broken)
    done = salvage(path)
    assert done.aside.read_bytes() == broken
    assert kept_files.damaged_ones(path) == [done.aside]
    for kept in (path, done.aside):
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept_files.leftovers(path) == []


def test_what_only_the_log_holds_is_saved_too(tmp_path: Path, whole: bytes) -> None:
    path = damaged(tmp_path, whole[: 9 * PAGE] + bytes(PAGE) + whole[10 * PAGE :])
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("pragma journal_mode = wal")
        raw.execute("pragma wal_autocheckpoint = 0")
        raw.execute("insert into folders (path, added_at) values (x'2f6c617465', 1.0)")
        log = Path(f"{path}-wal").read_bytes()
        main = path.read_bytes()
    path.write_bytes(main)
    Path(f"{path}-wal").write_bytes(log)
    salvage(path)
    with closing(Catalog(path)) as catalog:
        assert "/late" in [str(folder.path) for folder in catalog.folders.all()]


def test_an_open_catalog_is_left_alone(tmp_path: Path, whole: bytes) -> None:
    """By another process: within one, POSIX locks exclude nobody."""
    path = damaged(tmp_path, whole)
    code = (
        "import sys; from pathlib import Path; from isthisme.catalog import Catalog; "
        "opened = Catalog(Path(sys.argv[1])); print(flush=True); input()"
    )
    with subprocess.Popen([sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(Busy, match="open"):
            salvage(path)
        other.communicate(b"\n")
    assert [found.name for found in tmp_path.iterdir() if "damaged" in found.name] == []
    salvage(path)


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_damaged_catalog_of_a_past_version_is_saved_and_then_migrated(tmp_path: Path, version: int) -> None:
    path = make_old_catalog(tmp_path / "catalog.db", version)
    salvage(path)
    assert version_of(path) == version
    with closing(Catalog(path)) as catalog:
        assert catalog.photos.count() == FEW


def test_one_of_a_newer_program_is_left_to_that_program(tmp_path: Path, whole: bytes) -> None:
    path = damaged(tmp_path, whole[:60] + (len(MIGRATIONS) + 1).to_bytes(4) + whole[64:])
    with pytest.raises(CatalogUnusable, match="newer program"):
        salvage(path)
    assert not kept_files.damaged_ones(path)


def test_a_damaged_catalog_says_the_way_out_to_whoever_meets_it(tmp_path: Path, whole: bytes) -> None:
    path = damaged(tmp_path, bytes(PAGE) + whole[PAGE:])
    with pytest.raises(CatalogDamaged, match="isthisme doctor --repair"):
        Catalog(path)
    path = damaged(tmp_path, whole[:PAGE] + random.Random(1).randbytes(len(whole) - PAGE))
    with pytest.raises(CatalogDamaged, match="isthisme doctor --repair"), closing(Catalog(path)) as catalog:
        catalog.photos.count()
