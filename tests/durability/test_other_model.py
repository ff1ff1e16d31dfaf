"""An index made by another model, or by an older program's, answers while the new one is built, until the switch."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

from isthisme.catalog import Catalog
from isthisme.domain import PhotoDescription
from isthisme.index_files import IndexFiles
from isthisme.indexing.indexer import Indexer
from isthisme.live_index import LiveIndex
from isthisme.server.index_keeper import IndexKeeper
from tests.companion import wait_until
from tests.durability import work
from tests.durability.photo_folder import make_photos

PHOTOS = 5


class _NewModel:
    """Describes nothing until it may."""

    def __init__(self) -> None:
        self.has_begun = threading.Event()
        self.may_go_on = threading.Event()

    def begin_describing(self, data: bytes) -> "Future[PhotoDescription]":
        self.has_begun.set()
        assert self.may_go_on.wait(60)
        old = work.description_of(data)
        done: Future[PhotoDescription] = Future()
        done.set_result(PhotoDescription("new", old.width, old.height, old.hashes, old.descriptor, old.preview))
        return done


def test_the_daemon_rebuilds_an_index_of_another_model_by_itself_and_answers_meanwhile(tmp_path: Path) -> None:
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:
        catalog.folders.add(make_photos(tmp_path / "photos", PHOTOS))
        work.indexer(catalog).refresh()
        old = catalog.generations.current()
        live = LiveIndex(catalog, lambda: "new", IndexFiles(catalog, tmp_path / "index"))
        describer = _NewModel()
        wanted = work.description_of(b"photo 3").hashes
        lies_at = (tmp_path / "photos" / "0003.jpg").resolve()

        def make_indexer(stop: threading.Event, _rest: Callable[[float], bool]) -> Indexer:
            return Indexer(catalog, describer, model="new", under_way=2, stop=stop)

        def found() -> Path | None:
            index = live.index()
            assert index is not None, "there is an index at every moment"
            nearest = index.nearest_by_hash(wanted, 1)
            assert nearest.distances[0, 0] == 0
            return catalog.photos.path_of(int(nearest.photo_ids[0, 0]))

        with closing(IndexKeeper(catalog, make_indexer, tmp_path / "lock", watches=False)) as keeper:
            keeper.start()
            assert describer.has_begun.wait(60), "nobody asked for it"
            assert catalog.generations.current() == old
            assert found() == lies_at
            building = catalog.generations.building()
            assert building is not None
            describer.may_go_on.set()
            wait_until(lambda: catalog.generations.current() == building, "the switch")
            assert found() == lies_at
