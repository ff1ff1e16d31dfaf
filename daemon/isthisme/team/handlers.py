"""One message, one handler: of a team's daemon. Each looks at the token first, whatever was greeted before."""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec

from isthisme import __version__
from isthisme.errors import CompanionTooOld, DeadlineExceeded
from isthisme.scanning.found import FoundPicture, read_from_file
from isthisme.server.portions import portion
from isthisme.server.session import Fields
from isthisme.server.supplies import SupplyRoom
from isthisme.server.threads import Threads
from isthisme.team import messages
from isthisme.team.administering import Administering
from isthisme.team.audit import Caller
from isthisme.team.door import Door
from isthisme.team.looking import Looking
from isthisme.team.members import Grant
from isthisme.team.review import TeamDraft
from isthisme.team.reviewing import Reviewing

_ASK_SECONDS = 120.0
_MOST_PICTURE_BYTES = 128 << 20  # that wait or are looked at, of all connections
_MOST_LOG_ENTRIES = 100  # that are read for one answer

type Answered = tuple[str, Fields]


@dataclass(slots=True)
class TeamHandlers:
    door: Door
    looking: Looking
    reviewing: Reviewing
    administering: Administering
    threads: Threads
    picture_room: SupplyRoom = field(default_factory=lambda: SupplyRoom(_MOST_PICTURE_BYTES))

    async def handle(self, account: int, request: messages.AnyTeamRequest) -> Answered:
        """Raises TokenRefused, NotAllowed and what the work raises."""
        caller = await self.threads.catalog(self.door.admit, request.token, account)
        if isinstance(request, messages.Ask):
            return await self._ask(caller, request)
        return await self.threads.catalog(_HANDLERS[type(request)], self, caller, request)

    async def _ask(self, caller: Caller, request: messages.Ask) -> Answered:
        page = None
        if request.page_address is not None:
            address = request.picture_address or request.page_address
            page = FoundPicture(
                request.bytes_, request.page_address, address, read_from_file(address), request.page_title
            )
        self.picture_room.take(len(request.bytes_))
        try:
            async with asyncio.timeout(_ASK_SECONDS):
                answers = await self.threads.asked(
                    self.looking.ask, caller, request.bytes_, request.owners, page, deep=request.deep
                )
        except TimeoutError as error:
            raise DeadlineExceeded(f"the answer did not come within {_ASK_SECONDS:.0f} s; ask about fewer") from error
        finally:
            self.picture_room.give_back(len(request.bytes_))
        rows = [{"owner": each.owner, "sighting_id": each.sighting_id, **_note(each.note)} for each in answers]
        return "answers", {"answers": rows}

    def greet(self, caller: Caller, request: messages.Greet) -> Answered:
        if request.protocol != messages.PROTOCOL:
            raise CompanionTooOld(
                f"this daemon speaks protocol {messages.PROTOCOL} with a team and you {request.protocol}; "
                "use the same version of isthisme on both sides"
            )
        return "welcome", {"protocol": messages.PROTOCOL, "daemon_version": __version__, "member": caller.name}

    def status(self, caller: Caller, request: messages.TeamStatus) -> Answered:
        expires = None if caller.grant is None else caller.grant.expires_at
        states = portion("owners", map(asdict, self.looking.states(caller, after=request.after)))
        return "team_status", {"member": caller.name, "expires_at": expires} | states

    def sightings(self, caller: Caller, request: messages.OwnersSightings) -> Answered:
        found = self.looking.sightings(caller, request.owner, limit=request.limit, before=request.before)
        return "sightings", portion("sightings", found)

    def open(self, caller: Caller, request: messages.OpenSighting) -> Answered:
        fields, jpeg = self.looking.open(caller, request.owner, request.sighting_id)
        return "sighting", {**fields, "picture": base64.b64encode(jpeg).decode()}

    def drafts(self, caller: Caller, request: messages.ListDrafts) -> Answered:
        found = self.reviewing.drafts(caller, request.owner)[request.after :]
        return "drafts", portion("drafts", (draft_fields(each) | {"text": None} for each in found))

    def draft(self, caller: Caller, request: messages.MakeDraft) -> Answered:
        made, notes = self.reviewing.draft(
            caller, request.owner, request.kind, request.language, request.sighting_ids, request.answers
        )
        kept = ("missing", "recipients", "disclaimer")
        return "draft", draft_fields(made) | {name: notes[name] for name in kept}

    def read_draft(self, caller: Caller, request: messages.ReadDraft) -> Answered:
        return "draft", draft_fields(self.reviewing.read(caller, request.owner, request.number))

    def revise(self, caller: Caller, request: messages.ReviseDraft) -> Answered:
        changed = self.reviewing.revise(caller, request.owner, request.number, request.subject, request.text)
        return "draft", draft_fields(changed)

    def approve(self, caller: Caller, request: messages.ApproveDraft) -> Answered:
        approved, receipt = self.reviewing.approve(caller, request.owner, request.number, request.digest)
        return "approved", draft_fields(approved) | {"text": None, "receipt": receipt}

    def export(self, caller: Caller, request: messages.ExportDraft) -> Answered:
        exported, receipt = self.reviewing.export(caller, request.owner, request.number)
        return "exported", draft_fields(exported) | {"receipt": receipt}

    def members(self, caller: Caller, request: messages.ListMembers) -> Answered:
        found = self.administering.members(caller)[request.after :]
        return "members", portion("members", map(grant_fields, found))

    def invite(self, caller: Caller, request: messages.Invite) -> Answered:
        token, made = self.administering.invite(caller, request.member, request.owners, request.rights, request.days)
        return "invited", grant_fields(made) | {"invitation": token}

    def revoke(self, caller: Caller, request: messages.Revoke) -> Answered:
        ended = self.administering.revoke(caller, request.member, request.number)
        return "revoked", {"numbers": [each.number for each in ended]}

    def log(self, caller: Caller, request: messages.ReadLog) -> Answered:
        found = self.administering.log(caller, after=request.after, most=_MOST_LOG_ENTRIES)
        # Not their numbers, which would tell how much is done about others.
        rows = portion(
            "entries", ({"at": each.moment.at, "event": each.event, "detail": each.detail} for each in found)
        )
        return "log", rows | ({"is_more": True} if len(found) == _MOST_LOG_ENTRIES else {})


