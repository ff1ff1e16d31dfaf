"""Pictures from the web and from buckets: what does not come is a row with the reason, and never the end."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import fsspec.config
import pytest
import s3fs
from moto.server import ThreadedMotoServer

from isthisme.acquire.answers import Fetched
from isthisme.acquire.fetch import Fetcher
from isthisme.bulk.reading import Picture, read_unit
from isthisme.bulk.shelf_files import ShelfFiles
from isthisme.bulk.sole_writer import Lease
from isthisme.bulk.sources import Member, Unit, find_units
from isthisme.errors import Busy, ShelfUnusable
from isthisme.scanning.found import Unread


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/gone.jpg":
            self.send_error(404)
        elif self.path == "/silent.jpg":
            self.server.has_ended.wait()  # type: ignore[attr-defined]
        else:
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.end_headers()
            self.wfile.write(b"a picture")
            while self.path == "/endless.jpg":
                self.wfile.write(bytes(1 << 16))

    def log_message(self, *_given: object) -> None:
        pass


@contextmanager
def _site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    server.has_ended = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.has_ended.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_a_site_does_not_give_is_told_and_the_rest_comes() -> None:
    with _site() as site:

        class NearFetcher(Fetcher):
            """Asks as for a page of this site: others may not ask near addresses."""

            async def fetch(self, address: str, **_given: Any) -> Fetched:
                return await super().fetch(address, page_address=f"{site}/")

        def unit(*names: str) -> Unit:
            return Unit("addresses", "table.parquet", tuple(Member(f"{site}/{name}.jpg", 0, "") for name in names))

        speaks = unit("fine", "gone", "endless")
        fine, *others = read_unit(speaks, lambda: NearFetcher(max_bytes=1 << 20, timeout_seconds=60.0))
        others += read_unit(unit("silent"), lambda: NearFetcher(timeout_seconds=0.2))
        refused = read_unit(speaks)
    assert isinstance(fine, Picture)
    assert fine.data == b"a picture"
    assert [each.code for each in others if isinstance(each, Unread)] == [
        "fetch_failed",
        "image_too_large",
        "deadline_exceeded",
    ]
    assert {each.code for each in refused if isinstance(each, Unread)} == {"address_refused"}


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket that speaks S3, reached with what fsspec's own configuration says."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    before = dict(fsspec.config.conf)
    options = {"key": "k", "secret": "s", "endpoint_url": f"http://{host}:{port}"}
    fsspec.config.conf["s3"] = options
    s3fs.S3FileSystem.clear_instance_cache()
    fsspec.filesystem("s3").mkdir("photos")
    yield "s3://photos"
    fsspec.config.conf.clear()
    fsspec.config.conf.update(before)
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


def test_a_bucket_gives_its_pictures_under_a_prefix_and_by_a_pattern(bucket: str) -> None:
    store = fsspec.filesystem("s3")
    store.pipe({f"photos/2025/{number}/a.jpg": b"%d" % number for number in range(3)})
    store.pipe_file("photos/2026/b.jpg", b"other")
    (unit,) = find_units(f"{bucket}/2025")
    assert isinstance(unit, Unit)
    read = read_unit(unit)
    assert [(each.address, each.data) for each in read if isinstance(each, Picture)] == [
        (f"{bucket}/2025/{number}/a.jpg", b"%d" % number) for number in range(3)
    ]
    (unit,) = find_units(f"{bucket}/*/b.jpg")
    assert isinstance(unit, Unit)
    assert [member.name for member in unit.members] == [f"{bucket}/2026/b.jpg"]


def test_a_bucket_that_is_not_there_is_told(bucket: str) -> None:
    (nothing,) = find_units("s3://nobodys-bucket/photos")
    assert isinstance(nothing, Unread)
    assert nothing.code == "source_unreadable"


def test_a_shelf_may_lie_in_a_bucket(bucket: str) -> None:
    files = ShelfFiles(f"{bucket}/shelf/anna")
    assert files.names("parts") == set()
    files.write("parts/a", b"first")
    files.write("parts/a", b"second")
    files.write("parts/b", b"")
    assert files.names("parts") == {"a", "b"}
    with files.opened("parts/a") as stream:
        assert stream.read() == b"second"
    files.remove("parts/a")
    files.remove("parts/a")
    assert files.names("parts") == {"b"}
    with pytest.raises(ShelfUnusable), files.opened("parts/a") as stream:
        stream.read()
    assert files.read("parts/a") is None
    assert (files.sizes("parts"), files.folders("")) == ({"b": 0}, ["parts"])


def test_a_shelf_in_a_bucket_has_one_writer(bucket: str) -> None:
    files = ShelfFiles(f"{bucket}/shelf/berta")
    first = Lease(files, "process 1 on a", lambda _seconds: None)
    first.take()
    with pytest.raises(Busy, match="process 1 on a is writing"):
        Lease(files, "process 2 on b", lambda _seconds: first.beat()).take()
    first.check()
    first.release()
    assert files.read("writing.json") is None
