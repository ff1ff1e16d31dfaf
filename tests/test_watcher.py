"""The watcher: what counts as a change."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from isthisme.watcher import Watcher

SECONDS = 30.0


@pytest.fixture
def changed(tmp_path: Path) -> Iterator[threading.Event]:
    heard = threading.Event()
    with closing(Watcher(heard.set)) as watcher:
        watcher.watch([tmp_path])
        yield heard


def test_a_new_picture_is_a_change(tmp_path: Path, changed: threading.Event) -> None:
    (tmp_path / "new.JPG").write_bytes(b"1")
    assert changed.wait(SECONDS)


def test_a_folder_that_goes_is_a_change(tmp_path: Path, changed: threading.Event) -> None:
    (tmp_path / "album").mkdir()
    assert changed.wait(SECONDS)
    changed.clear()
    (tmp_path / "album").rmdir()
    assert changed.wait(SECONDS)


def test_other_files_are_none(tmp_path: Path, changed: threading.Event) -> None:
    """Else a home folder below the photos, whose catalog the indexer writes, would be looked through for ever."""
    (tmp_path / "catalog.db-wal").write_bytes(b"1")
    assert not changed.wait(1)