_HANDLERS: dict[type[messages.TeamRequest], Callable[[TeamHandlers, Caller, Any], Answered]] = {
    messages.Greet: TeamHandlers.greet,
    messages.TeamStatus: TeamHandlers.status,
    messages.OwnersSightings: TeamHandlers.sightings,
    messages.OpenSighting: TeamHandlers.open,
    messages.ListDrafts: TeamHandlers.drafts,
    messages.MakeDraft: TeamHandlers.draft,
    messages.ReadDraft: TeamHandlers.read_draft,
    messages.ReviseDraft: TeamHandlers.revise,
    messages.ApproveDraft: TeamHandlers.approve,
    messages.ExportDraft: TeamHandlers.export,
    messages.ListMembers: TeamHandlers.members,
    messages.Invite: TeamHandlers.invite,
    messages.Revoke: TeamHandlers.revoke,
    messages.ReadLog: TeamHandlers.log,
}


def draft_fields(draft: TeamDraft) -> dict[str, Any]:
    return {**msgspec.structs.asdict(draft), "digest": draft.digest}


def grant_fields(grant: Grant) -> dict[str, Any]:
    owners = None if grant.owners is None else sorted(grant.owners)
    return {**msgspec.structs.asdict(grant), "owners": owners, "rights": sorted(grant.rights)}


def _note(note: msgspec.Struct) -> dict[str, Any]:
    return msgspec.structs.asdict(note)
