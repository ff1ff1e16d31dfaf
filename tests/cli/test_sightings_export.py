"""An export that cannot be written leaves what was there before, and nothing else."""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from isthisme.catalog import Catalog
from isthisme.catalog.sightings import SeenPicture
from isthisme.cli import program

if sys.platform == "win32":
    pytest.skip("no file is limited there", allow_module_level=True)

import resource

ANSWER = '{"verdict":"copy","score":1,"reason":null,"matches":[],"width":1,"height":1,"index_generation":1}'


def export(home: Path, target: Path) -> Result:
    return CliRunner().invoke(program, ["sightings", "export", str(target)], env={"ISTHISME_HOME": str(home)})


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """In this process: what is written beyond so many bytes of a file is refused, as by a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_an_export_that_breaks_off_leaves_no_half_file(tmp_path: Path) -> None:
    home, target = tmp_path / "home", tmp_path / "exports" / "sightings.json"
    home.mkdir(mode=0o700)
    target.parent.mkdir()
    with closing(Catalog(home / "catalog.db")) as catalog, catalog.transaction():
        for number in range(3_000):
            page = f"https://thief.example/{number}"
            catalog.sightings.keep(SeenPicture(page, None, "p", b"%d" % number, b"jpeg", 1, 1, ANSWER))
    done = export(home, target)
    assert done.exit_code == 0, done.output
    whole = target.read_bytes()
    assert target.stat().st_mode & 0o777 == 0o600
    with largest_file(len(whole) - 1):
        broken = export(home, target)
    assert f"{target} cannot be written" in str(broken.exception)
    assert list(target.parent.iterdir()) == [target]
    assert target.read_bytes() == whole


def test_a_pipe_is_written_into_and_not_replaced_by_a_file(tmp_path: Path) -> None:
    home, pipe = tmp_path / "home", tmp_path / "sightings.json"
    home.mkdir(mode=0o700)
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as reader:
        read = reader.submit(pipe.read_bytes)
        done = export(home, pipe)
        assert done.exit_code == 0, done.output
        assert pipe.is_fifo()
        assert read.result(60).strip() == b"[]"
