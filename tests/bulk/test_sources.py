"""Which units an address holds, and what they give when they are read."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path
from random import Random

import fsspec
import pyarrow
import pyarrow.parquet
import pytest

from isthisme.bulk.archives import split
from isthisme.bulk.reading import Picture, read_unit
from isthisme.bulk.sources import Archive, Member, Unit, find_files, find_units, grouped
from isthisme.errors import UsageError
from isthisme.scanning.found import Unread


def _contents(url: str) -> dict[str, bytes | str]:
    """Address to bytes, or to the code of what went wrong, of all that lies at an address."""
    found: dict[str, bytes | str] = {}
    for source in find_units(url):
        for unit in split(source) if isinstance(source, Archive) else [source]:
            for each in [unit] if isinstance(unit, Unread) else read_unit(unit):
                found[each.address] = each.data if isinstance(each, Picture) else each.code
    return found


def _tar(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def test_a_folder_gives_its_pictures_with_those_below_in_the_order_of_their_paths(tmp_path: Path) -> None:
    for name in ("b.jpg", "a/2.png", "a/1.JPG", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "loop").symlink_to(tmp_path)
    (units,) = find_units(str(tmp_path))
    assert isinstance(units, Unit)
    assert [member.name for member in units.members] == [
        f"file://{tmp_path}/{name}" for name in ("a/1.JPG", "a/2.png", "b.jpg")
    ]
    assert [each.data for each in read_unit(units) if isinstance(each, Picture)] == [b"a/1.JPG", b"a/2.png", b"b.jpg"]


def test_archives_of_every_kind_give_the_pictures_that_they_hold(tmp_path: Path) -> None:
    members = {"000.jpg": b"first", "000.json": b"{}", "deep/001.png": b"second" * 100, "._000.jpg": b"no picture"}
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data, zipfile.ZIP_DEFLATED if "deep" in name else zipfile.ZIP_STORED)
    (tmp_path / "b.tar").write_bytes(_tar(members))
    (tmp_path / "c.tar.gz").write_bytes(gzip.compress(_tar(members)))
    assert _contents(str(tmp_path)) == {
        f"file://{tmp_path}/{name}/{member}": members[member]
        for name in ("a.zip", "b.tar", "c.tar.gz")
        for member in ("000.jpg", "deep/001.png")
    }


def test_a_table_gives_its_addresses_and_the_same_units_from_another_table(tmp_path: Path) -> None:
    addresses = [f"https://site.example/{number}.jpg" for number in range(500)]
    for name in ("a.parquet", "b.parquet"):
        table = pyarrow.table({"width": [1] * 501, "URL": [*addresses, None]})
        pyarrow.parquet.write_table(table, tmp_path / name)
    first, second = ([*split(each)] for each in find_units(f"{tmp_path}/*.parquet") if isinstance(each, Archive))
    assert all(isinstance(unit, Unit) for unit in (*first, *second))
    assert [member.name for unit in first if isinstance(unit, Unit) for member in unit.members] == addresses
    assert [unit.name for unit in first if isinstance(unit, Unit)] == [
        unit.name for unit in second if isinstance(unit, Unit)
    ]


@pytest.mark.parametrize("address", ["file:///etc/hosts", "http://127.0.0.1:9/a.jpg", "http://printer.lan/a.jpg", ""])
def test_a_table_leads_neither_to_files_nor_into_the_own_network(tmp_path: Path, address: str) -> None:
    pyarrow.parquet.write_table(pyarrow.table({"url": [address]}), tmp_path / "a.parquet")
    assert _contents(str(tmp_path)) == {address: "address_refused"}


def test_what_is_broken_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    good = {f"{number:03}.jpg": b"%d" % number * 40 for number in range(200)}
    whole = _tar(good)
    (tmp_path / "cut.tar").write_bytes(whole[: 512 + 512 + 512 + 100])  # a member, and the head of another
    (tmp_path / "no.zip").write_bytes(b"no archive")
    (tmp_path / "no.parquet").write_bytes(b"no table")
    pyarrow.parquet.write_table(pyarrow.table({"name": ["a"]}), tmp_path / "other.parquet")
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("a.jpg", b"as it was")
        archive.writestr("b.jpg", b"untouched")
    data = (tmp_path / "bad.zip").read_bytes()
    (tmp_path / "bad.zip").write_bytes(data.replace(b"as it was", b"as it IS "))
    found = _contents(str(tmp_path))
    at = f"file://{tmp_path}"
    assert found[f"{at}/bad.zip/a.jpg"] == "unreadable_image"
    assert found[f"{at}/bad.zip/b.jpg"] == b"untouched"
    assert found[f"{at}/cut.tar/000.jpg"] == good["000.jpg"]
    for name in ("no.zip", "no.parquet", "other.parquet"):
        assert found[f"{at}/{name}"] == "unreadable_image"


def test_an_archive_that_unpacks_without_an_end_is_left(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a.jpg")
    info.size = 1 << 40
    (tmp_path / "bomb.tgz").write_bytes(gzip.compress(info.tobuf() + bytes(1 << 20)))
    ((units,)) = [split(each) for each in find_units(str(tmp_path)) if isinstance(each, Archive)]
    assert isinstance(units[-1], Unread)
    assert "made to harm" in units[-1].words


def test_a_file_that_vanished_grew_or_may_not_be_read_is_told(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.jpg").write_bytes(b"listed")
    (unit,) = find_units(str(tmp_path))
    assert isinstance(unit, Unit)
    (tmp_path / "a.jpg").unlink()
    (tmp_path / "b.jpg").write_bytes(b"listed, then more")
    gone, grown, sound = read_unit(unit)
    assert isinstance(gone, Unread)
    assert (gone.code, "is not there" in gone.words) == ("source_unreadable", True)
    assert isinstance(grown, Unread)
    assert "has changed" in grown.words
    assert isinstance(sound, Picture)


def test_an_address_that_holds_nothing_is_told_and_one_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (nothing,) = find_units(f"file://{tmp_path}/nowhere")
    assert isinstance(nothing, Unread)
    assert (nothing.code, nothing.address) == ("source_unreadable", f"file://{tmp_path}/nowhere")
    for url in ("s3://key:secret@bucket/a", "https://site.example/a.zip", "zip://a::file://b", "nosuchstore://a"):
        with pytest.raises(UsageError):
            list(find_units(url))


def test_a_new_file_changes_one_unit_and_no_other() -> None:
    random = Random(7)
    members = [Member(f"file:///photos/{random.getrandbits(64):016x}.jpg", 100_000, "1") for _ in range(3_000)]
    members.sort()
    before = {Unit("files", "", group).name for group in grouped(members)}
    more = sorted([*members, Member("file:///photos/7777777777777777.jpg", 100_000, "1")])
    after = {Unit("files", "", group).name for group in grouped(more)}
    assert len(before) > 25
    assert len(after - before) <= 2


def test_units_hold_no_more_than_a_worker_can_take() -> None:
    groups = list(grouped(Member(f"{number}", 12 << 20, "1") for number in range(400)))
    assert max(len(group) for group in groups) <= 6
    assert sum(len(group) for group in groups) == 400


def test_a_bucket_in_memory_is_looked_through_like_a_folder() -> None:
    store = fsspec.filesystem("memory")
    store.pipe({"/bulk-sources/2024/a.jpg": b"a", "/bulk-sources/2025/b.jpg": b"b", "/bulk-sources/c.txt": b"c"})
    try:
        assert _contents("memory://bulk-sources") == {
            "memory:///bulk-sources/2024/a.jpg": b"a",
            "memory:///bulk-sources/2025/b.jpg": b"b",
        }
        named = [each for each in find_files("memory://bulk-sources/*/b.jpg") if not isinstance(each, Unread)]
        assert [each.address for each in named] == ["memory:///bulk-sources/2025/b.jpg"]
    finally:
        store.rm("/bulk-sources", recursive=True)
