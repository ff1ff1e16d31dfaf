"""Scanning: which files count, and in which order they come."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthisme.indexing.exclusions import Exclusions
from isthisme.indexing.photo_files import Scan, misspelled, names_a_picture

# Bytes around the slash, which decides between `a/b` and `a.b`, and one that is not UTF-8.
_NAMES = st.lists(st.sampled_from([b"a", b"b", b"-", b".", b"0", b" ", b"\xe9"]), min_size=1, max_size=3).map(b"".join)
_PATHS = st.sets(st.lists(_NAMES.filter(lambda name: name not in (b".", b"..")), min_size=1, max_size=3).map(tuple))


def scan(start: Path | bytes, *patterns: str, mounts: frozenset[bytes] = frozenset()) -> Scan:
    return Scan(1, os.fsencode(start), os.fsencode(start), Exclusions(patterns), mounts)


def scanned(start: Path | bytes) -> list[bytes]:
    return [file.path for file in scan(start).files()]


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file system that takes any bytes for a name")
@given(paths=_PATHS)
def test_files_come_in_the_byte_order_of_their_paths(
    tmp_path_factory: pytest.TempPathFactory, paths: set[tuple[bytes, ...]]
) -> None:
    root = os.fsencode(tmp_path_factory.mktemp("root"))
    wanted = set()
    for *folders, name in paths:
        folder = b"/".join([root, *(each + b"_" for each in folders)])
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103 bytes
        path = folder + b"/" + name + b"x.jpg"
        with open(path, "wb"):  # noqa: PTH123 bytes
            wanted.add(path)
    found = scanned(root)
    assert found == sorted(found)
    assert set(found) == {path for path in wanted if names_a_picture(os.path.basename(path))}  # noqa: PTH119 bytes


def test_a_single_file_is_found_and_nothing_where_there_is_none(tmp_path: Path) -> None:
    picture = tmp_path / "a.JPG"
    picture.write_bytes(b"1")
    assert scanned(picture) == [os.fsencode(picture)]
    assert scanned(tmp_path / "b.jpg") == []
    (tmp_path / "words.txt").write_bytes(b"1")
    assert scanned(tmp_path / "words.txt") == []


def test_a_folder_named_like_a_picture_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").mkdir()
    (tmp_path / "a.jpg" / "b.jpg").write_bytes(b"1")
    assert scanned(tmp_path) == [os.fsencode(tmp_path / "a.jpg" / "b.jpg")]


def test_a_folder_that_cannot_be_read_is_named_and_nothing_in_it_counts_as_absent(tmp_path: Path) -> None:
    """A name that is too long fails for everybody, also for root, whom permissions do not stop."""
    deep = os.fsencode(tmp_path)
    handle = os.open(deep, os.O_RDONLY)
    for _ in range(20):
        os.mkdir(b"n" * 250, dir_fd=handle)
        inner = os.open(b"n" * 250, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(handle)
    found = scan(deep)
    assert list(found.files()) == []
    (unreadable,) = found.unreadable_folders
    assert not found.saw_absence_of(unreadable + b"a.jpg")
    assert found.saw_absence_of(deep + b"/a.jpg")


def test_of_two_spellings_the_one_that_the_folder_holds_counts(tmp_path: Path) -> None:
    for name in ("img.jpg", "both.jpg", "BOTH.jpg"):
        (tmp_path / name).write_bytes(b"1")
    paths = [os.fsencode(tmp_path / name) for name in ("IMG.jpg", "img.jpg", "both.jpg", "BOTH.jpg", "gone.jpg")]
    listed = {os.fsencode(path) for path in tmp_path.iterdir()}  # where cases are not told apart, one of the two
    wrong = set(paths[:4]) - listed
    assert paths[0] in wrong
    assert misspelled(paths) == wrong


def test_what_is_excluded_is_not_found_and_its_folders_are_not_entered(tmp_path: Path) -> None:
    for name in ("keep/1.jpg", "waste/2.jpg", "keep/3.gif", "waste/4.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"1")
    found = scan(tmp_path, "waste/", "*.gif")
    assert [file.path for file in found.files()] == [os.fsencode(tmp_path / "keep" / "1.jpg")]
    assert found.videos == 0
    part = Scan(1, os.fsencode(tmp_path), os.fsencode(tmp_path / "waste"), Exclusions(["waste/"]))
    assert list(part.files()) == []


def test_videos_are_counted(tmp_path: Path) -> None:
    for name in ("IMG_1.HEIC", "IMG_1.MOV", "clip.mp4", "words.txt"):
        (tmp_path / name).write_bytes(b"1")
    found = scan(tmp_path)
    assert len(list(found.files())) == 1
    assert found.videos == 2


def test_nothing_is_absent_from_where_a_drive_is_away(tmp_path: Path) -> None:
    """Also where the empty place stays at which it appears; and when it is back and empty, its files are gone."""
    for name in ("empty", "plain"):
        (tmp_path / name).mkdir()
    paths = {name: os.fsencode(tmp_path / name) for name in ("empty", "missing", "plain")}
    found = scan(tmp_path, mounts=frozenset({paths["empty"], paths["missing"]}))
    assert list(found.files()) == []
    assert found.found_mounts == {paths["empty"], paths["missing"]}
    assert {name: found.saw_absence_of(path + b"/1.jpg") for name, path in paths.items()} == {
        "empty": False,
        "missing": False,
        "plain": True,
    }


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second device")  # noqa: S108
def test_a_drive_in_a_folder_is_noticed() -> None:
    found = Scan(1, b"/dev", b"/dev", Exclusions([]))
    list(found.files())
    assert b"/dev/shm" in found.found_mounts
