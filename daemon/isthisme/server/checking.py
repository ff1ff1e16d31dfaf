"""One picture of a page, from its address to the answer that the extension shows."""

import asyncio
import hashlib
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import msgspec

from isthisme.acquire.fetch import Fetcher
from isthisme.answer_note import AnswerNote, note_of, reason_note
from isthisme.catalog import Catalog
from isthisme.catalog.sightings import SeenPicture
from isthisme.domain import Judgement, Reason, Verdict
from isthisme.errors import Busy, CatalogUnusable, InputError, TransientError
from isthisme.live_index import LiveIndex
from isthisme.matcher import Matcher
from isthisme.server.backlog import Backlog
from isthisme.server.messages import Image, Page
from isthisme.server.threads import Threads

_log = logging.getLogger(__name__)

_BACKLOG_BYTES = 256 << 20


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
        threads: Threads,
    ) -> None:
        self._catalog = catalog
        self._live_index = live_index
        self._fetcher = fetcher
        self._passive = passive
        self._asked = asked
        self._shrinker = shrinker
        self._threads = threads
        self._backlog = Backlog(_BACKLOG_BYTES)

    async def on_page(self, page: Page, image: Image, user_agent: str, turn: asyncio.Semaphore) -> Checked:
        """The passive check: from the cache where possible; keeps a sighting of what matches.

        `turn` is taken while the picture is fetched and given back before it is judged: the pace at which a site is
        asked must not tell how long its pictures took.
        """
        started = time.monotonic()
        if image.address is not None:
            remembered = await self._threads.catalog(self._recall, page, image.address)
            if remembered is not None:
                return Checked(*remembered, is_from_cache=True, elapsed_ms=_milliseconds(started))
        try:
            async with turn:
                await self._backlog.room()
                data = await self._bytes(page, image, user_agent)
            with self._backlog.holding(data):
                judged = await self._threads.passive(self._judge, page, image, data, self._passive, is_asked=False)
        except (InputError, TransientError) as error:
            judged = _undecided(error), None
        return Checked(*judged, is_from_cache=False, elapsed_ms=_milliseconds(started))

    async def asked(self, page: Page, image: Image, user_agent: str, *, is_rehearsal: bool = False) -> Checked:
        """The user's own question: looks deeper, waits behind no page, and never answers from the cache.

        Of a rehearsal no sighting is kept: the picture was on no page.
        """
        started = time.monotonic()
        try:
            data = await self._bytes(page, image, user_agent, is_urgent=True)
            if is_rehearsal:
                judged = await self._threads.asked(self._rehearse, data)
            else:
                judged = await self._threads.asked(self._judge, page, image, data, self._asked, is_asked=True)
        except (InputError, TransientError) as error:
            judged = _undecided(error), None
        return Checked(*judged, is_from_cache=False, elapsed_ms=_milliseconds(started))

    async def _bytes(self, page: Page, image: Image, user_agent: str, *, is_urgent: bool = False) -> bytes:
        if image.bytes_ is not None:
            return image.bytes_
        if image.address is None:
            raise InputError("the message holds neither address nor bytes of the picture")
        fetched = await self._fetcher.fetch(
            image.address, page_address=page.address, user_agent=user_agent or None, is_urgent=is_urgent
        )
        return fetched.data

    def _rehearse(self, data: bytes) -> tuple[AnswerNote, int | None]:
        return note_of(self._asked.answer(data, deep=True), self._catalog.photos), None

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
            sighting_id = self._kept(seen)
        if image.address is not None and not is_asked and _is_lasting(answer.judgement):
            remembered = _Remembered(note.verdict)
            if seen is not None:
                remembered = _Remembered(note.verdict, note, seen.picture_hash)
            with suppress(CatalogUnusable, Busy):  # then it is judged again the next time
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
        if picture is None:
            # The user deleted the sighting. Fetching the picture again would be a request that exists only because it
            # had matched.
            return remembered.note, None
        image = Image(key="", address=address)
        seen = self._seen(page, image, remembered.note, remembered.picture_hash, picture)
        return remembered.note, self._kept(seen)

    def _kept(self, seen: SeenPicture) -> int | None:
        """The sighting's id; None where the disk refuses it, which must not cost the user the answer."""
        try:
            return self._catalog.sightings.keep(seen)
        except (CatalogUnusable, Busy) as error:
            _log.error("a sighting could not be kept: %s", error)
            return None

    def _seen(self, page: Page, image: Image, note: AnswerNote, picture_hash: bytes, picture: bytes) -> SeenPicture:
        return SeenPicture(
            page_address=page.address,
            page_title=page.title,
            picture_address=_shown_address(image.address or ""),
            picture_hash=picture_hash,
            picture=picture,
            width=note.width,
            height=note.height,
            answer=msgspec.json.encode(note).decode(),
        )


def _undecided(error: InputError | TransientError) -> AnswerNote:
    """This picture cannot be judged; that is an answer too."""
    reason = reason_note(Reason(error.code, str(error)))
    return AnswerNote(Verdict.UNDECIDED.value, 0.0, reason, [], 0, 0, 0)


def _shown_address(address: str) -> str:
    """Without the picture itself, which a `data:` address holds."""
    return address[:100] + "…" if address.startswith("data:") and len(address) > 100 else address


def _is_lasting(judgement: Judgement) -> bool:
    """Whether the same picture gets the same answer as long as the index stays as it is."""
    return judgement.verdict is not Verdict.UNDECIDED


def _milliseconds(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)
