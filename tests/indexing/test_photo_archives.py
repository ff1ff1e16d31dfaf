"""Photos in zip archives: read in place, and nothing that an archive says is taken on trust."""

import errno
import os
import struct
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Never

import pytest

from isthisme.answer_note import photo_is_there
from isthisme.benchmark.rescan import NoDescriber
from isthisme.catalog import Catalog
from isthisme.errors import UsageError
from isthisme.indexing import photo_archives
from isthisme.indexing.exclusions import Exclusions
from isthisme.indexing.indexer import Indexer, Outcome
from isthisme.indexing.photo_archives import ArchiveScan


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path / "catalog.db")) as opened:
        yield opened


def make(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def refresh(catalog: Catalog) -> Outcome:
    return Indexer(catalog, NoDescriber(), model=None, under_way=4).refresh()


def known(catalog: Catalog, archive: Path) -> list[str]:
    """What is known in an archive, with a mark where it could not be read."""
    places = catalog.photos.places_below(os.fsencode(archive.resolve()))
    prefix = f"{archive.resolve()}/"
    return [os.fsdecode(each.path).removeprefix(prefix) + ("!" if each.has_trouble else "") for each in places]


def reasons(outcome: Outcome) -> str:
    return "; ".join(f"{path.name} {why}" for path, why in outcome.unreadable)


EXPORT = {
    "Takeout/Google Photos/2019/a.jpg": b"one",
    "Takeout/Google Photos/2019/a.jpg.json": b"{}",
    "Takeout/Google Photos/b.HEIC": b"two",
    "Takeout/Google Photos/b.MP4": b"moves",
    "Takeout/__MACOSX/._a.jpg": b"waste",
}


def test_an_export_is_indexed_and_looked_into_again_only_when_it_changed(tmp_path: Path, catalog: Catalog) -> None:
    archive = make(tmp_path / "export.zip", EXPORT)
    catalog.folders.add(archive)
    first = refresh(catalog)
    assert (first.added, first.skipped_videos, first.unreadable) == (2, 1, [])
    assert known(catalog, archive) == ["Takeout/Google Photos/2019/a.jpg", "Takeout/Google Photos/b.HEIC"]
    again = refresh(catalog)
    assert (again.added, again.unchanged, again.skipped_videos) == (0, 2, 1)
    make(archive, EXPORT | {"Takeout/c.jpg": b"three", "Takeout/Google Photos/b.HEIC": b"TWO"})
    changed = refresh(catalog)
    assert (changed.added, changed.unchanged, changed.gone) == (2, 1, 0)


def test_a_photo_in_an_archive_is_there_as_long_as_the_archive_is(tmp_path: Path, catalog: Catalog) -> None:
    archive = make(tmp_path / "export.zip", EXPORT)
    catalog.folders.add(archive)
    refresh(catalog)
    path = catalog.photos.path_of(1)
    assert path == archive.resolve() / "Takeout/Google Photos/2019/a.jpg"
    assert photo_is_there(path)
    archive.unlink()
    assert not photo_is_there(path)
    outcome = refresh(catalog)
    assert (outcome.gone, outcome.absent_folders) == (0, [archive.resolve()])
    assert catalog.photos.count() == 2


def test_of_an_archive_that_cannot_be_opened_nothing_counts_as_gone(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)  # which is opened as a file by nobody, root too
    scan = ArchiveScan(1, folder, Exclusions(()))
    assert list(scan.files()) == []
    assert scan.unreadable_folders == [folder + b"/"]
    assert not scan.saw_absence_of(folder + b"/a.jpg")


def test_an_archive_that_may_not_be_read_holds_up_no_other_folder(
    tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: bytes, _mode: str) -> Never:  # as the system does to all but root
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    archive = make(tmp_path / "export.zip", EXPORT)
    (tmp_path / "photos").mkdir()
    for path in (archive, tmp_path / "photos"):
        catalog.folders.add(path)
    refresh(catalog)
    os.utime(archive, (1, 1))
    (tmp_path / "photos" / "new.jpg").write_bytes(b"new")
    with monkeypatch.context() as patched:
        patched.setattr(photo_archives, "open", refuse, raising=False)
        closed = refresh(catalog)
    assert (closed.added, closed.gone, closed.unreadable_folders) == (1, 0, [archive.resolve()])
    assert refresh(catalog).unchanged == 3


def test_an_archive_in_a_folder_of_the_users_stands_by_itself(tmp_path: Path, catalog: Catalog) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "z.jpg").write_bytes(b"z")
    archive = make(photos / "export.zip", {"a.jpg": b"one"})
    for path in (archive, photos, archive):
        catalog.folders.add(path)
    assert len(catalog.folders.all()) == 2
    assert refresh(catalog).added == 2
    assert (refresh(catalog).unchanged, refresh(catalog).gone) == (2, 0)
    catalog.folders.remove(archive)
    assert catalog.photos.count() == 1


def test_the_parts_of_one_export_and_a_folder_share_their_photos(tmp_path: Path, catalog: Catalog) -> None:
    for name in ("part-001.zip", "part-002.zip"):
        catalog.folders.add(make(tmp_path / name, {"a.jpg": b"one", f"{name}.jpg": name.encode()}))
    assert refresh(catalog).added == 4
    assert catalog.photos.count() == 3


