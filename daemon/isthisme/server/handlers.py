"""One message, one handler. A handler takes the request and gives the kind and the fields of its last answer."""

import asyncio
import base64
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from isthisme import __version__
from isthisme.answer_note import AnswerNote, shown_path
from isthisme.catalog import Catalog
from isthisme.catalog.pauses import Pause
from isthisme.catalog.sightings import Sighting
from isthisme.errors import (
    CompanionTooOld,
    DeadlineExceeded,
    ExtensionTooOld,
    NotFound,
    Overloaded,
    Paused,
    UsageError,
)
from isthisme.server import messages
from isthisme.server.checking import Checked, Checker
from isthisme.server.index_keeper import IndexKeeper
from isthisme.server.messages import OLDEST_PROTOCOL, PROTOCOL
from isthisme.server.session import Fields, Session
from isthisme.server.status import status_of

_MOST_PICTURES = 2_000  # of all pages, waiting or under way; past it pages are told to come again
_PICTURES_OF_A_PAGE = 8  # under way at once, so that pages take turns
_PAGE_SECONDS = 120.0
_IMAGE_SECONDS = 30.0
_SIGHTINGS = 50
_BROWSERS = frozenset({"chromium", "firefox"})

type Answered = tuple[str, Fields]


@dataclass(slots=True)
class Handlers:
    catalog: Catalog
    checker: Checker
    keeper: IndexKeeper
    pictures_under_way: int = 0

    async def handle(self, session: Session, request: messages.AnyRequest) -> Answered:
        handler = _HANDLERS[type(request)]
        return await handler(self, session, request)

    async def hello(self, session: Session, request: messages.Hello) -> Answered:
        if request.protocol < OLDEST_PROTOCOL:
            raise ExtensionTooOld(
                f"the extension speaks protocol {request.protocol} and the companion {OLDEST_PROTOCOL} to {PROTOCOL}; "
                "update the extension, from the folder or shop that it came from"
            )
        if request.protocol > PROTOCOL:
            raise CompanionTooOld(
                f"the extension speaks protocol {request.protocol} and the companion {OLDEST_PROTOCOL} to {PROTOCOL}; "
                "update the companion: run 'git pull', then scripts/run, in its folder"
            )
        if request.browser in _BROWSERS:
            self.catalog.facts.put_greeting(request.browser, request.extension_version)
        session.user_agent = request.user_agent
        session.has_greeted = True
        return "welcome", {
            "protocol": PROTOCOL,
            "oldest_protocol": OLDEST_PROTOCOL,
            "daemon_version": __version__,
            "status": self.status(),
        }

    def status(self) -> messages.Status:
        return status_of(self.catalog, problem=self.keeper.problem)

    async def ask_status(self, _session: Session, _request: messages.AskStatus) -> Answered:
        return "status", await asyncio.to_thread(self.status)

    async def check_page(self, session: Session, request: messages.CheckPage) -> Answered:
        site = urlsplit(request.page.address).hostname or ""
        if self.catalog.pauses.covers(site):
            raise Paused("checking is paused here")
        if self.pictures_under_way + len(request.images) > _MOST_PICTURES:
            raise Overloaded(f"{self.pictures_under_way} pictures are under way already; ask again in a moment")
        self.pictures_under_way += len(request.images)
        turns = asyncio.Semaphore(_PICTURES_OF_A_PAGE)

        async def check(image: messages.Image) -> bool:
            async with turns:
                checked = await self.checker.on_page(request.page, image, session.user_agent)
            await session.send("verdict", request.id, _verdict(image.key, checked))
            return checked.is_from_cache

        try:
            async with asyncio.timeout(request.deadline_seconds or _PAGE_SECONDS), asyncio.TaskGroup() as group:
                tasks = [group.create_task(check(image)) for image in request.images]
        finally:
            self.pictures_under_way -= len(request.images)
        return "done", {"checked": len(tasks), "from_cache": sum(task.result() for task in tasks)}

    async def check_image(self, session: Session, request: messages.CheckImage) -> Answered:
        seconds = request.deadline_seconds or _IMAGE_SECONDS
        try:
            async with asyncio.timeout(seconds):
                checked = await self.checker.asked(request.page, request.image, session.user_agent)
        except TimeoutError as error:
            raise DeadlineExceeded(f"the answer did not come within {seconds:.0f} s; ask again later") from error
        return "verdict", _verdict(request.image.key, checked)

    async def cancel(self, session: Session, request: messages.Cancel) -> Answered:
        session.cancel(request.target)
        return "ok", {}

    async def photo_preview(self, _session: Session, request: messages.PhotoPreview) -> Answered:
        found = self.catalog.photos.previews([request.photo_id]).get(request.photo_id)
        if found is None:
            raise NotFound(f"there is no photo {request.photo_id} in the index now")
        path = self.catalog.photos.path_of(request.photo_id)
        return "preview", {
            **_jpeg(found.preview, found.width, found.height),
            "name": None if path is None else shown_path(Path(path.name)),
            "path": shown_path(path),
            "is_present": path is not None and path.exists(),
        }

    async def sighting_preview(self, _session: Session, request: messages.SightingPreview) -> Answered:
        found = self.catalog.sightings.picture(request.sighting_id)
        if found is None:
            raise NotFound(f"there is no sighting {request.sighting_id}")
        return "preview", {**_jpeg(*found), "name": None, "path": None, "is_present": True}

    async def sightings(self, _session: Session, request: messages.ListSightings) -> Answered:
        found = self.catalog.sightings.latest(
            request.limit or _SIGHTINGS, page_address=request.page_address, before=request.before
        )
        return "sightings", {"sightings": [sighting_fields(sighting) for sighting in found]}

    async def delete_sighting(self, _session: Session, request: messages.DeleteSighting) -> Answered:
        if not self.catalog.sightings.delete(request.sighting_id):
            raise NotFound(f"there is no sighting {request.sighting_id}")
        return "ok", {}

    async def pause(self, session: Session, request: messages.Pause) -> Answered:
        self.catalog.pauses.add(Pause(request.site, request.until))
        return "status", self.status()

    async def resume(self, session: Session, request: messages.Resume) -> Answered:
        self.catalog.pauses.end(request.site)
        return "status", self.status()

    async def folders(self, _session: Session, _request: messages.ListFolders) -> Answered:
        return self._folders()

    async def add_folder(self, _session: Session, request: messages.AddFolder) -> Answered:
        self.catalog.folders.add(_absolute(request.path))
        self.keeper.refresh()
        return self._folders()

    async def remove_folder(self, _session: Session, request: messages.RemoveFolder) -> Answered:
        await asyncio.to_thread(self.catalog.folders.remove, _absolute(request.path))
        self.keeper.refresh()
        return self._folders()

    async def rebuild(self, _session: Session, _request: messages.Rebuild) -> Answered:
        self.keeper.rebuild()
        return "status", self.status()

    def _folders(self) -> Answered:
        rows = [
            {
                "path": shown_path(folder.path),
                "photos": folder.photos,
                "unreadable": folder.unreadable,
                "is_present": folder.is_present,
            }
            for folder in self.catalog.folders.all()
        ]
        return "folders", {"folders": rows}


