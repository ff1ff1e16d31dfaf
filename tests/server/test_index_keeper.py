"""The daemon's thread that keeps the index: what it does besides indexing."""

import threading
from contextlib import closing
from pathlib import Path

from isthisme.catalog import Catalog
from isthisme.indexer import Indexer, Outcome
from isthisme.server.index_keeper import IndexKeeper
from tests.companion import wait_until


class _NothingToDo(Indexer):
    def __init__(self) -> None:
        pass

    def refresh(self) -> Outcome:
        return Outcome()


def test_verdicts_past_their_time_go_while_the_daemon_runs(tmp_path: Path) -> None:
    with closing(Catalog(tmp_path / "catalog.db", verdict_days=0)) as catalog:

        def kept() -> int:
            return len(catalog._connection.rows("select 1 from verdicts"))

        def make_indexer(_stop: threading.Event) -> Indexer:
            return _NothingToDo()

        with closing(IndexKeeper(catalog, make_indexer, tmp_path / "lock", watches=False)) as keeper:
            keeper.start()
            catalog.verdicts.remember("http://a/", catalog.generations.mark(), "{}")
            keeper.refresh()
            wait_until(lambda: kept() == 0, "the verdict is gone")