def test_names_that_lead_out_of_the_archive_are_left_out_and_told_of(tmp_path: Path, catalog: Catalog) -> None:
    archive = make(
        tmp_path / "export.zip", {"../a.jpg": b"1", "/etc/b.jpg": b"2", "c/../../d.jpg": b"3", "e.jpg": b"4"}
    )
    catalog.folders.add(archive)
    outcome = refresh(catalog)
    assert outcome.added == 1
    assert known(catalog, archive) == [f"{archive.resolve()}!", "e.jpg"]
    assert "3 of its files have names that lead out of it" in reasons(outcome)


def test_a_name_that_is_not_utf8_is_kept_as_it_is(tmp_path: Path, catalog: Catalog) -> None:
    archive = make(tmp_path / "export.zip", {"__.jpg": b"1"})
    archive.write_bytes(archive.read_bytes().replace(b"__.jpg", b"\xd5\xd5.jpg"))  # as programs in China write it
    catalog.folders.add(archive)
    assert refresh(catalog).added == 1
    assert known(catalog, archive) == [os.fsdecode(b"\xd5\xd5.jpg")]


def test_what_is_encrypted_or_an_archive_itself_is_left_out_and_told_of(tmp_path: Path, catalog: Catalog) -> None:
    archive = make(tmp_path / "export.zip", {"secret.jpg": b"1", "inner.zip": b"2"})
    data = bytearray(archive.read_bytes())
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"secret.jpg"))
    data[entry + 8] |= 1  # says that it is encrypted
    archive.write_bytes(data)
    catalog.folders.add(archive)
    outcome = refresh(catalog)
    assert known(catalog, archive) == ["inner.zip!", "secret.jpg!"]
    assert "secret.jpg is encrypted" in reasons(outcome)
    assert "inner.zip is an archive in an archive" in reasons(outcome)


def test_one_damaged_photo_does_not_spoil_the_others(tmp_path: Path, catalog: Catalog) -> None:
    archive = make(tmp_path / "export.zip", {"a.jpg": b"first photo", "b.jpg": b"second"}, zipfile.ZIP_STORED)
    archive.write_bytes(archive.read_bytes().replace(b"first photo", b"first phot!"))
    catalog.folders.add(archive)
    outcome = refresh(catalog)
    assert (outcome.added, known(catalog, archive)) == (1, ["a.jpg!", "b.jpg"])
    assert "is damaged in the archive" in reasons(outcome)


def test_an_archive_that_would_swell_is_refused_as_a_whole(tmp_path: Path, catalog: Catalog) -> None:
    archive = make(tmp_path / "bomb.zip", {f"{number}.jpg": b"0" * 100 for number in range(3)})
    data = bytearray(archive.read_bytes())
    position = -1
    while (position := data.find(b"PK\x01\x02", position + 1)) >= 0:
        data[position + 24 : position + 28] = struct.pack("<I", 4_000_000_000)  # what it says it unpacks to
    archive.write_bytes(data)
    catalog.folders.add(archive)
    outcome = refresh(catalog)
    assert known(catalog, archive) == [f"{archive.resolve()}!"]
    assert "would unpack to 11 GiB" in reasons(outcome)


def test_a_photo_that_swells_more_than_it_says_is_cut_off(tmp_path: Path, catalog: Catalog) -> None:
    archive = make(tmp_path / "export.zip", {"a.jpg": b"0" * 10_000_000})
    data = bytearray(archive.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 1000)
    archive.write_bytes(data)
    catalog.folders.add(archive)
    assert "is damaged in the archive" in reasons(refresh(catalog))


def test_a_list_that_claims_to_be_huge_is_not_read(tmp_path: Path, catalog: Catalog) -> None:
    archive = make(tmp_path / "export.zip", {"a.jpg": b"1"})
    with archive.open("ab") as stream:
        stream.truncate(100 << 20)
        stream.seek(0, os.SEEK_END)
        stream.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 90 << 20, 10 << 20, 0))
    catalog.folders.add(archive)
    assert "its list of files takes 90 MiB" in reasons(refresh(catalog))


def test_an_archive_that_breaks_off_is_told_of_and_read_when_it_is_whole(tmp_path: Path, catalog: Catalog) -> None:
    archive = make(tmp_path / "export.zip", {"a.jpg": b"1"})
    whole = archive.read_bytes()
    catalog.folders.add(archive)
    archive.write_bytes(whole[:-5])
    assert "cannot be read as a zip archive" in reasons(refresh(catalog))
    archive.write_bytes(whole)
    outcome = refresh(catalog)
    assert (outcome.added, outcome.unreadable) == (1, [])


def test_what_is_no_archive_is_not_added(tmp_path: Path, catalog: Catalog) -> None:
    (tmp_path / "export.zip").write_bytes(b"PK but nothing more")
    with pytest.raises(UsageError, match="nor a zip archive"):
        catalog.folders.add(tmp_path / "export.zip")


def test_what_is_excluded_is_left_out_of_archives_too(tmp_path: Path, catalog: Catalog) -> None:
    archive = make(tmp_path / "export.zip", {"memes/a.jpg": b"1", "b.jpg": b"2"})
    catalog.folders.add(archive)
    refresh(catalog)
    catalog.excluded.exclude("memes/")
    assert refresh(catalog).gone == 1
    assert known(catalog, archive) == ["b.jpg"]
    assert catalog.photos.count() == 1
