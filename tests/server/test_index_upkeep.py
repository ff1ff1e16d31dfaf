from contextlib import closing
from pathlib import Path

import numpy as np

from isthisme.catalog import Catalog
from isthisme.catalog.facts import count_removal
from isthisme.domain import PhotoDescription
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
        upkeep = IndexUpkeep(catalog, files)
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
