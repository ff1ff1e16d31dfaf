"""What is found in one archive, what is not looked at, and what broken and hostile ones cost."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from isthisme.bulk.archive_files import ArchiveFile, find_archives
from isthisme.bulk.archive_scanning import Counts, scan_archive
from isthisme.bulk.findings import Finding, Trouble
from isthisme.domain import Judgement, QueryDescription, ReferencePreview
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.errors import SourceUnreadable, WorkerCrashed
from tests.bulk.watching import PAGE, Reader, copy, page, seen, watched
from tests.pictures import drawn, encoded
from tests.scanning.archives import packed, zipped

STRANGER = encoded(drawn(300))


class Counting:
    """The engine, which counts what it is asked to describe; pictures of a given kind end its process."""

    def __init__(self, poison: bytes = b"") -> None:
        self._engine = Engine(Models.none())
        self._poison = poison
        self.described: list[bytes] = []

    def describe_query(self, data: bytes, *, deep: bool) -> QueryDescription:
        self.described.append(data)
        if self._poison and self._poison in data:
            raise WorkerCrashed("the decoding process died on this picture; nothing else is affected")
        return self._engine.describe_query(data, deep=deep)

    def verify(self, data: bytes, references: Sequence[ReferencePreview], *, deep: bool) -> Judgement:
        return self._engine.verify(data, references, deep=deep)


@pytest.fixture(scope="module")
def describer() -> Counting:
    return Counting()


def scanned(
    folder: Path, data: bytes, describer: Counting | None = None, name: str = "site.warc.gz"
) -> tuple[list[Finding | Trouble], Counts]:
    (folder / name).write_bytes(data)
    (archive,) = find_archives([str(folder / name)])
    assert isinstance(archive, ArchiveFile)
    counts = Counts()
    return list(scan_archive(archive, watched(describer), Reader(), counts)), counts


def test_a_finding_tells_where_it_lies_and_for_whom(tmp_path: Path) -> None:
    records = [page(PAGE, " Our  gallery ", 1), *seen("a.jpg", STRANGER, 2, PAGE), *seen("b.jpg", copy(1), 3, PAGE)]
    archive = packed(*records)
    told, counts = scanned(tmp_path, archive)
    (found,) = told
    assert isinstance(found, Finding)
    assert (found.owner, found.verdict) == ("ana", "copy")
    assert [match.photo for match in found.matches] == ["ana/1.jpg"]
    assert (found.page_address, found.page_title) == (PAGE, "Our gallery")
    assert found.picture_address == "https://pictures.example/b.jpg"
    assert found.picture == copy(1)
    assert found.record is not None
    assert (found.record.record_id, found.record.recorded) == ("<urn:uuid:3>", "2026-11-20T10:00:00Z")
    assert found.record.length is not None
    lies_there = archive[found.record.offset : found.record.offset + found.record.length]
    assert gzip.decompress(lies_there) == records[3]
    assert counts == Counts(pictures=2)


def test_a_photo_of_two_owners_is_found_for_both_and_judged_once(tmp_path: Path) -> None:
    describer = Counting()
    told, _ = scanned(tmp_path, packed(*seen("a.jpg", copy(2), 1)), describer)
    assert [(each.owner, each.matches[0].photo) for each in told if isinstance(each, Finding)] == [
        ("ana", "ana/2.jpg"),
        ("bo", "bo/2.jpg"),
    ]
    assert len(describer.described) == 1


def test_the_same_bytes_are_judged_once_and_told_wherever_they_lie(tmp_path: Path) -> None:
    records = [each for number in range(12) for each in seen(f"{number}.jpg", copy(3), number)]
    describer = Counting()
    told, counts = scanned(tmp_path, packed(*records), describer)
    assert [each.picture_address.rpartition("/")[2] for each in told if isinstance(each, Finding)] == [
        f"{number}.jpg" for number in range(12)
    ]
    assert counts.pictures == 12
    assert len(describer.described) <= 2  # two may be under way at once


def test_icons_are_counted_and_not_looked_at(tmp_path: Path) -> None:
    icon = encoded(np.ascontiguousarray(drawn(1)[:48, :48]))
    describer = Counting()
    told, counts = scanned(tmp_path, packed(*seen("icon.jpg", icon, 1), *seen("a.jpg", copy(1), 2)), describer)
    assert counts == Counts(pictures=2, icons=1)
    assert describer.described == [copy(1)]
    assert len(told) == 1


def test_a_picture_that_ends_its_worker_is_a_row_and_the_next_one_is_found(tmp_path: Path) -> None:
    poisonous = STRANGER + b"poison"
    records = [
        *seen("bad.jpg", poisonous, 1),
        *seen("broken.jpg", b"\xff\xd8\xff nothing", 2),
        *seen("a.jpg", copy(1), 3),
    ]
    told, counts = scanned(tmp_path, packed(*records), Counting(b"poison"))
    died, broken, found = told
    assert isinstance(died, Trouble)
    assert (died.code, died.address) == ("worker_crashed", "https://pictures.example/bad.jpg")
    assert died.record is not None
    assert died.record.record_id == "<urn:uuid:1>"
    assert isinstance(broken, Trouble)
    assert broken.code == "unreadable_image"
    assert isinstance(found, Finding)
    assert counts == Counts(pictures=3, troubles=2)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (packed(*seen("a.jpg", copy(1), 1)) + packed(*seen("b.jpg", copy(1), 2))[:-40], "1 of its records are broken"),
        (packed(*seen("a.jpg", copy(1), 1)) + b"\x1f\x8b\x08" + b"\xff" * 500, "1 of its records are broken"),
        (b"WARC/1.0\r\n" + b"a" * 300_000 + b"\r\n" + b"".join(seen("a.jpg", copy(1), 1)), "records are broken"),
    ],
    ids=["truncated", "no gzip", "endless line"],
)
def test_a_broken_archive_costs_its_broken_records(tmp_path: Path, made: bytes, words: str) -> None:
    told, _ = scanned(tmp_path, made)
    troubles = [each for each in told if isinstance(each, Trouble)]
    assert len(troubles) == 1
    assert words in troubles[0].words
    assert troubles[0].code == "unreadable_image"


def test_a_bomb_ends_at_what_archives_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("isthisme.scanning.unpacking._SMALL", 1 << 20)
    monkeypatch.setattr("isthisme.scanning.unpacking._MOST_TIMES_LARGER", 1)
    found, bomb = scanned(tmp_path, packed(*seen("a.jpg", copy(1), 1)) + gzip.compress(bytes(4 << 20)))[0]
    assert isinstance(found, Finding)
    assert isinstance(bomb, Trouble)
    assert "made to harm" in bomb.words


@pytest.mark.parametrize(
    ("name", "data"), [("a.warc", b"no archive"), ("a.wacz", b"PK\x03\x04 no zip"), ("a.warc", b"")]
)
def test_what_is_no_archive_is_a_row(tmp_path: Path, name: str, data: bytes) -> None:
    ((told,), counts) = scanned(tmp_path, data, name=name)
    assert isinstance(told, Trouble)
    assert counts == Counts(troubles=1)


def test_a_packed_archive_lists_the_titles_of_its_pages(tmp_path: Path) -> None:
    listed = {"format": "json-pages-1.0"}, {"url": PAGE, "title": "As\nlisted", "text": "private words"}
    wacz = zipped(
        {
            "pages/pages.jsonl": "\n".join(map(json.dumps, listed)).encode() + b"\n[[[[not json\n",
            "archive/data.warc.gz": packed(page(PAGE, "As written", 9), *seen("a.jpg", copy(1), 1, PAGE)),
        }
    )
    ((found,), _) = scanned(tmp_path, wacz, name="site.wacz")
    assert isinstance(found, Finding)
    assert found.page_title == "As listed"
    assert found.record is not None
    assert found.record.archive == f"{found.archive}/archive/data.warc.gz"


def test_an_archive_that_vanished_is_to_be_tried_again(tmp_path: Path) -> None:
    gone = ArchiveFile(f"file://{tmp_path}/gone.warc", 10, "")
    with pytest.raises(SourceUnreadable, match="is not there"):
        list(scan_archive(gone, watched(), Reader(), Counts()))
