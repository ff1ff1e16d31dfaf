"""Photos of several owners on a shelf, looked for as one."""

import hashlib
from pathlib import Path

import pytest

from isthisme.bulk.shelf import photo_id
from isthisme.bulk.shelf_search import ShelfPhotos, photos_on
from isthisme.bulk.watched import Watched
from isthisme.engine.engine import Engine
from isthisme.errors import UsageError
from tests.bulk.owners import shelved, watched
from tests.bulk.watching import copy
from tests.pictures import drawn, encoded


def found(watched: Watched, data: bytes) -> dict[str, list[str]]:
    return {each.owner: [match.photo for match in each.matches] for each in watched.judge(data).owners}


def test_a_photo_is_found_for_everybody_who_has_it(shelf: Path, engine: Engine) -> None:
    everybody = watched(shelf, engine)
    assert found(everybody, copy(1)) == {"ana": ["ana/1.jpg"]}
    assert found(everybody, copy(2)) == {"ana": ["ana/2.jpg"], "bo": ["bo/2.jpg"]}
    assert found(everybody, encoded(drawn(2))) == {"ana": ["ana/2.jpg"], "bo": ["bo/2.jpg"]}  # byte for byte
    assert found(everybody, encoded(drawn(300))) == {}


def test_who_is_not_named_is_not_looked_for(shelf: Path, engine: Engine) -> None:
    one = watched(shelf, engine, "bo")
    assert found(one, copy(1)) == {}
    assert found(one, copy(2)) == {"bo": ["bo/2.jpg"]}
    (match,) = one.judge(copy(2)).owners[0].matches
    assert match.photo_id == photo_id("bo", hashlib.sha256(encoded(drawn(2))).digest())


def test_all_together_find_what_each_alone_finds(shelf: Path, engine: Engine) -> None:
    everybody = watched(shelf, engine)
    alone = {owner: watched(shelf, engine, owner) for owner in ("ana", "bo", "cy")}
    for data in [copy(seed) for seed in (2, 300)]:
        each = {owner: photos for one in alone.values() for owner, photos in found(one, data).items()}
        assert found(everybody, data) == each


def test_what_is_looked_for_has_a_mark_that_follows_the_photos(engine: Engine, tmp_path: Path) -> None:
    shelved(tmp_path, engine, {"ana": (1,)})
    before = photos_on(str(tmp_path), [], engine.model, deep=False)
    mark = before.mark
    assert mark == photos_on(f"{tmp_path}/", ["ana"], engine.model, deep=False).mark
    assert mark != photos_on(str(tmp_path), [], engine.model, deep=True).mark
    shelved(tmp_path, engine, {"ana": (2,)})
    assert photos_on(str(tmp_path), [], engine.model, deep=False).mark != mark
    assert isinstance(before, ShelfPhotos)
    assert hash(before) == hash(photos_on(str(tmp_path), [], engine.model, deep=False))


@pytest.mark.parametrize(
    ("owners", "model", "words"),
    [
        (["dee"], "its own", "holds nothing for dee"),
        (["../ana"], "its own", "is no owner's name"),
        (["ana"], "another", "run 'isthisme ingest' with this model"),
        ([], "another", "run 'isthisme ingest' with this model"),
    ],
)
def test_what_cannot_be_looked_for_is_said(
    shelf: Path, engine: Engine, owners: list[str], model: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        photos_on(str(shelf), owners, engine.model if model == "its own" else model, deep=False)


def test_an_empty_shelf_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nobody's photos"):
        photos_on(str(tmp_path), [], None, deep=False)
