"""Which archives an address stands for, also where a stranger wrote the list."""

import gzip
from pathlib import Path

import pytest

from isthisme.bulk.archive_files import ArchiveFile, find_archives
from isthisme.scanning.found import Unread


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """Laid out as Common Crawl's bucket is."""
    folder = tmp_path / "crawl-data" / "CC-1" / "segments" / "1" / "warc"
    folder.mkdir(parents=True)
    for name in ("a.warc.gz", "b.warc.gz", "notes.txt"):
        (folder / name).write_bytes(b"x")
    (tmp_path / "site.WACZ").write_bytes(b"x")
    return tmp_path


def found(crawl: Path, *targets: str) -> list[str]:
    """Paths of archives below the crawl's folder; of what cannot be read its words."""
    return [
        each.address.removeprefix(f"file://{crawl}/") if isinstance(each, ArchiveFile) else each.words
        for each in find_archives(targets)
    ]


A, B = (f"crawl-data/CC-1/segments/1/warc/{name}.warc.gz" for name in "ab")


def test_files_patterns_and_folders_give_each_archive_once(crawl: Path) -> None:
    folder = crawl / "crawl-data"
    assert found(crawl, str(crawl / A), f"{folder}/CC-1/segments/*/warc/*.warc.gz", str(crawl)) == [A, B, "site.WACZ"]


@pytest.mark.parametrize("is_packed", [True, False])
def test_a_list_of_paths_names_archives_of_its_own_bucket(crawl: Path, *, is_packed: bool) -> None:
    text = f"{A}\n\n{B}\n".encode()
    paths = crawl / "crawl-data" / "CC-1" / ("warc.paths.gz" if is_packed else "warc.paths")
    paths.write_bytes(gzip.compress(text) if is_packed else text)
    assert found(crawl, str(paths)) == [A, B]


@pytest.mark.parametrize(
    "line",
    [
        "/etc/passwd.warc",
        "../../x.warc",
        "crawl-data/../../x.warc",
        "file:///etc/x.warc",
        "s3://b/x.warc",
        "a.txt",
        "*.warc",
    ],
)
def test_a_list_leads_nowhere_else(crawl: Path, line: str) -> None:
    paths = crawl / "crawl-data" / "warc.paths"
    paths.write_text(f"{line}\n{A}\n")
    refused, kept = found(crawl, str(paths))
    assert "which is no archive beside it" in refused
    assert kept == A


def test_what_is_not_there_or_broken_is_told_and_the_rest_is_found(crawl: Path) -> None:
    (crawl / "cut.paths.gz").write_bytes(gzip.compress(f"{A}\n".encode() * 2000)[:-10])
    (crawl / "gone.paths").write_text("crawl-data/gone.warc\n")
    gone, first, *cut, listed, last = found(
        crawl, *(str(crawl / name) for name in ("none.warc", "cut.paths.gz", "gone.paths", B))
    )
    assert gone.endswith("none.warc is not there")
    assert first == A
    assert "is damaged" in cut[-1]
    assert listed.endswith("crawl-data/gone.warc is not there")
    assert last == B


def test_a_folder_without_archives_is_told(crawl: Path) -> None:
    (crawl / "empty").mkdir()
    (told,) = find_archives([str(crawl / "empty")])
    assert isinstance(told, Unread)
    assert "holds no web archives" in told.words


def test_a_file_that_changes_has_another_name(crawl: Path) -> None:
    (before,) = find_archives([str(crawl / A)])
    (crawl / A).write_bytes(b"longer")
    (after,) = find_archives([str(crawl / A)])
    assert isinstance(before, ArchiveFile)
    assert isinstance(after, ArchiveFile)
    assert before.name != after.name
    assert len(after.name) == 32
