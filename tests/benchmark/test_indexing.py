"""What scripts/bench says of indexing rests on these: the photos that it makes, and what it reads of the processes."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from isthisme.benchmark.footprint import memory_megabytes, processor_seconds
from isthisme.benchmark.indexing import indexed
from isthisme.benchmark.large_photos import write_large_photos
from tests.pictures import drawn, encoded, write_photos

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process uses, in /proc")


def test_large_photos_are_as_large_as_a_phone_makes_them(tmp_path: Path) -> None:
    write_large_photos(tmp_path, [encoded(drawn(1)), encoded(drawn(2, 300, 400))], 2)
    photos = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    assert [Image.open(io.BytesIO(data)).size for data in photos] == [(4000, 3000)] * 2
    assert all(2_300_000 < len(data) < 2_900_000 for data in photos)


@on_linux
def test_memory_and_time_are_those_of_all_processes_named() -> None:
    keeps = "data = bytearray(60 << 20); data[::4096] = b'x' * len(data[::4096]); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", keeps], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        alone, together = memory_megabytes([os.getpid()]), memory_megabytes([os.getpid(), other.pid])
        used = processor_seconds([other.pid])
        other.communicate(b"\n")
    assert alone is not None
    assert together is not None
    assert together - alone > 50
    assert used is not None
    assert 0 < used < 10


def test_of_a_process_that_is_gone_nothing_is_told() -> None:
    assert memory_megabytes([2**22 + 1]) is None
    assert processor_seconds([2**22 + 1]) is None


@on_linux
def test_a_run_tells_time_and_memory(tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", range(3))
    run = indexed(tmp_path / "photos")
    assert run.seconds > 0
    assert run.processor_seconds is not None
    assert run.memory
    assert all(each > 100 for each in run.memory)  # MB, with what other tests have loaded into this process
