"""`isthisme scan --on` as people use it, on a cluster within this process."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click
import pytest

from isthisme.bulk.cluster import Cluster
from isthisme.catalog import Catalog
from isthisme.cli.archives.scan import Wanted, scan_in_bulk
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.errors import UsageError
from tests.bulk.clusters import LosableCluster
from tests.bulk.owners import shelved
from tests.bulk.watching import PAGE, copy, page, seen
from tests.companion import isthisme
from tests.pictures import drawn, encoded, write_photos
from tests.scanning.archives import packed


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    made = LosableCluster()
    yield made.cluster
    made.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    (made / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    monkeypatch.setenv("ISTHISME_HOME", str(made))
    return made


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    folder = tmp_path / "crawl"
    folder.mkdir()
    records = [page(PAGE, "A page", 1), *seen("s.jpg", encoded(drawn(300)), 2, PAGE), *seen("c.jpg", copy(1), 3, PAGE)]
    (folder / "whole.warc.gz").write_bytes(packed(*records))
    (folder / "cut.warc.gz").write_bytes(packed(*seen("c2.jpg", copy(2), 4))[:-40])
    return folder


def scan(cluster: Cluster, crawl: Path, *, as_json: bool = True, **given: Any) -> int:
    """Its exit code."""

    @contextmanager
    def opened(*_given: object, **_options: object) -> Iterator[Cluster]:
        yield cluster

    fields = {
        "on": "local",
        "shelf": None,
        "owners": (),
        "index": None,
        "findings": None,
        "trusts_network": False,
        "deep": False,
    }
    try:
        scan_in_bulk(Wanted((str(crawl),), as_json=as_json, **(fields | given)), opened)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    return 0


def lines(told: str) -> list[dict[str, Any]]:
    return sorted(map(json.loads, told.splitlines()), key=lambda line: str(line["verdict"]))


def test_ones_own_photos_become_sightings_with_their_record_as_evidence(
    cluster: Cluster, home: Path, crawl: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_photos(home.parent / "photos", range(3))
    assert isthisme(home, "folders", "add", str(home.parent / "photos")).returncode == 0
    assert isthisme(home, "index").returncode == 0
    assert scan(cluster, crawl) == 1
    told = capsys.readouterr()
    found, trouble = lines(told.out)
    assert (found["verdict"], found["page_address"], found["page_title"]) == ("copy", PAGE, "A page")
    assert Path(found["matches"][0]["photo"]).name == "photo_001.jpg"
    assert (found["archive"], found["owner"]) == (f"file://{crawl}/whole.warc.gz", None)
    assert found["record"]["id"] == "<urn:uuid:3>"
    assert (trouble["reason_code"], trouble["archive"]) == ("unreadable_image", f"file://{crawl}/cut.warc.gz")
    assert "Looked at 2 pictures in 2 archives; 1 found." in told.err
    with closing(Catalog(home / "catalog.db")) as catalog:
        (sighting,) = catalog.sightings.latest(5)
        assert sighting.sighting_id == found["sighting_id"]
        assert catalog.sightings.original(sighting.picture_hash) == copy(1)
        (seen_once,) = catalog.observations.of(sighting.sighting_id)
        record = found["record"]
        assert seen_once.presence == "unknown"
        assert f"record <urn:uuid:3> at byte {record['offset']:,}, {record['length']:,} bytes long" in seen_once.words
    # What was found lies in the catalog alone, so that it goes with the sighting.
    assert {path.suffix for path in (home / "archives").iterdir()} == {".json"}
    assert scan(cluster, crawl, as_json=False) == 0
    told = capsys.readouterr()
    assert "2 archives had been scanned before" in told.err
    assert "0 found" in told.out


def test_a_shelfs_photos_are_found_for_their_owners_and_kept_beside_it(
    cluster: Cluster, home: Path, crawl: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = home.parent / "shelf"
    shelved(shelf, Engine(Models.none()), {"ana": (1, 2), "bo": (1,)})
    assert scan(cluster, crawl, shelf=str(shelf)) == 1
    first = lines(capsys.readouterr().out)
    assert [(line["verdict"], line.get("owner"), line["sighting_id"]) for line in first] == [
        ("copy", "ana", None),
        ("copy", "bo", None),
        ("undecided", None, None),
    ]
    assert list((shelf / ".findings").glob("*.findings.parquet"))
    assert scan(cluster, crawl, shelf=str(shelf)) == 1  # told again, from what is kept
    assert lines(capsys.readouterr().out) == first
    assert scan(cluster, crawl, shelf=str(shelf), owners=("bo",), findings=str(home.parent / "bos")) == 1
    assert [line.get("owner") for line in lines(capsys.readouterr().out)] == ["bo", None]
    assert not (home / "archives").exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"owners": ("ana",)}, "name the shelf as well"),
        ({"index": "milvus+https://engine.example"}, "name the shelf as well"),
        ({"index": "https://engine.example", "shelf": "/shelf"}, "is no address of a Milvus server"),
        ({"on": "tcp://127.0.0.1:8786"}, "your own photos stay on this computer"),
        ({}, "no photos of yours are indexed yet"),
    ],
)
def test_what_does_not_go_together_is_said(
    cluster: Cluster, home: Path, crawl: Path, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        scan(cluster, crawl, **given)
    assert not (home / "archives").exists()


def test_options_of_bulk_scans_need_one(home: Path, crawl: Path) -> None:
    done = isthisme(home, "scan", "--shelf", "s3://shelf", str(crawl))
    assert done.returncode == 2
    assert "belong to --on" in done.stderr