_HANDLERS: dict[type[messages.Request], Callable[[Handlers, Session, Any], Coroutine[Any, Any, Answered]]] = {
    messages.Hello: Handlers.hello,
    messages.AskStatus: Handlers.ask_status,
    messages.CheckPage: Handlers.check_page,
    messages.CheckImage: Handlers.check_image,
    messages.Cancel: Handlers.cancel,
    messages.PhotoPreview: Handlers.photo_preview,
    messages.SightingPreview: Handlers.sighting_preview,
    messages.ListSightings: Handlers.sightings,
    messages.DeleteSighting: Handlers.delete_sighting,
    messages.Pause: Handlers.pause,
    messages.Resume: Handlers.resume,
    messages.ListFolders: Handlers.folders,
    messages.AddFolder: Handlers.add_folder,
    messages.RemoveFolder: Handlers.remove_folder,
    messages.Rebuild: Handlers.rebuild,
}


def sighting_fields(sighting: Sighting) -> dict[str, Any]:
    """A sighting as the JSON contracts have it."""
    note = msgspec.json.decode(sighting.answer, type=AnswerNote)
    return {
        "sighting_id": sighting.sighting_id,
        "page_address": sighting.page_address,
        "page_title": sighting.page_title,
        "picture_address": sighting.picture_address,
        "first_seen": sighting.first_seen,
        "last_seen": sighting.last_seen,
        "times_seen": sighting.times_seen,
        "verdict": note.verdict,
        "score": note.score,
        "matches": note.matches,
        "width": sighting.width,
        "height": sighting.height,
    }


def _verdict(key: str, checked: Checked) -> dict[str, Any]:
    return {
        "key": key,
        **msgspec.structs.asdict(checked.note),
        "sighting_id": checked.sighting_id,
        "elapsed_ms": checked.elapsed_ms,
    }


def _jpeg(data: bytes, width: int, height: int) -> dict[str, Any]:
    encoded = base64.b64encode(data).decode("ascii")
    return {"media_type": "image/jpeg", "bytes": encoded, "width": width, "height": height}


def _absolute(path: str) -> Path:
    found = Path(path).expanduser()
    if not found.is_absolute():
        raise UsageError(f"{path!r} is not absolute; begin it with / or ~")
    return found
