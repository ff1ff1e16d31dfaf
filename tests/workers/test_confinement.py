"""From inside a worker: what somebody who took it over tries is refused, and what decoding needs works."""

import codecs
import io
import json
import resource
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image, ImageCms

from isthisme.domain import Candidate, ReferencePreview
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.engine.formats import FORMATS
from isthisme.scanning.page import read_page
from isthisme.workers import Priority, WorkerEngine, WorkerPool, wire
from tests.pictures import drawn, encoded
from tests.raw_files import dng, grey_dng, nef
from tests.workers.confined import needs_door

# Where a test is not the administrator's, the system refuses these to everybody.
_SOMETIMES_REFUSED = {"trace somebody", "ask for more time"}
_KILLS = {"become another program", "signal somebody", "ask whether somebody lives", "trace somebody"} | {
    "hold on to somebody"
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    folder = tmp_path_factory.mktemp("home")
    (folder / "catalog.db").write_bytes(b"private")
    path = str(folder / "socket")
    intruder = Path(__file__).with_name("intruder.py")
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind(path)
        local.listen()
        command = [sys.executable, "-I", str(intruder), str(folder), str(server.getsockname()[1]), path]
        ran = subprocess.run(command, capture_output=True, check=True, timeout=100)
    assert (folder / "catalog.db").read_bytes()[1:] == b"rivate"
    found: dict[str, list[str]] = json.loads(ran.stdout)
    return found


@needs_door
def test_all_that_an_intruder_tries_is_refused(outcomes: dict[str, list[str]]) -> None:
    assert {name for name, (_, shut) in outcomes.items() if shut not in ("refused", "SIGSYS")} == set()


@needs_door
def test_with_the_door_open_it_would_have_worked(outcomes: dict[str, list[str]]) -> None:
    """Or the test above would prove nothing."""
    failed = {name for name, (opened, _) in outcomes.items() if opened != "done" and not name.startswith("widen")}
    assert failed <= _SOMETIMES_REFUSED


@needs_door
def test_trying_what_no_picture_needs_ends_the_worker(outcomes: dict[str, list[str]]) -> None:
    deadly = _KILLS | {name for name in outcomes if name.startswith("widen")}
    assert {name: outcomes[name][1] for name in deadly} == dict.fromkeys(deadly, "SIGSYS")


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with closing(WorkerPool("packaged", 1)) as made:
        yield made


@needs_door
def test_a_real_worker_has_shut_its_door_and_says_so(pool: WorkerPool) -> None:
    held = WorkerEngine(pool, Priority.ASKED).confinement()
    assert held.is_whole
    assert set(held.limits) == {"memory", "processor time", "file size", "open files"}
    (process_id,) = pool.process_ids
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{process_id}/status").read_text().splitlines() if ":\t" in line
    )
    assert (status["Seccomp"], status["NoNewPrivs"], status["Threads"].strip()) == ("2", "1", "1")
    assert sorted(int(each.name) for each in Path(f"/proc/{process_id}/fd").iterdir()) == [0, 1, 2, 3]
    limits = {kind: resource.prlimit(process_id, kind) for kind in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE)} | {
        resource.RLIMIT_NOFILE: resource.prlimit(process_id, resource.RLIMIT_NOFILE)
    }
    assert set(limits.values()) == {(0, 0)}
    assert resource.prlimit(process_id, resource.RLIMIT_AS) == (3 << 30, 3 << 30)


@pytest.mark.skipif(sys.platform != "linux", reason="set from outside on Linux alone")
def test_each_picture_is_given_so_much_processor_time_and_no_more(pool: WorkerPool) -> None:
    engine = WorkerEngine(pool, Priority.ASKED)
    engine.shrink(encoded(drawn(1)))
    (process_id,) = pool.process_ids
    until, _ = resource.prlimit(process_id, resource.RLIMIT_CPU)
    assert 0 < until < 120  # seconds in all: what it used, and 30 more


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


