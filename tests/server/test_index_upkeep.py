from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from isthisme.catalog import Catalog
from isthisme.catalog.facts import count_removal
from isthisme.domain import PhotoDescription
from isthisme.errors import IndexUnavailable
from isthisme.index_files import IndexFiles
from isthisme.server.index_upkeep import IndexUpkeep


class Files(IndexFiles):
    """Records how it was asked to settle."""

    def __init__(self, catalog: Catalog, folder: Path) -> None:
        super().__init__(catalog, folder)
        self.asked: list[bool] = []

    def settle(self, *, at_once: bool = False) -> None:
        self.asked.append(at_once)


def test_what_grew_is_written_and_what_was_removed_is_erased_at_once(tmp_path: Path) -> None:
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:
        generation = catalog.generations.start_first(None)
        files = Files(catalog, tmp_path / "index")
        upkeep = IndexUpkeep(catalog, files, lambda: None)
        upkeep._settle()
        upkeep._settle()
        assert files.asked == [False], "nothing changed in between"
        description = PhotoDescription(None, 9, 9, np.array([7], np.uint64), None, b"jpeg")
        catalog.generations.add(generation, catalog.photos.add(b"1", description, b"/1.jpg"), description)
        upkeep._settle()
        assert files.asked == [False, False]
        count_removal(catalog.photos._connection)
        upkeep._settle()
        assert files.asked == [False, False, True]


def test_a_server_that_is_away_is_told_later_and_keeps_nothing_on_this_disk(tmp_path: Path) -> None:
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:
        catalog.generations.start_first(None)
        files, told = Files(catalog, tmp_path / "index"), []

        def tell_server() -> None:
            told.append(len(files.asked))
            if len(told) == 1:
                raise IndexUnavailable("not now")

        upkeep = IndexUpkeep(catalog, files, tell_server)
        upkeep._settle()
        with pytest.raises(IndexUnavailable):
            upkeep._tell()
        assert files.asked == [False], "the files were written before"
        upkeep._settle()
        upkeep._tell()
        upkeep._tell()
        assert told == [1, 1], "again where it failed, and not where nothing changed"
