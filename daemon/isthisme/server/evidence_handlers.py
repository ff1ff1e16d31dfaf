"""Messages about evidence: saving it, checking it, showing where it lies."""

from collections.abc import Callable, Coroutine
from typing import Any

from isthisme.evidence.verify import Line, Verified
from isthisme.evidence.wording import Language
from isthisme.server import messages
from isthisme.server.evidence_saving import Evidence
from isthisme.server.folder_window import FolderWindow
from isthisme.server.portions import portion
from isthisme.server.session import Fields
from isthisme.server.threads import Threads

_MOST_LINES = 1_000  # of an answer; a frame has room for some thousand

type Answered = tuple[str, Fields]


class EvidenceHandlers:
    def __init__(self, evidence: Evidence, threads: Threads, window: FolderWindow) -> None:
        self._evidence = evidence
        self._threads = threads
        self._window = window

    def handles(self, request: messages.AnyRequest) -> bool:
        return type(request) in _HANDLERS

    async def handle(self, request: messages.AnyRequest) -> Answered:
        return await _HANDLERS[type(request)](self, request)

    async def save(self, request: messages.SaveEvidence) -> Answered:
        return await self._threads.long(self._save, request)

    async def bundles(self, request: messages.ListBundles) -> Answered:
        return await self._threads.drives(self._bundles, request)  # it looks which are there

    async def verify(self, request: messages.VerifyEvidence) -> Answered:
        return await self._threads.long(self._verify, request.bundle_id)

    async def show(self, request: messages.ShowBundle) -> Answered:
        found = await self._threads.catalog(self._evidence.bundle, request.bundle_id)
        await self._window.show(found.path)
        await self._threads.catalog(self._evidence.note_opened, found)
        return "ok", {}

    def _save(self, request: messages.SaveEvidence) -> Answered:
        language: Language = "zh" if request.language.lower().startswith("zh") else "en"
        stamp = self._evidence.stamp_of(request.timestamp) if request.timestamp else None
        made = self._evidence.save(request.sighting_ids or [], request.case_id, language, stamp=stamp)
        timestamp = made.timestamp
        return "evidence", {
            **self._evidence.fields_of(self._evidence.bundle(made.bundle_id)),
            "files": list(made.saved.files),
            "timestamp": timestamp and {"at": timestamp.at.timestamp(), "authority": timestamp.authority},
            "timestamp_problem": made.timestamp_problem,
        }

    def _bundles(self, request: messages.ListBundles) -> Answered:
        found = self._evidence.bundles(case_id=request.case_id, sighting_id=request.sighting_id, before=request.before)
        return "bundles", portion("bundles", map(self._evidence.fields_of, found))

    def _verify(self, bundle_id: int) -> Answered:
        found = self._evidence.verify(self._evidence.bundle(bundle_id).path, bundle_id)
        return "verified", {"is_intact": found.is_intact, "lines": line_fields(found)}


_HANDLERS: dict[type[messages.Request], Callable[[EvidenceHandlers, Any], Coroutine[Any, Any, Answered]]] = {
    messages.SaveEvidence: EvidenceHandlers.save,
    messages.ListBundles: EvidenceHandlers.bundles,
    messages.VerifyEvidence: EvidenceHandlers.verify,
    messages.ShowBundle: EvidenceHandlers.show,
}


def line_fields(verified: Verified) -> list[dict[str, str]]:
    """What is not intact first, and no more than an answer has room for."""
    lines = sorted(verified.lines, key=lambda line: line.state in ("intact", "note"))
    more = len(lines) - _MOST_LINES
    if more > 0:
        lines = [*lines[:_MOST_LINES], Line("…", "note", f"and {more:,} more")]
    return [{"file": line.file, "state": line.state, "words": line.words} for line in lines]
