"""One web archive against the photos of its watchers: pictures in, findings out, each with the record that shows it."""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from isthisme.bulk.archive_files import ArchiveFile
from isthisme.bulk.archive_pictures import PageTitles, pictures_of
from isthisme.bulk.findings import Finding, Trouble
from isthisme.bulk.watched import Judged, Watched
from isthisme.errors import IsThisMeError
from isthisme.scanning.found import FoundPicture, Unread
from isthisme.scanning.page_contents import PageContents
from isthisme.scanning.stated_size import is_icon

_MOST_HELD = 128 << 20  # bytes of pictures that wait for their answers
_MOST_TROUBLES = 10_000  # rows; the rest is counted
_TITLES_REMEMBERED = 1_000


class PageReader(Protocol):
    """Reads a page where its bytes can do no harm; raises an IsThisMeError for what cannot be read."""

    def read_page(self, data: bytes, charset: str | None, address: str) -> PageContents: ...


@dataclass(slots=True)
class Counts:
    """What came by in one archive; icons are among the pictures."""

    pictures: int = 0
    icons: int = 0
    troubles: int = 0


def scan_archive(
    archive: ArchiveFile, watched: Watched, reader: PageReader, counts: Counts, *, under_way: int = 2
) -> Iterator[Finding | Trouble]:
    """What an archive holds of the watched photos, in the order of its records, and what could not be looked at.

    So many pictures are judged at once. Raises an IsThisMeError other than InputError where it should be tried again:
    SourceUnreadable for an archive that its store does not give, what the index or the system raise otherwise.
    """
    titles = _Titles(reader)
    with closing(_settled(archive, watched, titles.listed, under_way)) as settled:
        for found, judged in settled:
            if isinstance(found, FoundPicture):
                counts.pictures += 1
                counts.icons += judged is None
            for told in _told(archive, found, judged, titles):
                counts.troubles += isinstance(told, Trouble)
                if isinstance(told, Finding) or counts.troubles <= _MOST_TROUBLES:
                    yield told
    if counts.troubles > _MOST_TROUBLES:
        words = f"{counts.troubles - _MOST_TROUBLES:,} more of its pictures could not be looked at"
        yield Trouble(archive.address, archive.address, "unreadable_image", words)


def _settled(
    archive: ArchiveFile, watched: Watched, titles: PageTitles, under_way: int
) -> Generator[tuple[FoundPicture | Unread, Judged | None], None, None]:
    """Everything found, in order, with what became of it; None for icons and for what could not be read."""
    waiting: deque[tuple[FoundPicture | Unread, Future[Judged] | None]] = deque()
    held = 0
    with ThreadPoolExecutor(under_way, thread_name_prefix="judge") as threads:
        try:
            with closing(pictures_of(archive, titles)) as pictures:
                for found in pictures:
                    asked = None
                    if isinstance(found, FoundPicture) and not is_icon(found.data):
                        asked = threads.submit(watched.judge, found.data)
                    waiting.append((found, asked))
                    held += _size(found)
                    while len(waiting) > 2 * under_way or held > _MOST_HELD:
                        first, judged = waiting.popleft()
                        held -= _size(first)
                        yield first, None if judged is None else judged.result()
                while waiting:
                    first, judged = waiting.popleft()
                    yield first, None if judged is None else judged.result()
        finally:
            threads.shutdown(cancel_futures=True)


def _size(found: FoundPicture | Unread) -> int:
    return len(found.data) if isinstance(found, FoundPicture) else 0


def _told(
    archive: ArchiveFile, found: FoundPicture | Unread, judged: Judged | None, titles: "_Titles"
) -> Iterator[Finding | Trouble]:
    if isinstance(found, Unread):
        yield Trouble(archive.address, found.address, found.code, found.words)
        return
    if judged is None:
        return
    if judged.trouble is not None:
        yield Trouble(archive.address, found.picture_address, judged.trouble.code, judged.trouble.words, found.record)
    for each in judged.owners:
        yield Finding(
            owner=each.owner,
            verdict=each.matches[0].verdict,
            score=each.matches[0].score,
            matches=list(each.matches),
            width=judged.width,
            height=judged.height,
            page_address=found.page_address,
            page_title=found.page_title or titles.of(found),
            picture_address=found.picture_address,
            picture_hash=judged.picture_hash,
            picture=found.data,
            archive=archive.address,
            record=found.record,
            exchange=found.exchange,
            words=_where(found),
        )


def _where(found: FoundPicture) -> str:
    """In plain English, for whoever wants to look there."""
    if (record := found.record) is None:
        return found.words
    length = "" if record.length is None else f", {record.length:,} bytes long"
    return f"{found.words}, record {record.record_id} at byte {record.offset:,}{length}"


class _Titles:
    """Of the pages that findings are on: as the archive lists them, else as the page itself has them."""

    def __init__(self, reader: PageReader) -> None:
        self.listed = PageTitles()
        self._reader = reader
        self._read: dict[str, str | None] = {}

    def of(self, found: FoundPicture) -> str | None:
        if (listed := self.listed.of(found.page_address)) is not None:
            return listed
        if found.page is None:
            return None
        if found.page_address not in self._read:
            if len(self._read) >= _TITLES_REMEMBERED:
                self._read.clear()
            try:
                contents = self._reader.read_page(found.page.data, found.page.charset, found.page_address)
            except IsThisMeError:  # it is the title alone that is missing then
                contents = None
            self._read[found.page_address] = None if contents is None else contents.title
        return self._read[found.page_address]
