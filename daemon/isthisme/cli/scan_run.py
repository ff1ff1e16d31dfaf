"""One run of `isthisme scan`: fetching, reading and judging at the same time, a few pictures under way."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field

from isthisme.acquire.answers import Fetched
from isthisme.acquire.fetch import Fetcher
from isthisme.domain import Verdict
from isthisme.errors import InputError, TooManyRequests, TransientError
from isthisme.scanning.files import pictures_in
from isthisme.scanning.found import Found, FoundPicture, Unread, absolute
from isthisme.scanning.gallery import Gallery
from isthisme.scanning.judging import Judge, Judged
from isthisme.scanning.page_contents import PageContents
from isthisme.workers import WorkerEngine

_JUDGED = frozenset({"too_plain", "no_photos", "dismissed"})  # reasons that lie in the picture or in the user's word
_PATIENCE_SECONDS = (30.0, 60.0)  # after which a site that wanted fewer requests is asked again
_BROWSERS_DEFAULT = ""


@dataclass(slots=True)
class Outcome:
    """What came of it so far."""

    pictures: int = 0
    pages: int = 0
    found: list[Judged] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what the user should know besides
    at: str = ""  # the page or the archive that is being looked through
    tell: Callable[[Judged | Unread], None] = lambda _told: None  # called for each of `found` and `unread`
    report: Callable[[], None] = lambda: None  # called when anything here has changed

    def add(self, settled: Judged | Unread) -> None:
        if isinstance(settled, Judged):
            self.pictures += 1
            reason = settled.note.reason
            if Verdict(settled.note.verdict).is_match:
                self.found.append(settled)
                self.tell(settled)
            elif settled.note.verdict == Verdict.UNDECIDED and reason is not None and reason.code not in _JUDGED:
                self.add(Unread(settled.found.picture_address, reason.code, reason.words))
        else:
            self.unread.append(settled)
            self.tell(settled)
        self.report()


class Run:
    def __init__(
        self,
        fetcher: Fetcher,
        page_reader: WorkerEngine,
        judge: Judge,
        under_way: int,
        most_pages: int,
        outcome: Outcome,
        patience_seconds: Sequence[float] = _PATIENCE_SECONDS,
    ) -> None:
        self._fetcher = fetcher
        self._page_reader = page_reader
        self._judge = judge
        self._most_waiting = 2 * under_way
        self._most_pages = most_pages
        self._outcome = outcome
        self._patience_seconds = patience_seconds
        self._waiting: deque[asyncio.Task[Judged | Unread]] = deque()

    async def scan(self, targets: Sequence[str]) -> None:
        """Looks through one after the other. What cannot be looked at is told in the outcome."""
        try:
            for target in targets:
                try:
                    await (self._gallery(target) if is_address(target) else self._files(target))
                except (InputError, TransientError) as error:
                    self._outcome.add(Unread.because(target, error))
            while self._waiting:
                await self._settle_first()
        finally:
            for task in self._waiting:
                task.cancel()

    async def _files(self, target: str) -> None:
        self._outcome.at = target
        found = await asyncio.to_thread(pictures_in, absolute(target))
        while (each := await asyncio.to_thread(_next_of, found)) is not None:
            await self._take(_ready(each))

    async def _gallery(self, start: str) -> None:
        gallery = Gallery(start, self._most_pages)
        while (step := gallery.next_page()) is not None:
            address, linked_from = step
            self._outcome.at = address
            self._outcome.report()
            try:
                fetched, contents = await self._read_page(start, address, linked_from)
            except (InputError, TransientError) as error:
                self._outcome.add(Unread.because(address, error))
                return
            self._outcome.pages += 1
            self._note_left_out(address, contents)
            for picture in gallery.read(fetched.final_address, contents):
                await self._take(self._fetched(picture, fetched, contents))
        if gallery.has_more:
            words = f"{start}: stopped after {gallery.pages:,} pages; --pages lets it read more"
            self._outcome.notes.append(words)

    async def _read_page(self, start: str, address: str, linked_from: str | None) -> tuple[Fetched, PageContents]:
        page = await self._patiently(
            lambda: self._fetcher.fetch_page(address, start_address=start, linked_from=linked_from)
        )
        reader = self._page_reader
        return page, await asyncio.to_thread(reader.read_page, page.data, page.charset, page.final_address)

    async def _fetched(self, picture: str, page: Fetched, contents: PageContents) -> Found:
        said = {name.lower(): value for name, value in page.exchange.response_headers}
        policy = contents.referrer_policy or said.get("referrer-policy", _BROWSERS_DEFAULT)
        try:
            fetched = await self._patiently(
                lambda: self._fetcher.fetch(picture, page_address=page.final_address, referrer_policy=policy)
            )
        except (InputError, TransientError) as error:
            return Unread.because(picture[:1_000], error)
        return FoundPicture(fetched.data, page.final_address, picture, fetched.exchange, contents.title)

    async def _patiently(self, fetch: Callable[[], Awaitable[Fetched]]) -> Fetched:
        """Waits a while where the site wants fewer requests, and asks again."""
        for seconds in self._patience_seconds:
            try:
                return await fetch()
            except TooManyRequests:
                await asyncio.sleep(seconds)
        return await fetch()

    async def _take(self, finding: Awaitable[Found]) -> None:
        self._waiting.append(asyncio.create_task(self._judged(finding)))
        while len(self._waiting) > self._most_waiting:
            await self._settle_first()

    async def _judged(self, finding: Awaitable[Found]) -> Judged | Unread:
        found = await finding
        if isinstance(found, Unread):
            return found
        return await asyncio.to_thread(self._judge.judge, found)

    async def _settle_first(self) -> None:
        self._outcome.add(await self._waiting.popleft())

    def _note_left_out(self, address: str, contents: PageContents) -> None:
        if contents.left_out:
            words = f"{address}: {contents.left_out:,} pictures past a limit, or with broken addresses, were left out"
            self._outcome.notes.append(words)


def is_address(target: str) -> bool:
    return target.partition(":")[0].lower() in {"http", "https"}


async def _ready(found: Found) -> Found:
    return found


def _next_of(found: Iterator[Found]) -> Found | None:
    return next(found, None)
