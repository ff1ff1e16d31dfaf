"""Messages that need rows, and some of them a look at where photos lie; their handlers run in threads, and may wait."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from isthisme.acquire.system_proxy import SystemProxy
from isthisme.answer_note import AnswerNote, photo_is_there, shown_path, without
from isthisme.catalog import Catalog
from isthisme.catalog.pauses import Pause
from isthisme.catalog.sightings import Sighting, Wanted
from isthisme.encryption import PLAIN, Vault
from isthisme.errors import NotFound, PathNotAbsolute
from isthisme.server import messages
from isthisme.server.case_handlers import CASE_HANDLERS
from isthisme.server.decision_handlers import DECISION_HANDLERS
from isthisme.server.index_keeper import IndexKeeper
from isthisme.server.notice_handlers import NOTICE_HANDLERS, save_notice
from isthisme.server.portions import portion
from isthisme.server.problems import little_space
from isthisme.server.session import BROWSERS, Fields
from isthisme.server.status import status_of

_SIGHTINGS = 50
_SAMPLE = 12
_EVERY = Wanted()

type Answered = tuple[str, Fields]


@dataclass(slots=True)
class RowHandlers:
    catalog: Catalog
    keeper: IndexKeeper
    home: Path
    system_proxy: SystemProxy
    vault: Vault = PLAIN

    def handles(self, request: messages.AnyRequest) -> bool:
        return type(request) in _HANDLERS or type(request) in _CATALOG_HANDLERS

    def asks_drives(self, request: messages.AnyRequest) -> bool:
        """Whether its answer takes more than rows: a drive may hang, and nobody else's rows may wait for it."""
        return type(request) in _ASKING_DRIVES

    def handle(self, request: messages.AnyRequest) -> Answered:
        if type(request) in _CATALOG_HANDLERS:
            return _CATALOG_HANDLERS[type(request)](self.catalog, request)
        return _HANDLERS[type(request)](self, request)

    def status(self) -> messages.Status:
        problems = [*little_space(self.home), *self.keeper.problems()]
        status = status_of(self.catalog, problems, is_behind=self.keeper.is_behind)
        return msgspec.structs.replace(status, system_proxy=self.system_proxy.is_used())

    def greet(self, request: messages.Hello) -> messages.Status:
        """Records the greeting; the status to welcome with."""
        if request.browser in BROWSERS:
            self.catalog.facts.put_greeting(request.browser, request.extension_version)
        return self.status()

    def is_paused(self, site: str) -> bool:
        return self.catalog.pauses.covers(site)

    def ask_status(self, _request: messages.AskStatus) -> Answered:
        return "status", self.status()

    def photo_preview(self, request: messages.PhotoPreview) -> Answered:
        found = self.catalog.photos.previews([request.photo_id]).get(request.photo_id)
        if found is None:
            raise NotFound(f"there is no photo {request.photo_id} in the index now")
        path = self.catalog.photos.path_of(request.photo_id)
        return "preview", {
            **_jpeg(found.preview, found.width, found.height),
            "name": None if path is None else shown_path(Path(path.name)),
            "path": shown_path(path),
            "is_present": photo_is_there(path),
        }

    def sighting_preview(self, request: messages.SightingPreview) -> Answered:
        found = self.catalog.sightings.picture(request.sighting_id)
        if found is None:
            raise NotFound(f"there is no sighting {request.sighting_id}; 'isthisme sightings list' names them")
        return "preview", {**_jpeg(*found), "name": None, "path": None, "is_present": True}

    def sightings(self, request: messages.ListSightings) -> Answered:
        wanted = Wanted(
            page_address=request.page_address,
            site=request.site,
            search=request.search,
            verdict=request.verdict,
            presence=request.presence,
            is_kept=request.is_kept,
            case_id=request.case_id,
            is_without_case=request.is_without_case,
        )
        limit = request.limit or _SIGHTINGS
        return "sightings", portion("sightings", standing_sightings(self.catalog, limit, wanted, before=request.before))

    def delete_sighting(self, request: messages.DeleteSighting) -> Answered:
        with self.catalog.transaction():
            deleted = self.catalog.sightings.delete([request.sighting_id])
            if not deleted:
                raise NotFound(f"there is no sighting {request.sighting_id}; 'isthisme sightings list' names them")
            self.catalog.journal.note("deleted", {"sightings": deleted})
        return "ok", {}

    def save_notice(self, request: messages.SaveNotice) -> Answered:
        return save_notice(self.catalog, self.home, request, self.vault)

    def pause(self, request: messages.Pause) -> Answered:
        self.catalog.pauses.add(Pause(request.site, request.until))
        return "status", self.status()

    def resume(self, request: messages.Resume) -> Answered:
        self.catalog.pauses.end(request.site)
        return "status", self.status()

    def sample_photos(self, request: messages.SamplePhotos) -> Answered:
        generation = self.catalog.generations.current()
        if generation is None:
            return "photos", {"photos": []}
        newest = self.catalog.generations.mark().newest_description
        limit = request.limit or _SAMPLE
        rows = self.catalog.generations.descriptions(generation, after=max(0, newest - 4 * limit), at_most=4 * limit)
        return "photos", {"photos": [{"photo_id": int(photo_id)} for photo_id in rows.photo_ids[::-1][:limit]]}

    def folders(self, _request: messages.ListFolders) -> Answered:
        return self._folders()

    def add_folder(self, request: messages.AddFolder) -> Answered:
        self.catalog.folders.add(_absolute(request.path))
        self.keeper.refresh()
        return self._folders()

    def remove_folder(self, request: messages.RemoveFolder) -> Answered:
        self.catalog.folders.remove(_absolute(request.path))
        self.keeper.refresh()
        return self._folders()

    def rebuild(self, _request: messages.Rebuild) -> Answered:
        self.keeper.rebuild()
        return "status", self.status()

    def index_now(self, _request: messages.IndexNow) -> Answered:
        self.catalog.facts.put_hurry(is_wanted=True)
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