_DRAWN = drawn(5, 900, 600)
_IMAGE = Image.fromarray(_DRAWN)
_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
_PICTURES: dict[str, Callable[[], bytes]] = {
    **{kind: lambda kind=kind: saved(_IMAGE, kind) for kind in FORMATS},
    "several JPEGs in one": lambda: saved(_IMAGE, "MPO", save_all=True, append_images=[_IMAGE]),
    "several frames": lambda: saved(_IMAGE, "WEBP", save_all=True, append_images=[_IMAGE.rotate(180)]),
    "palette": lambda: saved(_IMAGE.quantize(64), "PNG"),
    "inks": lambda: saved(_IMAGE.convert("CMYK"), "TIFF", compression="tiff_lzw"),
    "TIFF with JPEG": lambda: saved(_IMAGE, "TIFF", compression="jpeg"),
    "profile": lambda: saved(_IMAGE, "JPEG", icc_profile=_PROFILE),
    "broken off": lambda: saved(_IMAGE, "JPEG")[:40_000],
}


@pytest.mark.parametrize("kind", _PICTURES)
def test_the_whole_engine_works_behind_the_door(pool: WorkerPool, outside: Engine, kind: str) -> None:
    inside, data = WorkerEngine(pool, Priority.ASKED), _PICTURES[kind]()
    described = inside.describe_photo(data)
    assert same(described, outside.describe_photo(data))
    assert same(inside.describe_query(data, deep=False), outside.describe_query(data, deep=False))
    assert same(inside.shrink(data), outside.shrink(data))
    assert same(inside.redraw(data, 100), outside.redraw(data, 100))
    assert same(inside.camera_notes(data), outside.camera_notes(data))


@pytest.mark.parametrize("deep", [False, True])
def test_photos_are_verified_and_compared_behind_the_door(pool: WorkerPool, outside: Engine, deep: bool) -> None:
    inside, data = WorkerEngine(pool, Priority.ASKED), saved(_IMAGE.crop((50, 50, 850, 550)), "WEBP")
    described = outside.describe_photo(saved(_IMAGE, "JPEG"))
    reference = ReferencePreview(Candidate(1, None, 1.0, 1.0), described.preview, described.width, described.height)
    outline = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0))
    assert same(inside.describe_query(data, deep=deep), outside.describe_query(data, deep=deep))
    assert same(inside.verify(data, [reference], deep=deep), outside.verify(data, [reference], deep=deep))
    assert same(inside.compare(data, reference, outline), outside.compare(data, reference, outline))


_RAW: dict[str, Callable[[], bytes]] = {
    "a picture inside": lambda: dng(_DRAWN, encoded(_DRAWN)),
    "to be developed": lambda: dng(_DRAWN, None),
    "grey": lambda: grey_dng(np.ascontiguousarray(_DRAWN[..., 0])),
    "NEF": lambda: nef(_DRAWN, encoded(_DRAWN)),
}


@pytest.mark.parametrize("kind", _RAW)
def test_raw_files_are_read_behind_the_door(pool: WorkerPool, outside: Engine, kind: str) -> None:
    data = _RAW[kind]()
    assert same(WorkerEngine(pool, Priority.ASKED).describe_photo(data), outside.describe_photo(data))


def test_pages_in_every_encoding_are_read_behind_the_door(pool: WorkerPool) -> None:
    inside = WorkerEngine(pool, Priority.ASKED)
    for name in ("utf-8", "gb18030", "big5hkscs", "shift_jis", "euc_jp", "iso2022_jp", "euc-kr", "koi8-r", "cp1252"):
        codecs.lookup(name)
        data = "<title>Bild</title><img src=a.jpg>".encode(name)
        assert inside.read_page(data, name, "https://a.example/") == read_page(data, name, "https://a.example/")
    assert inside.read_page(b"<img src=a.jpg>", "../no such encoding", "https://a.example/").pictures


def test_pages_have_a_worker_that_sees_no_photo() -> None:
    with closing(WorkerPool("none", 1)) as pool:
        inside = WorkerEngine(pool, Priority.ASKED)
        inside.shrink(encoded(drawn(1)))
        (of_pictures,) = pool.process_ids
        inside.read_page(b"<img src=a.jpg>", None, "https://a.example/")
        inside.shrink(encoded(drawn(1)))
        inside.read_page(b"<img src=a.jpg>", None, "https://a.example/")
        assert of_pictures in pool.process_ids
        assert len(pool.process_ids) == 2


@pytest.fixture(scope="module")
def outside() -> Engine:
    return Engine(Models.packaged())


def same(inside: object, outside: object) -> bool:
    """As they go over the wire, arrays and all."""
    return msgspec.msgpack.encode(inside, enc_hook=wire._from_array) == msgspec.msgpack.encode(
        outside, enc_hook=wire._from_array
    )
