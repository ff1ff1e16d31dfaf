"""`isthisme ingest`, on a cluster of this process."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from isthisme.cli import program
from isthisme.errors import UsageError
from isthisme.index.milvus_photos import MilvusPhotos, Part
from tests.bulk.clusters import LosableCluster
from tests.index import milvus_engine
from tests.pictures import write_photos


@pytest.fixture(scope="module")
def cluster() -> Iterator[LosableCluster]:
    made = LosableCluster()
    yield made
    made.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text('model = "none"\n')
    monkeypatch.setenv("ISTHISME_HOME", str(home))
    return home


def _ingest(cluster: LosableCluster, *words: object) -> Result:
    return CliRunner().invoke(program, ["ingest", "--on", cluster.address, "--owner", "anna", *map(str, words)])


def test_a_run_tells_what_it_did_and_its_repetition_that_nothing_was_left(
    cluster: LosableCluster, home: Path, tmp_path: Path
) -> None:
    write_photos(tmp_path / "photos", range(3))
    (tmp_path / "photos" / "broken\x1b[31m.jpg").write_bytes(b"no picture")
    words = tmp_path / "photos", "--shelf", tmp_path / "shelf", "--hourly-price", "2"
    told = _ingest(cluster, *words)
    assert told.exit_code == 1  # one could not be read
    assert "3 photos described, 0 known already, 0 icons left out, 1 could not be read; 0 done before" in told.stdout
    assert "cost 0." in told.stdout
    assert "unreadable_image" in told.stderr
    assert "\x1b[31m.jpg" not in told.stderr
    again = _ingest(cluster, *words, "--json")
    counts, error = map(json.loads, again.stdout.splitlines())
    assert (counts["described"], counts["earlier"], counts["errors"]) == (0, 4, 1)
    assert (error["code"], error["address"].rpartition("/")[2]) == ("unreadable_image", "broken\x1b[31m.jpg")


def test_without_errors_it_ends_with_0(cluster: LosableCluster, home: Path, tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", range(2))
    assert _ingest(cluster, tmp_path / "photos", "--shelf", tmp_path / "shelf").exit_code == 0


def test_a_shelf_among_what_is_to_be_described_is_refused(cluster: LosableCluster, home: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    refused = _ingest(cluster, tmp_path / "photos", "--shelf", tmp_path / "photos" / "shelf").exception
    assert isinstance(refused, UsageError)
    assert "put it elsewhere" in str(refused)


def test_a_key_in_an_address_is_refused(cluster: LosableCluster, home: Path, tmp_path: Path) -> None:
    refused = _ingest(cluster, "s3://key:secret@bucket/photos", "--shelf", tmp_path / "shelf").exception
    assert isinstance(refused, UsageError)
    assert "secret" not in str(refused)


def test_what_is_on_the_shelf_is_brought_into_an_index(cluster: LosableCluster, home: Path, tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", range(2))
    words = tmp_path / "photos", "--shelf", tmp_path / "shelf"
    with milvus_engine.running(tmp_path / "engine") as server:
        assert _ingest(cluster, *words).exit_code == 0  # without it first: what lies there already is brought, too
        told = _ingest(cluster, *words, "--index", server.address)
        assert told.exit_code == 0
        assert "2 photos brought into the index" in told.stdout
        assert MilvusPhotos(server).count(Part("anna", 1)) == 2
        assert "0 photos brought into the index" in _ingest(cluster, *words, "--index", server.address).stdout
    refused = _ingest(cluster, *words, "--index", "milvus+http://far.example:19530").exception
    assert isinstance(refused, UsageError)
