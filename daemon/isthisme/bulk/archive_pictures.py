"""The pictures of one web archive, read from where it lies as they come: it is never fetched whole, nor held."""

import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

import msgspec

from isthisme.bulk.archive_files import ArchiveFile
from isthisme.bulk.stores import in_words, open_store
from isthisme.errors import SourceUnreadable
from isthisme.indexing.photo_archives import SparingStream
from isthisme.scanning.files import recording_kind
from isthisme.scanning.found import Found, Unread
from isthisme.scanning.recorded_pages import RecordedPages
from isthisme.scanning.unpacking import Allowance, TooMuchUnpacked
from isthisme.scanning.web_archive import pictures_in_web_archive
from isthisme.scanning.zip_archive import ZipScan

_BLOCK = 4 << 20  # bytes asked for at once
_PAGE_LISTS = ("pages/pages.jsonl", "pages/extraPages.jsonl")
_LONGEST_LIST = 64 << 20  # bytes
_LONGEST_LINE = 1 << 20  # some crawlers put the whole text of a page into it
_MOST_TITLES = 100_000
_LONGEST_TITLE = 1_000


class PageTitles:
    """Titles that a packed archive (WACZ) lists by itself."""

    def __init__(self) -> None:
        self._titles: dict[str, str] = {}

    def of(self, page_address: str) -> str | None:
        return self._titles.get(page_address)

    def read(self, stream: BinaryIO) -> None:
        """From a zip archive that may be one. What is broken is left out: its pictures are told of elsewhere."""
        try:
            with zipfile.ZipFile(cast(BinaryIO, SparingStream(stream))) as archive:
                for name in set(_PAGE_LISTS).intersection(archive.namelist()):
                    with archive.open(name) as lines:
                        self._read_list(cast(BinaryIO, lines))
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError, OverflowError):
            return

    def _read_list(self, lines: BinaryIO) -> None:
        left = _LONGEST_LIST
        while left > 0 and len(self._titles) < _MOST_TITLES and (line := lines.readline(_LONGEST_LINE)):
            left -= len(line)
            try:
                page = _page_lines.decode(line)
            except (msgspec.DecodeError, RecursionError):  # the head of the list, or the rest of a long line
                continue
            if title := " ".join(page.title.split())[:_LONGEST_TITLE]:
                self._titles[page.url] = title


class _PageLine(msgspec.Struct):
    url: str
    title: str


_page_lines = msgspec.json.Decoder(_PageLine)


def pictures_of(archive: ArchiveFile, titles: PageTitles) -> Generator[Found, None, None]:
    """Those of an archive, each with its record, and rows for what is broken in it. Fills in `titles` first.

    Raises SourceUnreadable where the store does not give the archive, or not to its end.
    """
    allowance, pages = Allowance(archive.size), RecordedPages()
    with _opened(archive) as stream:
        kind = recording_kind(stream)
        stream.seek(0)
        try:
            if kind == "zip":
                titles.read(stream)
                stream.seek(0)
                yield from ZipScan(allowance, pages).pictures(stream, archive.address)
            elif kind == "warc":
                yield from pictures_in_web_archive(stream, archive.address, allowance, pages)
            else:
                yield Unread(archive.address, SourceUnreadable.code, "is no web archive (WARC, WACZ)")
        except TooMuchUnpacked as error:
            yield Unread.because(archive.address, error)


@contextmanager
def _opened(archive: ArchiveFile) -> Iterator[BinaryIO]:
    store, path = open_store(archive.address)
    with in_words(archive.address), store.open(path, "rb", block_size=_BLOCK) as stream:
        yield stream