_CATALOG_HANDLERS = DECISION_HANDLERS | CASE_HANDLERS | NOTICE_HANDLERS

_HANDLERS: dict[type[messages.Request], Callable[[RowHandlers, Any], Answered]] = {
    messages.AskStatus: RowHandlers.ask_status,
    messages.PhotoPreview: RowHandlers.photo_preview,
    messages.SightingPreview: RowHandlers.sighting_preview,
    messages.ListSightings: RowHandlers.sightings,
    messages.DeleteSighting: RowHandlers.delete_sighting,
    messages.Pause: RowHandlers.pause,
    messages.Resume: RowHandlers.resume,
    messages.SamplePhotos: RowHandlers.sample_photos,
    messages.ListFolders: RowHandlers.folders,
    messages.AddFolder: RowHandlers.add_folder,
    messages.RemoveFolder: RowHandlers.remove_folder,
    messages.Rebuild: RowHandlers.rebuild,
    messages.IndexNow: RowHandlers.index_now,
    messages.SaveNotice: RowHandlers.save_notice,
}

_ASKING_DRIVES = {messages.PhotoPreview, messages.ListFolders, messages.AddFolder, messages.RemoveFolder}


def standing_sightings(
    catalog: Catalog, limit: int, wanted: Wanted = _EVERY, *, before: int | None = None
) -> list[dict[str, Any]]:
    """Sightings as the JSON contracts have them, the newest first, without what the user said is not them."""
    found: list[dict[str, Any]] = []
    while page := catalog.sightings.latest(limit, wanted, before=before):
        found += [fields for each in page if (fields := _standing_fields(catalog, each)) is not None]
        before = page[-1].sighting_id
        if len(found) >= limit or len(page) < limit:
            break
    return found[:limit]


def _standing_fields(catalog: Catalog, sighting: Sighting) -> dict[str, Any] | None:
    """None where every match was dismissed."""
    note = msgspec.json.decode(sighting.answer, type=AnswerNote)
    hashes = catalog.sightings.hashes_of(sighting.sighting_id)
    photo_ids = [match.photo_id for match in note.matches]
    if photo_ids and hashes is not None:
        note = without(note, catalog.decisions.dismissed(photo_ids, *hashes))
        if not note.matches:
            return None
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
        "utc_offset": sighting.utc_offset,
        "picture_sha256": sighting.picture_hash.hex(),
        "original_bytes": sighting.original_bytes,
        "presence": sighting.presence,
        "checked_at": sighting.checked_at,
        "is_kept": sighting.is_kept,
        "case_id": sighting.case_id,
    }


def _jpeg(data: bytes, width: int, height: int) -> dict[str, Any]:
    encoded = base64.b64encode(data).decode("ascii")
    return {"media_type": "image/jpeg", "bytes": encoded, "width": width, "height": height}


def _absolute(path: str) -> Path:
    try:
        found = Path(path).expanduser()
    except RuntimeError as error:  # ~ and the name of nobody
        raise PathNotAbsolute(f"{path[:200]!r} names the home folder of nobody here; begin it with / or ~/") from error
    if not found.is_absolute():
        raise PathNotAbsolute(f"{path!r} is not absolute; begin it with / or ~")
    return found
