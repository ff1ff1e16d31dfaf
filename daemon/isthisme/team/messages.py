"""What may be asked of a team's daemon. Every request carries its token."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from isthisme.server.messages import PageAddress, Request, RowNumber
from isthisme.team.members import LONGEST_DAYS, Right

PROTOCOL = 1
LARGEST_PICTURE = 10 << 20  # bytes; a frame to a daemon holds it
MOST_OWNERS = 100  # that one picture is compared with in one request

type Token = Annotated[str, Meta(min_length=1, max_length=200)]
type Name = Annotated[str, Meta(min_length=1, max_length=64)]
type Owners = Annotated[list[Name], Meta(max_length=MOST_OWNERS)]
type DraftNumber = Annotated[int, Meta(ge=1, le=2**53 - 1)]
type HowMany = Annotated[int, Meta(ge=0, le=2**53 - 1)]  # of a list were read already


class TeamRequest(Request, frozen=True, kw_only=True):
    token: Token


class Greet(TeamRequest, frozen=True, kw_only=True, tag="hello"):
    protocol: int


class TeamStatus(TeamRequest, frozen=True, kw_only=True, tag="status"):
    after: HowMany = 0


class Ask(TeamRequest, frozen=True, kw_only=True, tag="ask"):
    owners: Owners = msgspec.field(default_factory=list)  # none named: all of the token's
    bytes_: Annotated[bytes, Meta(min_length=1, max_length=LARGEST_PICTURE)] = msgspec.field(name="bytes")
    page_address: PageAddress | None = None  # then a sighting is kept where it matches
    page_title: Annotated[str, Meta(max_length=10_000)] | None = None
    picture_address: PageAddress | None = None
    deep: bool = False


class OwnersSightings(TeamRequest, frozen=True, kw_only=True, tag="sightings"):
    owner: Name
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    before: RowNumber | None = None


class OpenSighting(TeamRequest, frozen=True, kw_only=True, tag="open"):
    owner: Name
    sighting_id: RowNumber


class ListDrafts(TeamRequest, frozen=True, kw_only=True, tag="drafts"):
    owner: Name
    after: HowMany = 0


class MakeDraft(TeamRequest, frozen=True, kw_only=True, tag="draft"):
    owner: Name
    kind: Annotated[str, Meta(max_length=100)]
    language: Literal["en", "zh"]
    sighting_ids: Annotated[list[RowNumber], Meta(min_length=1, max_length=1_000)]
    answers: Annotated[
        dict[Annotated[str, Meta(max_length=100)], Annotated[str, Meta(max_length=4_000)]], Meta(max_length=50)
    ] = msgspec.field(default_factory=dict)


class ReadDraft(TeamRequest, frozen=True, kw_only=True, tag="read_draft"):
    owner: Name
    number: DraftNumber


class ReviseDraft(TeamRequest, frozen=True, kw_only=True, tag="revise"):
    owner: Name
    number: DraftNumber
    subject: Annotated[str, Meta(max_length=2_000)]
    text: Annotated[str, Meta(max_length=400_000)]


class ApproveDraft(TeamRequest, frozen=True, kw_only=True, tag="approve"):
    owner: Name
    number: DraftNumber
    digest: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class ExportDraft(TeamRequest, frozen=True, kw_only=True, tag="export"):
    owner: Name
    number: DraftNumber


class ListMembers(TeamRequest, frozen=True, kw_only=True, tag="members"):
    after: HowMany = 0


class Invite(TeamRequest, frozen=True, kw_only=True, tag="invite"):
    member: Name
    owners: Annotated[list[Name], Meta(max_length=10_000)] | None = None  # None: every owner
    rights: Annotated[list[Right], Meta(min_length=1, max_length=len(Right))]
    days: Annotated[int, Meta(ge=1, le=LONGEST_DAYS)]


class Revoke(TeamRequest, frozen=True, kw_only=True, tag="revoke"):
    member: Name
    number: Annotated[str, Meta(max_length=100)] | None = None  # None: all of the member's


class ReadLog(TeamRequest, frozen=True, kw_only=True, tag="log"):
    after: HowMany = 0


type AnyTeamRequest = (
    Greet
    | TeamStatus
    | Ask
    | OwnersSightings
    | OpenSighting
    | ListDrafts
    | MakeDraft
    | ReadDraft
    | ReviseDraft
    | ApproveDraft
    | ExportDraft
    | ListMembers
    | Invite
    | Revoke
    | ReadLog
)
