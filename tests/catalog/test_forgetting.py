"""What is forgotten is found in no file any more, byte for byte."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from isthisme.catalog import Catalog
from isthisme.catalog.photos import FileState
from isthisme.catalog.sightings import SeenPicture
from isthisme.domain import PhotoDescription
from isthisme.errors import Busy

PREVIEW_BYTES = 20_000  # over several pages
STATE = FileState(1, 1)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """Six photos in two generations; the last three lie nowhere any more."""
    with closing(Catalog(tmp_path / "home" / "catalog.db")) as opened:
        (tmp_path / "photos").mkdir()
        opened.folders.add(tmp_path / "photos")
        generations = [opened.generations.start_first("model"), opened.generations.start_building("model")]
        for seed in range(1, 7):
            made = description(seed)
            photo_id = opened.photos.add(b"%032d" % seed, made, path_of(seed))
            opened.photos.put_at(path_of(seed), 1, STATE, photo_id)
            for generation in generations:
                opened.generations.add(generation, photo_id, made)
        opened.photos.drop_places([path_of(seed) for seed in (4, 5, 6)])
        yield opened


def path_of(seed: int) -> bytes:
    return b"/photos/%d.jpg" % seed


def description(seed: int) -> PhotoDescription:
    random = np.random.default_rng(seed)
    descriptor = random.integers(-127, 128, 512).astype(np.int8)
    return PhotoDescription("model", 64, 48, np.array([seed], np.uint64), descriptor, random.bytes(PREVIEW_BYTES))


def traces(folder: Path, seed: int) -> int:
    """How many pieces of a photo's preview and descriptor are found anywhere in a folder's files."""
    made = description(seed)
    assert made.descriptor is not None
    whole = made.preview + made.descriptor.tobytes()
    held = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    pieces = (whole[start : start + 32] for start in range(0, len(whole), 32))
    return sum(any(piece in data for data in held) for piece in pieces)


def see(catalog: Catalog, page: str, *photo_ids: int) -> int:
    matches = [{"photo_id": each, "verdict": "copy", "score": each / 10} for each in photo_ids]
    answer = json.dumps({"verdict": "copy", "score": 0.9, "matches": matches})
    return catalog.sightings.keep(SeenPicture(page, None, "p", b"hash", b"jpeg", 1, 1, answer))


def test_a_forgotten_photo_is_in_no_file_while_other_programs_go_on(tmp_path: Path, catalog: Catalog) -> None:
    home = tmp_path / "home"
    catalog.verdicts.remember("https://a.example/", catalog.generations.mark(), '{"photo": "/photos/2.jpg"}')
    before, mark = traces(home, 2), catalog.generations.mark()
    assert before > PREVIEW_BYTES / 32 * 0.9, "the search finds what is there"
    with closing(Catalog(home / "catalog.db")) as other:
        catalog.forgetting.forget([2])
        assert traces(home, 2) == 0
        assert traces(home, 3) == before
        assert b"/photos/2.jpg" not in b"".join(path.read_bytes() for path in home.iterdir())
        assert not other.photos.has(2)
        assert other.generations.mark() != mark
    assert catalog.damage() is None


def test_the_space_is_given_back(tmp_path: Path, catalog: Catalog) -> None:
    path = tmp_path / "home" / "catalog.db"
    catalog.forgetting.wipe()
    before = path.stat().st_size
    catalog.forgetting.forget([1, 2, 3])
    assert path.stat().st_size < before - 2 * PREVIEW_BYTES


def test_a_catalog_that_cannot_shrink_holds_zeros_instead(tmp_path: Path, catalog: Catalog) -> None:
    path = tmp_path / "home" / "catalog.db"
    catalog.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("pragma journal_mode = delete")
        raw.execute("pragma auto_vacuum = none")
        raw.execute("vacuum")
    with closing(Catalog(path)) as opened:
        before = path.stat().st_size
        opened.forgetting.forget([2])
        assert traces(tmp_path / "home", 2) == 0
        assert path.stat().st_size == before


def test_files_made_from_the_catalog_are_brought_into_step_when_its_rows_are_gone(catalog: Catalog) -> None:
    seen = []
    catalog.forgetting.forget([2], erase_vectors=lambda: seen.append(catalog.photos.has(2)))
    assert seen == [False]


def test_more_photos_than_one_transaction_takes_are_forgotten(catalog: Catalog) -> None:
    many = [catalog.photos.add(b"%032d" % seed, description(seed), path_of(seed)) for seed in range(1000, 1250)]
    catalog.forgetting.forget(many)
    assert catalog.photos.count() == 6


def test_while_somebody_reads_on_the_log_is_said_to_hold_it(tmp_path: Path, catalog: Catalog) -> None:
    catalog._connection.run("pragma busy_timeout = 10")
    with closing(sqlite3.connect(tmp_path / "home" / "catalog.db", isolation_level=None)) as reader:
        reader.execute("begin")
        reader.execute("select count(*) from photos").fetchone()
        with pytest.raises(Busy, match="still holds what was deleted"):
            catalog.forgetting.forget([2])
    catalog.forgetting.forget([])
    assert traces(tmp_path / "home", 2) == 0


def test_a_photo_is_named_by_its_place_its_bytes_or_where_it_lay(tmp_path: Path, catalog: Catalog) -> None:
    named = catalog.forgetting.named
    assert named(Path("/photos/1.jpg")) == [1]
    assert named(Path("/photos/5.jpg")) == [5]
    assert named(Path("/photos/nowhere.jpg")) == []
    content = b"the bytes of a file"
    (tmp_path / "elsewhere.jpg").write_bytes(content)
    assert named(tmp_path / "elsewhere.jpg") == []
    photo_id = catalog.photos.add(hashlib.sha256(content).digest(), description(9), b"/x")
    assert named(tmp_path / "elsewhere.jpg") == [photo_id]


def test_what_lies_there_now_is_meant_and_not_what_lay_there_before(catalog: Catalog) -> None:
    catalog.photos.put_at(path_of(5), 1, STATE, 1)  # photo 5 was overwritten by a copy of photo 1
    assert catalog.forgetting.named(Path("/photos/5.jpg")) == [1]
    catalog.photos.drop_places([path_of(5)])
    assert catalog.forgetting.named(Path("/photos/5.jpg")) == [5]


def test_gone_photos_are_those_that_lie_nowhere(catalog: Catalog) -> None:
    assert catalog.forgetting.gone() == [4, 5, 6]


def test_sightings_stay_until_they_are_to_go_too(catalog: Catalog) -> None:
    of_both, of_two, of_three = (see(catalog, f"https://{n}/", *ids) for n, ids in enumerate([(2, 3), (2,), (3,)]))
    assert catalog.forgetting.sightings_of([2]) == [of_both, of_two]
    catalog.forgetting.forget([2])
    assert catalog.sightings.count() == 3
    catalog.forgetting.forget_in_sightings([2])
    left = {each.sighting_id: json.loads(each.answer) for each in catalog.sightings.latest(10)}
    assert left.keys() == {of_both, of_three}
    assert [match["photo_id"] for match in left[of_both]["matches"]] == [3]
    assert left[of_both]["score"] == 0.3, "the best that is left"
