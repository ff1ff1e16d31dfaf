"""What is kept of an archive: all of it or nothing, the same when it is read, and erased when it is kept elsewhere."""

from pathlib import Path

import fsspec
import msgspec
import pytest
from pyarrow import parquet

from isthisme.answer_note import EditNote, MatchNote
from isthisme.bulk import findings
from isthisme.bulk.archive_files import ArchiveFile
from isthisme.bulk.findings import Finding, FindingsFolder, Trouble, checkpoint_name
from isthisme.domain import Exchange
from isthisme.errors import SourceUnreadable
from isthisme.scanning.found import ArchiveRecord

ARCHIVE = ArchiveFile("s3://crawl/a.warc.gz", 100, "etag")
RECORD = ArchiveRecord("s3://crawl/a.warc.gz", "<urn:uuid:1>", "2026-11-20T10:00:00Z", "sha1:ABC", 2**40, 900)
MATCH = MatchNote(
    7,
    "s3://ana/1.jpg",
    "copy",
    0.9,
    "a copy",
    [EditNote("shrunk", 0.5)],
    [(0.0, 0.0)],
    [(1.0, 1.0)],
    photo_is_present=True,
)


def finding(number: int, record: ArchiveRecord | None = RECORD, picture: bytes = b"\xff\xd8\0bytes") -> Finding:
    return Finding(
        owner="ana",
        verdict="copy",
        score=0.9,
        matches=[MATCH],
        width=10,
        height=20,
        page_address="https://a.example/",
        page_title=None,
        picture_address=f"https://a.example/{number}.jpg",
        picture_hash=bytes(32),
        picture=picture,
        archive=ARCHIVE.address,
        record=record,
        exchange=Exchange("a", "a", "file", status=200, response_headers=(("Server", "x"),)),
        words="recorded in s3://crawl/a.warc.gz",
    )


TOLD = [
    finding(1),
    finding(2, None),
    Trouble(ARCHIVE.address, "https://a.example/x", "unreadable_image", "words", RECORD),
]


def kept(folder: FindingsFolder, told: list[Finding | Trouble], watched: str = "photos") -> str:
    keeping = folder.keep(ARCHIVE, watched)
    for each in told:
        keeping.add(each)
    return keeping.finish(5, 2, is_whole=True)


@pytest.mark.parametrize("place", ["file", "memory"])
def test_what_is_kept_is_read_as_it_was(tmp_path: Path, place: str) -> None:
    folder = FindingsFolder(f"{tmp_path}/deep/findings/" if place == "file" else f"memory://findings-{tmp_path.name}")
    name = kept(folder, TOLD)
    checkpoint = folder.checkpoint(name)
    assert checkpoint is not None
    assert (checkpoint.archive, checkpoint.pictures, checkpoint.icons, checkpoint.is_whole) == (
        ARCHIVE.address,
        5,
        2,
        True,
    )
    assert list(folder.told(checkpoint)) == TOLD
    assert name == checkpoint_name(ARCHIVE, "photos")
    assert name in folder.names()
    assert checkpoint_name(ARCHIVE, "other photos") not in folder.names()


def test_other_tools_read_the_parts(tmp_path: Path) -> None:
    folder = FindingsFolder(str(tmp_path))
    kept(folder, TOLD)
    (part,) = tmp_path.glob("*.findings.parquet")
    table = parquet.read_table(part)
    assert table["record_offset"].to_pylist() == [2**40, None]
    assert table["picture"].to_pylist() == [b"\xff\xd8\0bytes"] * 2
    assert part.stat().st_mode & 0o077 == 0
    assert not list(tmp_path.glob(".*"))


def test_a_name_that_is_no_text_is_kept_as_what_can_be_read_of_it(tmp_path: Path) -> None:
    folder = FindingsFolder(str(tmp_path))
    checkpoint = folder.checkpoint(kept(folder, [Trouble("a", "file:///\udcff.warc", "code", "\udcff")]))
    assert checkpoint is not None
    (trouble,) = folder.told(checkpoint)
    assert isinstance(trouble, Trouble)
    assert trouble.words == "\N{REPLACEMENT CHARACTER}"


def test_large_findings_lie_in_several_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "_MOST_HELD", 1_000)
    folder = FindingsFolder(str(tmp_path))
    told: list[Finding | Trouble] = [finding(number, picture=bytes([number]) * 600) for number in range(5)]
    checkpoint = folder.checkpoint(kept(folder, told))
    assert checkpoint is not None
    assert len(checkpoint.findings) == 3
    assert list(folder.told(checkpoint)) == told


def test_nothing_counts_before_the_end(tmp_path: Path) -> None:
    folder = FindingsFolder(str(tmp_path / "findings"))
    assert folder.names() == frozenset()
    folder.keep(ARCHIVE, "photos").add(TOLD[0])
    assert checkpoint_name(ARCHIVE, "photos") not in folder.names()


def test_what_is_kept_elsewhere_is_erased_and_that_it_was_scanned_stays(tmp_path: Path) -> None:
    folder = FindingsFolder(str(tmp_path))
    name = kept(folder, TOLD)
    before = folder.checkpoint(name)
    assert before is not None
    folder.empty(before)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    after = folder.checkpoint(name)
    assert after == msgspec.structs.replace(before, findings=[], errors=[])


def test_a_broken_checkpoint_is_none_and_a_missing_part_is_told(tmp_path: Path) -> None:
    folder = FindingsFolder(str(tmp_path))
    name = kept(folder, TOLD)
    checkpoint = folder.checkpoint(name)
    assert checkpoint is not None
    (tmp_path / checkpoint.findings[0]).unlink()
    with pytest.raises(SourceUnreadable, match="is not there"):
        list(folder.told(checkpoint))
    (tmp_path / name).write_text("{")
    assert folder.checkpoint(name) is None


def test_a_file_that_could_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "by a folder").mkdir()
    with pytest.raises(SourceUnreadable):
        FindingsFolder(str(tmp_path)).write("taken", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
    assert fsspec.filesystem("file").isdir(str(tmp_path / "taken"))
