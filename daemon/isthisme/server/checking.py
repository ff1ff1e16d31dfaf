"""One picture of a page, from its address to the answer that the extension shows."""

import asyncio
import hashlib
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol

import msgspec

from isthisme.acquire.fetch import Fetcher
from isthisme.answer_note import AnswerNote, note_of, reason_note
from isthisme.catalog import Catalog
from isthisme.catalog.sightings import SeenPicture
from isthisme.domain import Judgement, Reason, Verdict
from isthisme.errors import InputError, TransientError
from isthisme.live_index import LiveIndex
from isthisme.matcher import Matcher
from isthisme.server.messages import Image, Page

_FETCHES = 24  # pictures held in memory at once, at the most


class Shrinker(Protocol):
    def shrink(self, data: bytes) -> bytes:
        """A small JPEG of a picture."""
        ...


@dataclass(frozen=True, slots=True)
class Checked:
    note: AnswerNote
    sighting_id: int | None
    is_from_cache: bool
    elapsed_ms: float


class _Remembered(msgspec.Struct, frozen=True):
    """What the cache keeps: for a picture that did not match the verdict alone."""

    verdict: str
    note: AnswerNote | None = None
    picture_hash: bytes | None = None


class Checker:
    """The work on the picture runs in threads; the event loop only fetches."""

    def __init__(
        self,
        catalog: Catalog,
        live_index: LiveIndex,
        fetcher: Fetcher,
        *,
        passive: Matcher,
        asked: Matcher,
        shrinker: Shrinker,
        threads: Executor,
    ) -> None:
        self._catalog = catalog
        self._live_index = live_index
        self._fetcher = fetcher
        self._passive = passive
        self._asked = asked
        self._shrinker = shrinker
        self._threads = threads
        self._fetches = asyncio.Semaphore(_FETCHES)

    async def on_page(self, page: Page, image: Image, user_agent: str) -> Checked:
        """The passive check: from the cache where possible; keeps a sighting of what matches."""
        started = time.monotonic()
        if image.address is not None:
            remembered = await self._in_thread(self._recall, page, image.address)
            if remembered is not None:
                return Checked(*remembered, is_from_cache=True, elapsed_ms=_milliseconds(started))
        return await self._check(page, image, user_agent, self._passive, started, is_asked=False)

    async def asked(self, page: Page, image: Image, user_agent: str) -> Checked:
        """The user's own question: looks deeper, and never answers from the cache."""
        return await self._check(page, image, user_agent, self._asked, time.monotonic(), is_asked=True)

    async def _check(
        self, page: Page, image: Image, user_agent: str, matcher: Matcher, started: float, *, is_asked: bool
    ) -> Checked:
        try:
            async with self._fetches:
                data = await self._bytes(page, image, user_agent)
                note, sighting = await self._in_thread(self._judge, page, image, data, matcher, is_asked=is_asked)
        except (InputError, TransientError) as error:  # this picture cannot be judged; that is an answer too
            note, sighting = _undecided(Reason(error.code, str(error))), None
        return Checked(note, sighting, is_from_cache=False, elapsed_ms=_milliseconds(started))

    async def _bytes(self, page: Page, image: Image, user_agent: str) -> bytes:
        if image.bytes_ is not None:
            return image.bytes_
        if image.address is None:
            raise InputError("the message holds neither address nor bytes of the picture")
        fetched = await self._fetcher.fetch(image.address, page_address=page.address, user_agent=user_agent or None)
        return fetched.data

    def _judge(
        self, page: Page, image: Image, data: bytes, matcher: Matcher, *, is_asked: bool
    ) -> tuple[AnswerNote, int | None]:
        mark = self._live_index.mark()
        answer = matcher.answer(data, deep=is_asked)
        note = note_of(answer, self._catalog.photos)
        sighting_id = None
        seen: SeenPicture | None = None
        if answer.judgement.verdict.is_match:
            seen = self._seen(page, image, note, hashlib.sha256(data).digest(), self._shrinker.shrink(data))
            sighting_id = self._catalog.sightings.keep(seen)
        if image.address is not None and not is_asked and _is_lasting(answer.judgement):
            remembered = _Remembered(note.verdict)
            if seen is not None:
                remembered = _Remembered(note.verdict, note, seen.picture_hash)
            self._catalog.verdicts.remember(image.address, mark, msgspec.json.encode(remembered).decode())
        return note, sighting_id

    def _recall(self, page: Page, address: str) -> tuple[AnswerNote, int | None] | None:
        text = self._catalog.verdicts.recall(address, self._live_index.mark())
        if text is None:
            return None
        remembered = msgspec.json.decode(text, type=_Remembered)
        if remembered.note is None or remembered.picture_hash is None:
            generation = self._live_index.mark().generation
            return AnswerNote(remembered.verdict, 0.0, None, [], 0, 0, generation), None
        picture = self._catalog.sightings.picture_with_hash(remembered.picture_hash)
        if picture is None:  # the user deleted the sighting; look again
            return None
        image = Image(key="", address=address)
        seen = self._seen(page, image, remembered.note, remembered.picture_hash, picture)
        return remembered.note, self._catalog.sightings.keep(seen)

    def _seen(self, page: Page, image: Image, note: AnswerNote, picture_hash: bytes, picture: bytes) -> SeenPicture:
        address = image.address or ""
        return SeenPicture(
            page_address=page.address,
            page_title=page.title,
            picture_address=address if len(address) <= 65_536 else address[:100] + "…",
            picture_hash=picture_hash,
            picture=picture,
            width=note.width,
            height=note.height,
            answer=msgspec.json.encode(note).decode(),
        )

    async def _in_thread[**P, R](self, work: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(*args, **named))


def _undecided(reason: Reason) -> AnswerNote:
    return AnswerNote(Verdict.UNDECIDED.value, 0.0, reason_note(reason), [], 0, 0, 0)


def _is_lasting(judgement: Judgement) -> bool:
    """Whether the same picture gets the same answer as long as the index stays as it is."""
    return judgement.verdict is not Verdict.UNDECIDED


def _milliseconds(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)
