"""One picture of a page, from its address to the answer that the extension shows."""

import asyncio
import hashlib
import logging
import time
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

from isthisme.acquire.browser_headers import Browser
from isthisme.acquire.data_address import is_data_address
from isthisme.acquire.fetch import Fetcher
from isthisme.acquire.picture_kinds import is_kind_that_browsers_show
from isthisme.answer_note import AnswerNote, note_of, reason_note, without
from isthisme.catalog import Catalog
from isthisme.catalog.observations import Observation
from isthisme.catalog.sightings import SeenPicture
from isthisme.domain import Exchange, Judgement, Moment, Reason, SmallCopy, Verdict
from isthisme.errors import (
    AddressRefused,
    Busy,
    CatalogUnusable,
    DeadlineExceeded,
    FetchFailed,
    InputError,
    NotSupplied,
    TooManyRequests,
    TransientError,
)
from isthisme.live_index import CurrentIndex
from isthisme.matcher import Matcher
from isthisme.server.backlog import Backlog
from isthisme.server.judging_line import JudgingLine
from isthisme.server.known_answers import KnownAnswers
from isthisme.server.messages import Image, Page
from isthisme.server.supplies import Supply
from isthisme.server.threads import Threads

_log = logging.getLogger(__name__)

_BACKLOG_BYTES = 256 << 20


class Shrinker(Protocol):
    def shrink(self, data: bytes) -> SmallCopy:
        """A small JPEG of a picture, and its hash."""
        ...


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose question it is, and what their browser can do for the answer."""

    browser: Browser
    supply: Supply
    only_browser_fetches: bool = False  # the daemon's own connections would go around its proxy, or be known by them
    keeps_nothing: bool = False  # neither sighting nor verdict: a private window, or the user just tries it out


@dataclass(frozen=True, slots=True)
class Checked:
    note: AnswerNote
    sighting_id: int | None
    is_from_cache: bool
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class _Obtained:
    """A picture's bytes, and how they came."""

    data: bytes
    exchange: Exchange


class _Remembered(msgspec.Struct, frozen=True):
    """What the cache keeps: for a picture that did not match the verdict alone."""

    verdict: str
    note: AnswerNote | None = None
    picture_hash: bytes | None = None
    perceptual_hash: int | None = None


