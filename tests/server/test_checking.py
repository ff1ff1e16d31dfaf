"""What becomes of an answer where the disk keeps nothing more."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from isthisme.catalog import Catalog
from isthisme.domain import Answer, Edit, EditKind, Judgement, Match, Verdict
from isthisme.errors import CatalogUnusable
from isthisme.index_files import IndexFiles
from isthisme.live_index import LiveIndex
from isthisme.server.checking import Checker
from isthisme.server.messages import Image, Page
from isthisme.server.threads import Threads

_CORNERS = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
_MATCH = Match(1, Verdict.COPY, 0.99, (Edit(EditKind.EXACT),), "Your photo.", _CORNERS, _CORNERS)
_COPY = Answer(Judgement(Verdict.COPY, 0.99, (_MATCH,), None), 1, 9, 9, 1.0)
_PAGE = Page("https://page.example/")


class Fetcher:
    """Gives the same bytes for every address."""

    async def fetch(self, *_: object, **__: object) -> Any:
        class Fetched:
            data = b"a picture"

        return Fetched()


class Matcher:
    def answer(self, _data: bytes, *, deep: bool = False) -> Answer:
        del deep
        return _COPY


class Shrinker:
    def shrink(self, data: bytes) -> bytes:
        return data


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path / "catalog.db")) as opened:
        yield opened


@pytest.fixture
def checker(tmp_path: Path, catalog: Catalog) -> Iterator[Checker]:
    matcher, live = cast(Any, Matcher()), LiveIndex(catalog, lambda: None, IndexFiles(catalog, tmp_path / "index"))
    with closing(Threads(1)) as threads:
        yield Checker(
            catalog, live, cast(Any, Fetcher()), passive=matcher, asked=matcher, shrinker=Shrinker(), threads=threads
        )


def check(checker: Checker) -> Any:
    image = Image("key", "https://page.example/picture.jpg")
    return asyncio.run(checker.on_page(_PAGE, image, "", asyncio.Semaphore()))


def test_a_match_is_kept_and_remembered(checker: Checker) -> None:
    first = check(checker)
    assert first.note.verdict == "copy"
    assert first.sighting_id is not None
    assert check(checker).is_from_cache


def test_a_full_disk_costs_no_answer(checker: Checker, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise CatalogUnusable("the disk is full; free some space")

    monkeypatch.setattr(catalog.sightings, "keep", refuses)
    monkeypatch.setattr(catalog.verdicts, "remember", refuses)
    checked = check(checker)
    assert checked.note.verdict == "copy"
    assert checked.sighting_id is None
    assert not checked.is_from_cache
