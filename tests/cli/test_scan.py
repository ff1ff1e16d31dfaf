"""`isthisme scan` as people use it."""

import json
import signal
import subprocess
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from isthisme.catalog import Catalog
from tests.cli.test_commands import begin
from tests.companion import isthisme, wait_until
from tests.picture_site import Site, picture_site
from tests.pictures import drawn, encoded, write_photos
from tests.scanning.archives import packed, record, request

pytestmark = pytest.mark.slow  # many processes

HTML = "text/html; charset=utf-8"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three photos, indexed without a model."""
    folder = tmp_path_factory.mktemp("scan")
    made = folder / "home"
    made.mkdir(mode=0o700)
    (made / "settings.toml").write_text('model = "none"\nworkers = 2\n')
    write_photos(folder / "photos", range(3))
    assert isthisme(made, "folders", "add", str(folder / "photos")).returncode == 0
    assert isthisme(made, "index").returncode == 0
    return made


@pytest.fixture(scope="module")
def mirrored() -> bytes:
    return encoded(np.ascontiguousarray(drawn(1)[:, ::-1]), quality=70)


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def gallery(site: Site, mirrored: bytes) -> None:
    """Three pages; the user's photo is on the second, loaded late."""
    strangers = {f"/{seed}.jpg": ("image/jpeg", encoded(drawn(seed))) for seed in (300, 301)}
    site.files |= strangers | {
        "/album": (HTML, b"<title>Summer</title><img src=300.jpg><a href='/album?page=2'>2</a>"),
        "/album?page=2": (HTML, b"<img src=wait.gif data-src=copy.jpg><a rel=next href='/album?page=3'>on</a>"),
        "/album?page=3": (HTML, b"<img srcset='300.jpg 1x, 301.jpg 2x'><a href='/album'>1</a>"),
        "/copy.jpg": ("image/jpeg", mirrored),
    }


def test_a_gallery_is_looked_through_page_by_page(home: Path, mirrored: bytes) -> None:
    with picture_site() as site:
        gallery(site, mirrored)
        done = isthisme(home, "scan", "--json", site.url("album"))
        assert done.returncode == 1  # the picture to wait with is not there
        found, missing = sorted(lines(done), key=lambda line: str(line["verdict"]))
        assert (found["page_address"], found["picture_address"]) == (site.url("album?page=2"), site.url("copy.jpg"))
        assert found["verdict"] == "copy"
        (match,) = found["matches"]  # type: ignore[misc]
        assert Path(match["photo"]).name == "photo_001.jpg"
        assert (missing["picture_address"], missing["verdict"]) == (site.url("wait.gif"), "undecided")
        assert "Looked at 3 pictures on 3 pages, 1 sighting kept." in done.stderr
        assert [path for path, _ in site.requests if path.startswith("/album")] == [
            "/album",
            "/album?page=2",
            "/album?page=3",
        ]
        headers = dict(site.requests)
        assert headers["/copy.jpg"]["Referer"] == site.url("album?page=2")
        assert not any("Cookie" in each for _, each in site.requests)
    with closing(Catalog(home / "catalog.db")) as catalog:
        sighting_id = int(str(found["sighting_id"]))
        sighting = catalog.sightings.one(sighting_id)
        assert sighting is not None
        assert sighting.page_address == found["page_address"]
        assert catalog.sightings.original(sighting.picture_hash) == mirrored
        (seen,) = catalog.observations.of(sighting_id)
        assert (seen.kind, seen.presence) == ("scan", "there")
        assert seen.exchange is not None
        assert seen.exchange.status == 200


def test_no_more_pages_are_read_than_asked_for(home: Path, mirrored: bytes) -> None:
    with picture_site() as site:
        gallery(site, mirrored)
        done = isthisme(home, "scan", "--pages", "1", site.url("album"))
        assert done.returncode == 0
        assert "Looked at 1 picture on 1 page: 0 sightings." in done.stdout
        assert "--pages lets it read more" in done.stderr
        assert site.asked("/album?page=2") == 0


def test_a_pack_and_a_recorded_site_are_looked_through(home: Path, mirrored: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "pack.zip", "w") as archive:
        archive.writestr("../\x1b[2J\u202e.jpg", mirrored)
        archive.writestr("stranger.png", encoded(drawn(302), "PNG"))
        archive.writestr("broken.jpg", b"nothing")
    photo, page = "https://x.example/a.jpg", "https://x.example/"
    site = packed(
        record("resource", photo, encoded(drawn(2), quality=60), number=1),
        record("request", photo, request(page), concurrent_to=1),
    )
    (tmp_path / "site.warc.gz").write_bytes(site)
    done = isthisme(home, "scan", str(tmp_path / "pack.zip"), str(tmp_path / "site.warc.gz"))
    assert done.returncode == 1
    assert "broken.jpg: these 7 bytes are no picture" in done.stderr
    assert "Looked at 4 pictures: 2 sightings." in done.stdout
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    with closing(Catalog(home / "catalog.db")) as catalog:
        (sighting,) = [each for each in catalog.sightings.latest(50) if each.page_address == page]
        assert (sighting.picture_address, sighting.presence) == (photo, "unknown")  # it was there once
        (seen,) = catalog.observations.of(sighting.sighting_id)
        assert seen.words.startswith("recorded in file://")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("missing.zip", "cannot be read: No such file"),
        ("http://127.0.0.1:1/", "names port 1, which no site uses"),
    ],
)
def test_what_cannot_be_looked_at_is_told(home: Path, target: str, words: str) -> None:
    done = isthisme(home, "scan", target)
    assert done.returncode == 2
    assert words in done.stderr


def test_ones_own_folders_are_not_scanned(home: Path) -> None:
    done = isthisme(home, "scan", str(home.parent))
    assert done.returncode == 2
    assert "holds photos of your own" in done.stderr


def test_a_stopped_scan_keeps_what_was_found(home: Path, mirrored: bytes) -> None:
    with picture_site() as site:
        pictures = {f"/{number}.jpg": ("image/jpeg", encoded(drawn(400 + number))) for number in range(40)}
        html = "".join(f"<img src={path}>" for path in ["/copy.jpg", *pictures])
        site.files |= pictures | {"/album": (HTML, html.encode()), "/copy.jpg": ("image/jpeg", mirrored)}
        site.held |= set(list(pictures)[10:])  # so that it is not through before it is stopped

        def is_kept() -> bool:
            with closing(Catalog(home / "catalog.db")) as catalog:
                return any(each.page_address == site.url("album") for each in catalog.sightings.latest(50))

        process = begin(home, "scan", site.url("album"))
        wait_until(is_kept, "the copy is kept")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert site.asked("/39.jpg") == 0
        assert is_kept()
