"""Pictures in zip archives, of which nothing is taken on trust."""

import io
import zipfile

import pytest

from isthisme.scanning import zip_archive
from isthisme.scanning.found import Found, FoundPicture, Unread
from isthisme.scanning.unpacking import Allowance, TooMuchUnpacked
from isthisme.scanning.zip_archive import ZipScan
from tests.scanning.archives import encrypted, packed, record, with_size, zipped

PICTURE = b"\x89PNG\r\n\x1a\npicture"


def found_in(archive: bytes, allowance: Allowance | None = None) -> list[Found]:
    return list(ZipScan(allowance or Allowance(len(archive))).pictures(io.BytesIO(archive), "file:///a/pack.zip"))


def addresses(found: list[Found]) -> list[str]:
    """Of pictures, with a mark where one could not be read."""
    named = [each.picture_address if isinstance(each, FoundPicture) else f"{each.address}!" for each in found]
    return [name.removeprefix("file:///a/pack.zip") for name in named]


def test_pictures_are_read_and_named_by_their_places() -> None:
    archive = zipped({"a/b.jpg": PICTURE, "c.HEIC": PICTURE, "notes.txt": b"", "a/": b"", "__MACOSX/._b.jpg": b"waste"})
    first, second = found_in(archive)
    assert isinstance(first, FoundPicture)
    assert first.data == PICTURE
    assert (first.page_address, first.picture_address) == ("file:///a/pack.zip", "file:///a/pack.zip/a/b.jpg")
    assert addresses([first, second]) == ["/a/b.jpg", "/c.HEIC"]


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("../../etc/a.jpg", "/../../etc/a.jpg"),
        ("/etc/a.jpg", "//etc/a.jpg"),
        ("C:\\a.jpg", "/C%3A%5Ca.jpg"),
        ("照片.jpg", "/%E7%85%A7%E7%89%87.jpg"),
        ("\x1b[31m\u202e.jpg", "/%1B%5B31m%E2%80%AE.jpg"),
        ("a\nb.jpg", "/a%0Ab.jpg"),
        ("x" * 60_000 + ".jpg", "/" + "x" * 60_000 + ".jpg"),
    ],
)
def test_a_name_is_a_name_and_no_more(name: str, address: str) -> None:
    assert addresses(found_in(zipped({name: PICTURE}))) == [address]


def test_archives_in_archives_are_read_to_a_depth() -> None:
    archive = zipped({"a.jpg": PICTURE})
    for depth in range(4):
        archive = zipped({f"{depth}.zip": archive, f"{depth}.jpg": PICTURE})
    assert addresses(found_in(archive)) == ["/3.zip/2.zip/1.zip!", "/3.zip/2.zip/1.jpg", "/3.zip/2.jpg", "/3.jpg"]


def test_recorded_sites_in_archives_are_read() -> None:
    site = packed(record("resource", "https://x.example/a.png", PICTURE))
    (found,) = found_in(zipped({"archive/data.warc.gz": site, "pages/pages.jsonl": b"{}"}, zipfile.ZIP_STORED))
    assert isinstance(found, FoundPicture)
    assert found.picture_address == "https://x.example/a.png"
    assert found.words == "recorded in file:///a/pack.zip/archive/data.warc.gz at 2026-11-20T10:00:00Z"


WHOLE = zipped({"a.jpg": PICTURE, "b.jpg": PICTURE}, zipfile.ZIP_STORED)


@pytest.mark.parametrize(
    ("archive", "found", "words"),
    [
        (b"", ["!"], "cannot be read as a zip archive"),
        (b"PK\x03\x04" + b"x" * 100, ["!"], "cannot be read as a zip archive"),
        (WHOLE[:-30], ["!"], "cannot be read as a zip archive"),
        (WHOLE.replace(PICTURE, b"?" * len(PICTURE), 1), ["/a.jpg!", "/b.jpg"], "damaged"),
        (encrypted(WHOLE), ["/a.jpg!", "/b.jpg!"], "with its password"),
        (zipped({"a.jpg": PICTURE}, zipfile.ZIP_LZMA), ["/a.jpg!"], "packed in a way"),
        (zipped({"a.zip": b"no archive"}), ["/a.zip!"], "cannot be read as a zip archive"),
        (zipped({"a.jpg": bytes((64 << 20) + 1)}), ["/a.jpg!"], "over 64 MiB"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(archive: bytes, found: list[str], words: str) -> None:
    come_upon = found_in(archive)
    assert addresses(come_upon) == found
    assert words in next(each.words for each in come_upon if isinstance(each, Unread))


def test_what_an_archive_says_of_sizes_counts_for_nothing() -> None:
    assert addresses(found_in(with_size(WHOLE, 2**32 - 2))) == ["/a.jpg", "/b.jpg"]


def test_a_bomb_stops_at_what_archives_hold() -> None:
    archive = zipped({f"{number}.jpg": bytes(1 << 20) for number in range(10)})
    allowance = Allowance(len(archive))
    allowance.spend((1 << 30) - (4 << 20))  # as if so much had come out of it before
    read = []
    with pytest.raises(TooMuchUnpacked, match="made to harm"):
        read.extend(ZipScan(allowance).pictures(io.BytesIO(archive), "file:///a/pack.zip"))
    large = Allowance(1 << 30)
    large.spend(90 << 30)  # what is large may hold more


def test_an_archive_of_too_many_files_is_read_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_archive, "_MOST_FILES", 3)
    inner = zipped({f"{number}.jpg": PICTURE for number in range(5)})
    assert addresses(found_in(zipped({"a.zip": inner, "b.jpg": PICTURE}))) == [
        "/a.zip/0.jpg",
        "/a.zip/1.jpg",
        "/a.zip!",
        "!",
    ]
