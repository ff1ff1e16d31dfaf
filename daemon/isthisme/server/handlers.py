"""One message, one handler. A handler takes the request and gives the kind and the fields of its last answer."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import msgspec

from isthisme import __version__
from isthisme.acquire.browser_headers import Browser
from isthisme.answer_note import shown_path
from isthisme.errors import CompanionTooOld, DeadlineExceeded, ExtensionTooOld, Overloaded, Paused
from isthisme.evidence.foreign_text import host_of
from isthisme.installation.provenance import way_to_update
from isthisme.server import messages
from isthisme.server.capture_handlers import capture_page
from isthisme.server.case_handlers import chosen_sightings
from isthisme.server.checking import Asker, Checked, Checker
from isthisme.server.evidence_handlers import EvidenceHandlers
from isthisme.server.folder_chooser import FolderChooser
from isthisme.server.messages import OLDEST_PROTOCOL, PROTOCOL
from isthisme.server.news import News, untold_news
from isthisme.server.rechecking import Rechecker
from isthisme.server.row_handlers import Answered, RowHandlers
from isthisme.server.session import Session
from isthisme.server.suggestions import suggested_folders
from isthisme.server.threads import Threads

_MOST_PICTURES = 2_000  # of all pages, waiting or under way; past it pages are told to come again
_PICTURES_OF_A_PAGE = 8  # fetched at once, so that pages take turns
_PAGE_SECONDS = 120.0
_IMAGE_SECONDS = 30.0
_RECHECK_SECONDS = 60.0  # then who asked is told what is known by then, and asks again for the rest
_MOST_LOOKS = 500  # of which one answer tells


@dataclass(slots=True)
class Handlers:
    checker: Checker
    rows: RowHandlers
    evidence: EvidenceHandlers
    threads: Threads
    rechecker: Rechecker
    chooser: FolderChooser = field(default_factory=FolderChooser)
    pictures_under_way: int = 0

    async def handle(self, session: Session, request: messages.AnyRequest) -> Answered:
        if self.rows.handles(request):
            thread = self.threads.drives if self.rows.asks_drives(request) else self.threads.catalog
            return await thread(self.rows.handle, request)
        if self.evidence.handles(request):
            return await self.evidence.handle(request)
        return await _HANDLERS[type(request)](self, session, request)

    async def news(self) -> list[News]:
        """What no browser was told of yet."""
        return await self.threads.catalog(untold_news, self.rows.catalog)

    async def drop_news(self, told: News) -> None:
        await self.threads.catalog(self.rows.catalog.facts.drop_news, told.sighting_id, told.presence)

    async def status(self) -> messages.Status:
        return await self.threads.catalog(self.rows.status)

    def forget_sites(self) -> None:
        """The last browser has gone: no site may know it again by what was kept of its answers."""
        self.checker.forget_sites()

    async def hello(self, session: Session, request: messages.Hello) -> Answered:
        if request.protocol < OLDEST_PROTOCOL:
            raise ExtensionTooOld(
                f"the extension speaks protocol {request.protocol} and the companion {OLDEST_PROTOCOL} to {PROTOCOL}; "
                "update the extension: run 'isthisme setup', then reload it where the browser lists its extensions"
            )
        if request.protocol > PROTOCOL:
            raise CompanionTooOld(
                f"the extension speaks protocol {request.protocol} and the companion {OLDEST_PROTOCOL} to {PROTOCOL}; "
                f"update the companion: {way_to_update()}"
            )
        status = await self.threads.catalog(self.rows.greet, request)
        session.browser = Browser(request.user_agent, tuple(request.languages))
        session.has_greeted = True
        session.name = request.browser
        return "welcome", {
            "protocol": PROTOCOL,
            "oldest_protocol": OLDEST_PROTOCOL,
            "daemon_version": __version__,
            "status": status,
        }

    async def check_page(self, session: Session, request: messages.CheckPage) -> Answered:
        if await self.threads.catalog(self.rows.is_paused, host_of(request.page.address)):
            raise Paused("checking is paused here")
        if not request.is_private:
            await self._note_who_fetches(session, request.who_fetches)
        if self.pictures_under_way + len(request.images) > _MOST_PICTURES:
            raise Overloaded(f"{self.pictures_under_way} pictures are under way already; ask again in a moment")
        self.pictures_under_way += len(request.images)
        turns = asyncio.Semaphore(_PICTURES_OF_A_PAGE)
        asker = _asker(session, request)

        async def check(image: messages.Image) -> bool:
            checked = await self.checker.on_page(request.page, image, asker, turns)
            await session.send("verdict", request.id, _verdict(image.key, checked))
            return checked.is_from_cache

        try:
            async with asyncio.timeout(request.deadline_seconds or _PAGE_SECONDS), asyncio.TaskGroup() as group:
                tasks = [group.create_task(check(image)) for image in request.images]
        except ExceptionGroup as failures:
            # A picture at fault has its own answer; what comes here stops them all alike, and one says why.
            raise failures.exceptions[0] from failures
        finally:
            self.pictures_under_way -= len(request.images)
        return "done", {"checked": len(tasks), "from_cache": sum(task.result() for task in tasks)}

    async def check_image(self, session: Session, request: messages.CheckImage) -> Answered:
        seconds = request.deadline_seconds or _IMAGE_SECONDS
        try:
            async with asyncio.timeout(seconds):
                checked = await self.checker.asked(request.page, request.image, _asker(session, request))
        except TimeoutError as error:
            raise DeadlineExceeded(f"the answer did not come within {seconds:.0f} s; ask again later") from error
        return "verdict", _verdict(request.image.key, checked)

    async def recheck(self, session: Session, request: messages.Recheck) -> Answered:
        await self._note_who_fetches(session, request.who_fetches)
        numbers = await self.threads.catalog(chosen_sightings, self.rows.catalog, request)
        end = time.monotonic() + (request.deadline_seconds or _RECHECK_SECONDS)
        looks, left = await self.rechecker.look_at_all(numbers[:_MOST_LOOKS], lambda: time.monotonic() < end)
        left += numbers[_MOST_LOOKS:]
        results = [{"sighting_id": look.sighting_id, "presence": look.presence, "words": look.words} for look in looks]
        return "rechecked", {"results": results} | ({"left": left} if left else {})

    async def recheck_schedule(self, session: Session, request: messages.RecheckSchedule) -> Answered:
        await self._note_who_fetches(session, request.who_fetches)
        facts = self.rows.catalog.facts
        if request.hours is not None:
            await self.threads.catalog(facts.put_recheck_hours, request.hours)
        return "recheck_schedule", {"hours": await self.threads.catalog(facts.recheck_hours)}

    async def _note_who_fetches(self, session: Session, who: messages.WhoFetches) -> None:
        """So that looking again by itself goes no other way than that browser's pages do."""
        if session.is_browser and session.who_fetches != who:
            facts = self.rows.catalog.facts
            await self.threads.catalog(facts.put_who_fetches, session.name, is_browser_alone=who == "browser")
            session.who_fetches = who

    async def suggest_folders(self, _session: Session, _request: messages.SuggestFolders) -> Answered:
        found = await self.threads.drives(suggested_folders, self.rows.catalog.folders)
        return "suggestions", {"suggestions": found, "can_choose": self.chooser.is_offered}

    async def choose_folder(self, _session: Session, _request: messages.ChooseFolder) -> Answered:
        return "folder", {"path": shown_path(await self.chooser.choose())}

    async def supply_bytes(self, session: Session, request: messages.SupplyBytes) -> Answered:
        session.supplies.take(request)
        return "ok", {}

    async def supply_nothing(self, session: Session, request: messages.SupplyNothing) -> Answered:
        session.supplies.refuse(request)
        return "ok", {}

    async def capture_page(self, session: Session, request: messages.CapturePage) -> Answered:
        return await capture_page(self.rows.catalog, self.threads, session, request)

    async def cancel(self, session: Session, request: messages.Cancel) -> Answered:
        session.cancel(request.target)
        return "ok", {}


