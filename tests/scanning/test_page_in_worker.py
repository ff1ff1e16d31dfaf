"""Pages are read in workers, so that one that is made to harm costs a worker its life and no more."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from isthisme.config import NO_MODEL
from isthisme.errors import WorkerCrashed
from isthisme.workers import Priority, WorkerEngine, WorkerPool

HERE = "https://gallery.example/album"


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkerEngine]:
    with closing(WorkerPool(NO_MODEL, 1, job_seconds=6)) as pool:
        yield WorkerEngine(pool, Priority.ASKED)


def test_a_page_comes_back_as_it_was_read(reader: WorkerEngine) -> None:
    html = "<title>Été</title><meta name=referrer content=origin><img src=a.jpg><a rel=next href='?page=2'>2</a>"
    contents = reader.read_page(html.encode("cp1252"), "latin1", HERE)
    assert contents.title == "Été"
    assert contents.pictures == ("https://gallery.example/a.jpg",)
    assert contents.next_pages == (HERE + "?page=2",)
    assert (contents.referrer_policy, contents.left_out) == ("origin", 0)


def test_a_page_that_takes_for_ever_ends_its_worker_alone(reader: WorkerEngine) -> None:
    with pytest.raises(WorkerCrashed):
        reader.read_page(b"<div>" * 400_000, None, HERE)
    assert reader.read_page(b"<img src=a.jpg>", None, HERE).pictures == ("https://gallery.example/a.jpg",)
