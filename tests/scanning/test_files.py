"""What the user names on this computer is known by what it is."""

import gzip
import os
from pathlib import Path

import pytest

from isthisme.errors import UsageError
from isthisme.scanning.files import pictures_in
from isthisme.scanning.found import FoundPicture, Unread
from tests.scanning.archives import PNG, packed, record, zipped

SITE = record("resource", "https://x.example/a.png", PNG)


def addresses(path: Path) -> list[str]:
    found = pictures_in(os.fsencode(path))
    return [each.picture_address if isinstance(each, FoundPicture) else each.address + "!" for each in found]


def test_a_folder_is_looked_through_with_those_in_it(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("b.jpg", "a.txt", "in/c d.PNG", "in/deep/\udce9.gif", ".trashed-1.jpg"):
        Path(tmp_path / name).write_bytes(PNG)
    (tmp_path / "in" / "deep" / "gone.jpg").symlink_to("nowhere")
    (tmp_path / "around").symlink_to(tmp_path)
    base = f"file://{tmp_path}"
    assert addresses(tmp_path) == [f"{base}/b.jpg", f"{base}/in/c%20d.PNG", f"{base}/in/deep/%E9.gif"]
    found = list(pictures_in(os.fsencode(tmp_path)))
    assert [each.page_address for each in found if isinstance(each, FoundPicture)] == [
        f"{base}/",
        f"{base}/in/",
        f"{base}/in/deep/",
    ]


def test_a_file_past_the_limit_is_named(tmp_path: Path) -> None:
    with (tmp_path / "a.jpg").open("wb") as stream:
        stream.truncate((64 << 20) + 1)
    (unread,) = pictures_in(os.fsencode(tmp_path))
    assert isinstance(unread, Unread)
    assert unread.code == "image_too_large"


@pytest.mark.parametrize(
    ("data", "address"),
    [
        (zipped({"a.png": PNG}), "a.png"),
        (SITE, "https://x.example/a.png"),
        (packed(SITE), "https://x.example/a.png"),
    ],
)
def test_an_archive_is_known_whatever_its_name(tmp_path: Path, data: bytes, address: str) -> None:
    (tmp_path / "download").write_bytes(data)
    (found,) = addresses(tmp_path / "download")
    assert found.endswith(address)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"7z\xbc\xaf\x27\x1c\0\0", "is a 7z archive, which is not read; unpack it"),
        (b"Rar!\x1a\x07\x01\0", "is a RAR archive, which is not read; unpack it"),
        (PNG, "a single picture is looked at by 'isthisme check'"),
        (gzip.compress(b"no records", mtime=0), "is no folder, zip archive or recorded site"),
        (b"\x1f\x8b\x08\xff\xff", "is no folder, zip archive or recorded site"),
        (b"", "is no folder, zip archive or recorded site"),
        (None, "cannot be read: No such file"),
    ],
)
def test_what_is_nothing_of_these_is_refused_in_words(tmp_path: Path, data: bytes | None, words: str) -> None:
    path = tmp_path / "x.zip"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(UsageError, match=words.replace("'", ".")):
        pictures_in(os.fsencode(path))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="neither a folder nor a file"):
        pictures_in(os.fsencode(tmp_path / "pipe"))
