"""Photos on a shelf, looked for on a server: what an index of one's own would find, or no answer."""

import pickle
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from isthisme.bulk.archive_files import ArchiveFile, find_archives
from isthisme.bulk.archive_run import ArchiveTask, Scanned, keep_findings, scan_archives
from isthisme.bulk.findings import Finding, FindingsFolder, Trouble
from isthisme.bulk.joining import join_parts
from isthisme.bulk.pushing import Pusher
from isthisme.bulk.served_search import ServedPhotos, served
from isthisme.bulk.shelf import generations, photo_id
from isthisme.bulk.shelf_search import photos_on
from isthisme.cli.archives.index_server import IndexServer
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.errors import IndexUnavailable, IsThisMeError, ModelUnusable, ShelfUnusable
from isthisme.index.milvus_photos import MilvusPhotos
from isthisme.index.milvus_server import MilvusServer
from tests.bulk.owners import OWNERS, watched
from tests.bulk.test_joining import here
from tests.bulk.watching import Reader, copy, seen
from tests.index import milvus_engine
from tests.index.test_milvus_server import IMPATIENT, nobody
from tests.pictures import drawn, encoded
from tests.scanning.archives import packed

type Connect = Callable[[], MilvusPhotos]


@pytest.fixture(scope="module")
def connect(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connect]:
    """To a server that has what is on the shelf."""
    with milvus_engine.running(tmp_path_factory.mktemp("engine")) as server:
        photos = MilvusPhotos(server)
        for owner in OWNERS:
            Pusher(generations(str(shelf), owner)[0], "milvus", photos).finish()
        yield lambda: MilvusPhotos(MilvusServer(server.address, patience=milvus_engine.PATIENT))


def worker(engine: Engine) -> Any:
    """The engine, asked as one in another process is."""
    return SimpleNamespace(model=lambda: engine.model, describe_query=engine.describe_query, verify=engine.verify)


def looked_for(shelf: Path, engine: Engine, connect: Connect, *owners: str) -> ServedPhotos:
    return served(photos_on(str(shelf), owners, engine.model, deep=False), connect)


@pytest.mark.parametrize(
    ("owners", "pictures"),
    [((), [copy(2), encoded(drawn(2)), copy(300)]), (("bo",), [copy(1)])],
    ids=["everybody", "one owner"],
)
def test_the_server_is_asked_and_the_same_is_found(
    shelf: Path, engine: Engine, connect: Connect, owners: tuple[str, ...], pictures: list[bytes]
) -> None:
    built = watched(shelf, engine, *owners)
    with looked_for(shelf, engine, connect, *owners).open(worker(engine)) as asked:
        for data in pictures:
            assert asked.judge(data) == built.judge(data)
        assert [each.owner for each in asked.judge(pictures[0]).owners] == ([] if owners else ["ana", "bo"])


def test_a_server_that_lacks_a_photo_of_the_shelf_or_is_away_gives_no_answer(
    shelf: Path, engine: Engine, connect: Connect
) -> None:
    whole = looked_for(shelf, engine, connect)
    lacking = replace(whole, sizes=(whole.sizes[0] + 1, *whole.sizes[1:]))
    away = replace(whole, connect=lambda: MilvusPhotos(nobody(IMPATIENT)))
    for photos, words in ((lacking, "has 5 of 6 photos"), (away, "does not answer")):
        with photos.open(worker(engine)) as asked, pytest.raises(IndexUnavailable, match=words):
            asked.judge(copy(300))


def test_a_server_that_names_what_the_shelf_does_not_have_gives_no_answer(
    shelf: Path, engine: Engine, connect: Connect
) -> None:
    photos = connect()
    described = engine.describe_photo(encoded(drawn(9)))
    assert described.descriptor is not None
    given = np.array([photo_id("cy", bytes(32))]), described.hashes, described.descriptor[np.newaxis]
    with closing(photos.server):
        photos.upsert("cy", 1, *given, ["unit4#7"])
        try:
            with (
                looked_for(shelf, engine, connect, "cy").open(worker(engine)) as asked,
                pytest.raises(ShelfUnusable),
            ):
                asked.judge(copy(9))
        finally:
            photos.delete("cy", 1, given[0])


def test_what_the_server_says_of_places_is_good_where_parts_were_joined_since(
    shelf: Path, engine: Engine, connect: Connect, tmp_path: Path
) -> None:
    shutil.copytree(shelf, tmp_path / "shelf")
    for owner in ("ana", "bo"):
        (generation,) = generations(str(tmp_path / "shelf"), owner)
        assert join_parts(generation, here, full=sum(generation.parts().values())) == 1
    with looked_for(tmp_path / "shelf", engine, connect).open(worker(engine)) as asked:
        assert [each.owner for each in asked.judge(encoded(drawn(2))).owners] == ["ana", "bo"]
        assert [each.owner for each in asked.judge(copy(1)).owners] == ["ana"]


def test_each_machine_connects_with_what_its_own_settings_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("reader:secret\n")
    (tmp_path / "token").chmod(0o600)
    (tmp_path / "settings.toml").write_text(f'index_token_file = "{tmp_path / "token"}"\n')
    tmp_path.chmod(0o700)
    monkeypatch.setenv("ISTHISME_HOME", str(tmp_path))
    sent = pickle.loads(pickle.dumps(IndexServer("milvus+https://engine.example:19530")))  # noqa: S301 our own
    assert sent == IndexServer("milvus+https://engine.example:19530")  # or each archive would connect anew
    server = sent().server
    assert (str(server.address), server.credentials().token) == ("milvus+https://engine.example:19530", "reader:secret")


def test_another_model_is_refused(shelf: Path, engine: Engine, connect: Connect) -> None:
    other = Engine(Models.none())
    with (
        pytest.raises(ModelUnusable, match="same model"),
        looked_for(shelf, engine, connect).open(worker(other)),
    ):
        pass


def test_an_archive_that_the_server_gave_no_answer_for_is_told_undecided_and_scanned_by_the_next_run(
    shelf: Path, engine: Engine, connect: Connect, tmp_path: Path
) -> None:
    (tmp_path / "a.warc.gz").write_bytes(packed(*seen("a.jpg", copy(1), 1)))
    folder = FindingsFolder(str(tmp_path / "findings"))
    there = looked_for(shelf, engine, connect)
    away = replace(there, connect=lambda: MilvusPhotos(nobody(IMPATIENT)))

    def scanned(photos: ServedPhotos) -> list[Scanned | Trouble]:
        def each(
            task: Callable[[ArchiveFile], str], archives: Iterable[ArchiveFile]
        ) -> Iterator[tuple[ArchiveFile, str | IsThisMeError]]:
            assert isinstance(task, ArchiveTask)
            with photos.open(worker(engine)) as watching:
                for archive in archives:
                    try:
                        yield archive, keep_findings(archive, watching, Reader(), folder, task.mark)
                    except IsThisMeError as error:
                        yield archive, error

        task = ArchiveTask(folder.url, photos, photos.shelved.mark)
        return list(scan_archives(find_archives([str(tmp_path)]), task, folder, each))

    (told,) = scanned(away)
    assert isinstance(told, Trouble)
    assert told.code == "index_unavailable"
    (done,) = scanned(there)
    assert isinstance(done, Scanned)
    assert not done.was_done
    (finding,) = folder.told(done.checkpoint)
    assert isinstance(finding, Finding)
    assert (finding.owner, finding.verdict) == ("ana", "copy")