class Checker:
    """The work on the picture runs in threads; the event loop only fetches."""

    def __init__(
        self,
        catalog: Catalog,
        live_index: CurrentIndex,
        fetcher: Fetcher,
        *,
        passive: Matcher,
        private: Matcher,  # remembers no picture
        asked: Matcher,
        shrinker: Shrinker,
        threads: Threads,
    ) -> None:
        self._catalog = catalog
        self._live_index = live_index
        self._fetcher = fetcher
        self._passive = passive
        self._private = private
        self._asked = asked
        self._shrinker = shrinker
        self._threads = threads
        self._backlog = Backlog(_BACKLOG_BYTES)
        self._answers = KnownAnswers()
        self._line = JudgingLine(threads.passive_places)

    def forget_sites(self) -> None:
        """Drops what the fetcher keeps of sites in memory."""
        self._fetcher.forget()

    async def on_page(self, page: Page, image: Image, asker: Asker, turn: asyncio.Semaphore) -> Checked:
        """The passive check: from the cache where possible; keeps a sighting of what matches.

        `turn` is taken while the picture is fetched and given back before it is judged, or waited for from the browser:
        the pace at which a site is asked must not tell how long its pictures took.
        """
        started = time.monotonic()
        if image.address is not None and not asker.keeps_nothing:
            remembered = await self._threads.catalog(self._recall, page, image.address)
            if remembered is not None:
                return Checked(*remembered, is_from_cache=True, elapsed_ms=_milliseconds(started))
        try:
            obtained = await self._obtain(page, image, asker, turn)
            with self._backlog.holding(obtained.data):
                async with self._answers.alone_with(obtained.data), self._line.place(is_seen=image.is_seen):
                    judged = await self._threads.passive(self._judge_passively, page, image, asker, obtained)
        except (InputError, TransientError) as error:
            judged = _undecided(error), None
        return Checked(*judged, is_from_cache=False, elapsed_ms=_milliseconds(started))

    async def asked(self, page: Page, image: Image, asker: Asker) -> Checked:
        """The user's own question: looks deeper, waits behind no page, and never answers from the cache."""
        started = time.monotonic()
        try:
            obtained = await self._obtain(page, image, asker)
            judged = await self._threads.asked(self._judge_as_asked, page, image, asker, obtained)
        except (InputError, TransientError) as error:
            judged = _undecided(error), None
        return Checked(*judged, is_from_cache=False, elapsed_ms=_milliseconds(started))

    async def _obtain(self, page: Page, image: Image, asker: Asker, turn: asyncio.Semaphore | None = None) -> _Obtained:
        """The picture's bytes, ours or the browser's. Without a turn to take, the user waits for them.

        Whether the browser is asked depends on what the site answered, before anybody looks for a match: the site may
        see a request that comes of it.
        """
        if image.bytes_ is not None:
            return _handed_in(image, image.bytes_)
        fetched: _Obtained | None = None
        failure: InputError | TransientError = NotSupplied("the browser was not asked for the picture")
        try:
            fetched = await self._fetched(page, image, asker, turn)
            if is_kind_that_browsers_show(fetched.data):
                return fetched
        except (FetchFailed, AddressRefused, DeadlineExceeded, NotSupplied) as error:
            failure = error
        if image.may_supply:
            await self._backlog.room()
            from_document_only = isinstance(failure, AddressRefused | TooManyRequests)
            try:
                return _handed_in(image, await asker.supply(image.key, from_document_only))
            except (InputError, TransientError) as error:
                failure = error if isinstance(failure, NotSupplied) else failure
        if fetched is not None:
            return fetched  # the decoders know more kinds, and say what is wrong
        raise failure

    async def _fetched(self, page: Page, image: Image, asker: Asker, turn: asyncio.Semaphore | None) -> _Obtained:
        """What the daemon can have by itself. Raises NotSupplied where it may not or cannot try."""
        if image.address is None:
            raise NotSupplied("the picture has no address, and the browser was not asked for it")
        if asker.only_browser_fetches and not is_data_address(image.address):
            raise NotSupplied("only the browser fetches pictures here, and it was not asked for this one")
        async with turn or nullcontext():
            if turn is not None:
                await self._backlog.room()
            fetched = await self._fetcher.fetch(
                image.address,
                page_address=page.address,
                document_address=image.document,
                referrer_policy=image.referrer_policy,
                browser=asker.browser,
                is_urgent=turn is None,
            )
        return _Obtained(fetched.data, fetched.exchange)

    def _judge_passively(
        self, page: Page, image: Image, asker: Asker, obtained: _Obtained
    ) -> tuple[AnswerNote, int | None]:
        data = obtained.data
        picture_hash = hashlib.sha256(data).digest()
        if asker.keeps_nothing:
            return self._shown(note_of(self._private.answer(data), self._catalog.photos), picture_hash, data), None
        mark = self._live_index.mark()
        note = self._answers.known(picture_hash, mark)
        if note is None:
            answer = self._passive.answer(data)
            note = note_of(answer, self._catalog.photos)
            if _is_lasting(answer.judgement):
                self._answers.remember(picture_hash, mark, note)
        seen: SeenPicture | None = None
        if Verdict(note.verdict).is_match:
            seen = self._seen(page, image, note, picture_hash, self._small(picture_hash, data), data)
        if image.address is not None and Verdict(note.verdict) is not Verdict.UNDECIDED:
            remembered = _Remembered(note.verdict)
            if seen is not None:  # as it was judged: what the user decides about it may be undone
                remembered = _Remembered(note.verdict, note, picture_hash, seen.perceptual_hash)
            with suppress(CatalogUnusable, Busy):  # then it is judged again the next time
                self._catalog.verdicts.remember(image.address, mark, msgspec.json.encode(remembered).decode())
        return (note, None) if seen is None else self._kept(page, seen, note, "page", obtained.exchange)

    def _judge_as_asked(
        self, page: Page, image: Image, asker: Asker, obtained: _Obtained
    ) -> tuple[AnswerNote, int | None]:
        data = obtained.data
        answer = self._asked.answer(data, deep=True)
        note = note_of(answer, self._catalog.photos)
        picture_hash = hashlib.sha256(data).digest()
        if asker.keeps_nothing or not answer.judgement.verdict.is_match:
            return self._shown(note, picture_hash, data), None
        seen = self._seen(page, image, note, picture_hash, self._small(picture_hash, data), data)
        return self._kept(page, seen, note, "asked", obtained.exchange)

    def _small(self, picture_hash: bytes, data: bytes) -> SmallCopy:
        """A small copy of the picture: the one that is kept, if there is one that tells all."""
        kept = self._catalog.sightings.picture_with_hash(picture_hash)
        return self._shrinker.shrink(data) if kept is None or kept.perceptual_hash is None else kept

    def _shown(self, note: AnswerNote, picture_hash: bytes, data: bytes) -> AnswerNote:
        """The answer as it stands, where nothing is kept."""
        if not note.matches:
            return note
        return self._standing(note, picture_hash, self._small(picture_hash, data).perceptual_hash)

    def _standing(self, note: AnswerNote, picture_hash: bytes, perceptual_hash: int | None) -> AnswerNote:
        """The answer without what the user said is not them."""
        photo_ids = [match.photo_id for match in note.matches]
        return without(note, self._catalog.decisions.dismissed(photo_ids, picture_hash, perceptual_hash))

    def _recall(self, page: Page, address: str) -> tuple[AnswerNote, int | None] | None:
        text = self._catalog.verdicts.recall(address, self._live_index.mark())
        if text is None:
            return None
        remembered = msgspec.json.decode(text, type=_Remembered)
        if remembered.note is None or remembered.picture_hash is None:
            generation = self._live_index.mark().generation
            return AnswerNote(remembered.verdict, 0.0, None, [], 0, 0, generation), None
        small = self._catalog.sightings.picture_with_hash(remembered.picture_hash)
        if small is None:
            # The user deleted the sighting. Fetching the picture again would be a request that exists only because it
            # had matched.
            return self._standing(remembered.note, remembered.picture_hash, remembered.perceptual_hash), None
        image = Image(key="", address=address)
        seen = self._seen(page, image, remembered.note, remembered.picture_hash, small)
        return self._kept(page, seen, remembered.note, "page")

    def _kept(
        self,
        page: Page,
        seen: SeenPicture,
        note: AnswerNote,
        kind: Literal["page", "asked"],
        exchange: Exchange | None = None,
    ) -> tuple[AnswerNote, int | None]:
        """The answer as it stands, and its sighting. None where no match is left to keep, or the disk refuses it, which
        must not cost the user the answer."""
        standing = self._standing(note, seen.picture_hash, seen.perceptual_hash)
        if note.matches and not standing.matches:
            return standing, None
        try:
            with self._catalog.transaction():
                sighting_id = self._catalog.sightings.keep(seen)
                observation = Observation(
                    Moment.now(), kind, "there", page.address, exchange, asked_address=page.asked_address
                )
                self._catalog.observations.add(sighting_id, observation)
            return standing, sighting_id
        except (CatalogUnusable, Busy) as error:
            _log.error("a sighting could not be kept: %s", error)
            return standing, None

    def _seen(
        self,
        page: Page,
        image: Image,
        note: AnswerNote,
        picture_hash: bytes,
        small: SmallCopy,
        original: bytes | None = None,
    ) -> SeenPicture:
        return SeenPicture(
            page_address=page.address,
            page_title=page.title,
            picture_address=shown_address(image.address or ""),
            picture_hash=picture_hash,
            picture=small.jpeg,
            width=note.width,
            height=note.height,
            answer=msgspec.json.encode(note).decode(),
            perceptual_hash=small.perceptual_hash,
            original=original,
        )


def _handed_in(image: Image, data: bytes) -> _Obtained:
    address = shown_address(image.address or "")
    return _Obtained(data, Exchange(address, address, "browser", began=time.time()))


def _undecided(error: InputError | TransientError) -> AnswerNote:
    """This picture cannot be judged; that is an answer too."""
    reason = reason_note(Reason(error.code, str(error)))
    return AnswerNote(Verdict.UNDECIDED.value, 0.0, reason, [], 0, 0, 0)


def shown_address(address: str) -> str:
    """Without the picture itself, which a `data:` address holds."""
    return address[:100] + "…" if address.startswith("data:") and len(address) > 100 else address


def _is_lasting(judgement: Judgement) -> bool:
    """Whether the same picture gets the same answer as long as the index stays as it is."""
    return judgement.verdict is not Verdict.UNDECIDED


def _milliseconds(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)