_HANDLERS: dict[type[messages.Request], Callable[[Handlers, Session, Any], Coroutine[Any, Any, Answered]]] = {
    messages.Hello: Handlers.hello,
    messages.CheckPage: Handlers.check_page,
    messages.CheckImage: Handlers.check_image,
    messages.Recheck: Handlers.recheck,
    messages.RecheckSchedule: Handlers.recheck_schedule,
    messages.SuggestFolders: Handlers.suggest_folders,
    messages.ChooseFolder: Handlers.choose_folder,
    messages.SupplyBytes: Handlers.supply_bytes,
    messages.SupplyNothing: Handlers.supply_nothing,
    messages.CapturePage: Handlers.capture_page,
    messages.Cancel: Handlers.cancel,
}


def _asker(session: Session, request: messages.CheckPage | messages.CheckImage) -> Asker:
    is_rehearsal = isinstance(request, messages.CheckImage) and request.is_rehearsal
    return Asker(
        session.browser,
        session.supplies.for_request(request.id),
        only_browser_fetches=request.who_fetches == "browser" or request.is_private,
        keeps_nothing=request.is_private or is_rehearsal,
    )


def _verdict(key: str, checked: Checked) -> dict[str, Any]:
    return {
        "key": key,
        **msgspec.structs.asdict(checked.note),
        "sighting_id": checked.sighting_id,
        "elapsed_ms": checked.elapsed_ms,
    }
