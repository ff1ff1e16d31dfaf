"""The watcher: what counts as a change, and what it says of it."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from queue import Empty, Queue

import pytest

from isthisme.indexing.watcher import Change, Move, Watcher

SECONDS = 30.0

type Event = Change | Move | None
type Expect = Callable[[Event], None]


@pytest.fixture
def expect(tmp_path: Path) -> Iterator[Expect]:
    """Waits until an event was heard that equals the one given."""
    heard: Queue[Event] = Queue()

    def wait(wanted: Event) -> None:
        others = []
        while True:
            try:
                event = heard.get(timeout=SECONDS)
            except Empty:
                raise AssertionError(f"not heard: {wanted}; but: {others}") from None
            if event == wanted:
                return
            others.append(event)

    with closing(Watcher(heard.put)) as watcher:
        assert watcher.watch([tmp_path]) == [tmp_path]
        assert watcher.watch([tmp_path]) == []
        yield wait


def raw(path: Path) -> bytes:
    return os.fsencode(path)


def test_a_new_picture_is_a_change_and_told_when_it_is_closed(tmp_path: Path, expect: Expect) -> None:
    path = tmp_path / "new.JPG"
    with path.open("wb") as stream:
        stream.write(b"1")
        stream.flush()
        expect(Change(raw(path), is_written=False))
    expect(Change(raw(path), is_written=True))


def test_a_name_that_is_not_utf8_comes_as_it_is(tmp_path: Path, expect: Expect) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.jpg")
    path.write_bytes(b"1")
    expect(Change(raw(path), is_written=True))


def test_a_folder_that_comes_or_goes_is_a_change(tmp_path: Path, expect: Expect) -> None:
    (tmp_path / "album").mkdir()
    expect(Change(raw(tmp_path / "album"), is_written=True))
    (tmp_path / "album").rmdir()
    expect(Change(raw(tmp_path / "album"), is_written=True))


def test_a_moved_picture_or_folder_is_a_move(tmp_path: Path, expect: Expect) -> None:
    (tmp_path / "album").mkdir()
    expect(Change(raw(tmp_path / "album"), is_written=True))
    (tmp_path / "album" / "1.jpg").write_bytes(b"1")
    expect(Change(raw(tmp_path / "album" / "1.jpg"), is_written=True))
    (tmp_path / "album" / "1.jpg").rename(tmp_path / "album" / "2.jpg")
    expect(Move(raw(tmp_path / "album" / "1.jpg"), raw(tmp_path / "album" / "2.jpg")))
    (tmp_path / "album").rename(tmp_path / "other")
    expect(Move(raw(tmp_path / "album"), raw(tmp_path / "other")))


def test_a_picture_that_was_saved_under_another_name_first_is_a_change(tmp_path: Path, expect: Expect) -> None:
    (tmp_path / "new.tmp").write_bytes(b"1")
    (tmp_path / "new.tmp").rename(tmp_path / "new.jpg")
    expect(Change(raw(tmp_path / "new.jpg"), is_written=True))


def test_other_files_concern_nobody(tmp_path: Path, expect: Expect) -> None:
    """Else a home folder below the photos, whose catalog the indexer writes, would be looked through for ever."""
    (tmp_path / "catalog.db-wal").write_bytes(b"1")
    expect(None)


def test_a_folder_that_is_another_one_now_is_watched_anew(tmp_path: Path) -> None:
    """As when a drive was unplugged and plugged in again."""
    folder = tmp_path / "drive"
    heard: Queue[Event] = Queue()
    with closing(Watcher(heard.put)) as watcher:
        folder.mkdir()
        watcher.watch([folder])
        folder.rename(tmp_path / "was")
        folder.mkdir()
        assert watcher.watch([folder]) == [folder]
        (folder / "1.jpg").write_bytes(b"1")
        path = raw(folder / "1.jpg")
        while heard.get(timeout=SECONDS) != Change(path, is_written=True):
            pass


def test_a_folder_that_is_not_there_is_watched_once_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "drive"
    with closing(Watcher(lambda _event: None)) as watcher:
        assert watcher.watch([folder]) == []
        folder.mkdir()
        assert watcher.watch([folder]) == [folder]
