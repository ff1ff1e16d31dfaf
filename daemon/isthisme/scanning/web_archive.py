"""Pictures in recorded sites: WARC files as crawlers write them (ISO 28500), plain or packed with gzip.

Records are read one after the other and nothing is looked up. One that is broken costs itself: the next is looked for
by the line that each begins with, or by the mark of gzip.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO
from urllib.parse import urlsplit

from warcio.bufferedreaders import ChunkedDataReader
from warcio.limitreader import LimitReader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser, StatusAndHeadersParserException

from isthisme.acquire.inflate import Inflater
from isthisme.acquire.picture_kinds import is_kind_that_browsers_show
from isthisme.domain import Exchange
from isthisme.errors import FetchFailed, ImageTooLarge
from isthisme.scanning.found import LARGEST_PICTURE, ArchiveRecord, Found, FoundPicture, Unread, check_size
from isthisme.scanning.gzip_members import BrokenMember, Member, members
from isthisme.scanning.recorded_pages import RecordedPages, is_page
from isthisme.scanning.unpacking import Allowance, TooMuchUnpacked

_LONGEST_LINE = 1 << 16  # bytes
_LONGEST_ADDRESS = 16_384  # characters
_LONGEST_HEAD = 1 << 18
_LONGEST_WORD = 1_000  # characters of an id or a digest
_LONGEST_NOTES = 1 << 16  # bytes of a metadata record, or of a request, that are looked at
_CHUNK = 1 << 16
_RECORDS = ["WARC/"]
_ANSWERS = ["HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/2", "HTTP/3"]  # as crawlers write them
_ENDINGS = (b".warc", b".warc.gz")


@dataclass(frozen=True, slots=True)
class _Request:
    """What another record tells of how a picture was come by."""

    concurrent_to: str  # the id of the picture's record, or its own
    target: str
    page: str


class _BrokenRecord(Exception):
    pass


def is_web_archive_name(name: bytes) -> bool:
    return name.lower().endswith(_ENDINGS)


def pictures_in_web_archive(
    stream: BinaryIO, address: str, allowance: Allowance, pages: RecordedPages | None = None
) -> Iterator[Found]:
    """Those of the archive at an address, and at its end the number of broken records. Raises TooMuchUnpacked.

    The page of each is the one that the archive says it was loaded for, else the picture's own address. `pages` keeps
    the archive's pages where they are wanted.
    """
    return _WebArchive(address, allowance, pages).pictures(stream)


class _WebArchive:
    def __init__(self, address: str, allowance: Allowance, pages: RecordedPages | None) -> None:
        self._address = address
        self._allowance = allowance
        self._pages = pages
        self._broken = 0
        self._request: _Request | None = None  # the last one, which may belong to the picture to come
        self._waiting: tuple[str, FoundPicture] | None = None  # a picture whose request may be the next record

    def pictures(self, stream: BinaryIO) -> Iterator[Found]:
        for member in members(stream):
            try:
                yield from self._records(_Lines(member, self._allowance))
            except BrokenMember:
                self._broken += 1
            except TooMuchUnpacked:
                yield from self._settled()
                raise
            if member.is_packed:
                self._ended(member.offset, member.length)
        yield from self._settled()
        if self._broken:
            words = f"{self._broken:,} of its records are broken and were left out"
            yield Unread(self._address, "unreadable_image", words)

    def _records(self, lines: "_Lines") -> Iterator[Found]:
        is_lost = False
        while line := lines.readline(_LONGEST_LINE):
            if not line.startswith(b"WARC/"):
                # Between records are empty lines; anything else is the rest of one that lied about its length.
                self._broken += bool(line.strip()) and not is_lost
                is_lost = is_lost or bool(line.strip())
                continue
            is_lost = False
            offset = lines.member.offset if lines.member.is_packed else lines.position - len(line)
            try:
                head = _head(lines, line, _RECORDS)
                length = int(head.get_header("Content-Length", ""))
                if length < 0:
                    raise ValueError
            except (_BrokenRecord, ValueError):
                self._broken += 1
                is_lost = True
                continue
            body = LimitReader(lines, length)
            yield from self._found_in(head, body, offset)
            while body.limit > 0 and body.read(min(_CHUNK, body.limit)):
                pass
            self._broken += body.limit > 0  # it broke off
            if not lines.member.is_packed:
                self._ended(offset, lines.position - offset)

    def _ended(self, offset: int, length: int) -> None:
        """What begins at an offset was read to its end: how long is the record of the picture that waits?"""
        if self._waiting is None:
            return
        record_id, picture = self._waiting
        if picture.record is not None and picture.record.offset == offset:
            self._waiting = record_id, replace(picture, record=replace(picture.record, length=length))

    def _found_in(self, head: StatusAndHeaders, body: LimitReader, offset: int) -> Iterator[Found]:
        kind = head.get_header("WARC-Type", "").lower()
        record_id = head.get_header("WARC-Record-ID", "")
        if kind in ("request", "metadata"):
            page = _page_in(kind, body.read(min(body.limit, _LONGEST_NOTES)))
            if page is not None:
                self._learn(_Request(head.get_header("WARC-Concurrent-To", record_id), _target(head), page))
            return
        yield from self._settled()
        if kind not in ("response", "resource"):
            return
        try:
            picture = self._picture(head, body, offset, is_answer=kind == "response")
        except (_BrokenRecord, FetchFailed):
            self._broken += 1
        except ImageTooLarge as error:
            yield Unread.because(_target(head), error)
        else:
            if picture is not None:
                self._waiting = record_id, picture
                if self._request is not None:
                    self._learn(self._request)

    def _learn(self, request: _Request) -> None:
        """Of which page the picture beside this request is."""
        self._request = request
        if self._waiting is None:
            return
        record_id, picture = self._waiting
        if request.concurrent_to == record_id or request.target == picture.picture_address:
            self._waiting = record_id, replace(picture, page_address=request.page)

    def _settled(self) -> Iterator[Found]:
        """The picture that waited, whose request did not come any more."""
        if self._waiting is not None:
            _, picture = self._waiting
            self._waiting = None
            page = None if self._pages is None else self._pages.at(picture.page_address)
            yield picture if page is None else replace(picture, page=page)

    def _picture(
        self, head: StatusAndHeaders, body: LimitReader, offset: int, *, is_answer: bool
    ) -> FoundPicture | None:
        target = _target(head)
        answer: StatusAndHeaders | None = None
        if is_answer:
            answer = _head(body, body.readline(_LONGEST_LINE), _ANSWERS)
            if answer.get_statuscode() not in ("200", "203", "206"):
                return None
        media_type = "" if answer is None else answer.get_header("Content-Type") or ""
        try:
            data = _payload(answer, body)
        except FetchFailed:
            if is_page(media_type):
                return None
            raise
        if not is_kind_that_browsers_show(data):
            if self._pages is not None and is_page(media_type) and _is_page(target):
                self._pages.keep(target, data, media_type)
            return None
        check_size(data)
        recorded = head.get_header("WARC-Date", "")[:40]
        words = f"recorded in {self._address}" + (f" at {recorded}" if recorded else "")
        status = "" if answer is None else answer.get_statuscode()
        exchange = Exchange(
            target,
            target,
            "file",
            status=int(status) if status.isdecimal() else None,
            response_headers=() if answer is None else tuple((name, value) for name, value in answer.headers[:100]),
        )
        record = ArchiveRecord(
            self._address,
            record_id=_word(head, "WARC-Record-ID"),
            recorded=recorded,
            digest=_word(head, "WARC-Payload-Digest"),
            offset=offset,
        )
        return FoundPicture(data, target, target, exchange, words=words, record=record)


class _Lines:
    """Reads on, and counts what comes out of the archive."""

    def __init__(self, member: Member, allowance: Allowance) -> None:
        self.member = member
        self.position = 0  # in what is unpacked of the member
        self._stream = member.stream
        self._allowance = allowance

    def read(self, size: int) -> bytes:
        return self._counted(self._stream.read(size))

    def readline(self, size: int) -> bytes:
        return self._counted(self._stream.readline(min(size, _LONGEST_LINE)))

    def _counted(self, data: bytes) -> bytes:
        self._allowance.spend(len(data))
        self.position += len(data)
        return data


def _head(stream: "_Lines | LimitReader", first: bytes, versions: list[str]) -> StatusAndHeaders:
    """The lines up to an empty one. Raises _BrokenRecord where there are none, or too many."""
    lines = io.BytesIO()
    while line := stream.readline(_LONGEST_LINE):
        lines.write(line)
        if not line.strip():
            break
        if lines.tell() > _LONGEST_HEAD:
            raise _BrokenRecord
    lines.seek(0)
    try:
        return StatusAndHeadersParser(versions).parse(lines, first)
    except (StatusAndHeadersParserException, EOFError) as error:
        raise _BrokenRecord from error


def _payload(answer: StatusAndHeaders | None, body: LimitReader) -> bytes:
    """The picture's bytes, and one past the largest at most. Raises FetchFailed where they are packed otherwise."""
    body = LimitReader(body, min(body.limit, LARGEST_PICTURE + _CHUNK))
    if answer is None:
        return bytes(body.read(LARGEST_PICTURE + 1))
    stream = body
    if "chunked" in (answer.get_header("Transfer-Encoding") or "").lower():
        stream = ChunkedDataReader(body)
    data = b"".join(iter(lambda: stream.read(_CHUNK), b""))
    encoding = answer.get_header("Content-Encoding") or ""
    if is_kind_that_browsers_show(data) or not encoding.strip():
        return data  # many archives keep bodies unpacked, and the header as it was
    inflater = Inflater(encoding)
    unpacked = inflater.inflate(data, LARGEST_PICTURE)
    if len(unpacked) <= LARGEST_PICTURE:
        inflater.finish()
    return unpacked


def _page_in(kind: str, notes: bytes) -> str | None:
    """The page that a request's or a crawler's notes name."""
    wanted = b"referer:" if kind == "request" else b"via:"
    for line in notes.splitlines():
        if line.lower().startswith(wanted):
            page = line.partition(b":")[2].strip().decode("utf-8", "replace")
            return page if _is_page(page) else None
    return None


def _is_page(address: str) -> bool:
    try:
        return urlsplit(address).scheme in ("http", "https") and len(address) <= _LONGEST_ADDRESS
    except ValueError:
        return False


def _target(head: StatusAndHeaders) -> str:
    return str(head.get_header("WARC-Target-URI", "")).strip("<> ")  # some old crawlers put it into brackets


def _word(head: StatusAndHeaders, name: str) -> str:
    return str(head.get_header(name, "")).strip()[:_LONGEST_WORD]
