"""Every message of the protocol as a type."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

PROTOCOL = 1
OLDEST_PROTOCOL = 1
MOST_PARTS = 64  # of a picture that the extension hands in
LARGEST_CHUNK_BYTES = 8 << 20  # of a page that it captured
MOST_SIGHTINGS = 10_000  # that one request is about

type RequestId = Annotated[int, Meta(ge=1, le=2**53 - 1)]
type RowNumber = Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)]  # of a photo, sighting, case, ...: if there is one
type Address = Annotated[str, Meta(min_length=1, max_length=14 << 20)]  # `data:` addresses are long
type PageAddress = Annotated[str, Meta(min_length=1, max_length=65_536)]
type Key = Annotated[str, Meta(max_length=100)]
type Seconds = Annotated[float, Meta(gt=0, le=600)]
type WhoFetches = Literal["companion", "browser"]


class Page(Struct, frozen=True):
    address: PageAddress
    title: Annotated[str, Meta(max_length=10_000)] | None = None
    asked_address: PageAddress | None = None  # where the browser was asked to go, where redirects led from there


class Image(Struct, frozen=True):
    key: Key
    address: Address | None = None
    bytes_: bytes | None = msgspec.field(default=None, name="bytes")
    may_supply: bool = False  # the extension can hand in the bytes when it is asked to
    document: PageAddress | None = None  # that shows the picture, where it is not the page: a frame's
    referrer_policy: Annotated[str, Meta(max_length=100)] | None = None
    is_seen: bool = False  # it is judged before what is not


class Request(Struct, frozen=True, tag_field="type"):
    id: RequestId


class Hello(Request, frozen=True, tag="hello"):
    protocol: int
    extension_version: Annotated[str, Meta(max_length=50)]
    browser: Annotated[str, Meta(max_length=50)]
    user_agent: Annotated[str, Meta(max_length=1_000)]
    languages: Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(max_length=50)] = []


class AskStatus(Request, frozen=True, tag="status"):
    pass


class CheckPage(Request, frozen=True, tag="check_page"):
    page: Page
    images: Annotated[list[Image], Meta(max_length=300)]
    deadline_seconds: Seconds | None = None
    who_fetches: WhoFetches = "companion"
    is_private: bool = False


class CheckImage(Request, frozen=True, tag="check_image"):
    page: Page
    image: Image
    deadline_seconds: Seconds | None = None
    is_rehearsal: bool = False  # the user tries it out: nothing is kept of it
    who_fetches: WhoFetches = "companion"
    is_private: bool = False


class SupplyBytes(Request, frozen=True, tag="supply_bytes"):
    target: RequestId
    key: Key
    part: Annotated[int, Meta(ge=0, lt=MOST_PARTS)]  # counted from 0
    parts: Annotated[int, Meta(ge=1, le=MOST_PARTS)]
    bytes_: bytes = msgspec.field(name="bytes")


class SupplyNothing(Request, frozen=True, tag="supply_nothing"):
    target: RequestId
    key: Key
    reason: Annotated[str, Meta(max_length=200)]


class CapturePage(Request, frozen=True, tag="capture_page"):
    capture: Annotated[str, Meta(min_length=1, max_length=100)]
    page: Page
    kind: Literal["screen", "whole", "html"]
    media_type: Literal["image/png", "image/jpeg", "text/html"]
    at: Annotated[float, Meta(ge=0, le=1e11)]  # seconds since 1970
    part: Annotated[int, Meta(ge=0, lt=MOST_PARTS)]  # counted from 0
    parts: Annotated[int, Meta(ge=1, le=MOST_PARTS)]
    bytes_: Annotated[bytes, Meta(min_length=1, max_length=LARGEST_CHUNK_BYTES)] = msgspec.field(name="bytes")
    is_last: bool = False  # nothing of this capture comes after it
    width: Annotated[int, Meta(ge=0, le=65_535)] = 0  # pixels; 0 of a text
    height: Annotated[int, Meta(ge=0, le=65_535)] = 0
    utc_offset: Annotated[int, Meta(ge=-86_400, le=86_400)] = 0  # seconds east of UTC
    words: Annotated[str, Meta(max_length=1_000)] = ""  # what is to be known of it, such as that it was cut


class Cancel(Request, frozen=True, tag="cancel"):
    target: RequestId


class PhotoPreview(Request, frozen=True, tag="photo_preview"):
    photo_id: RowNumber


class SightingPreview(Request, frozen=True, tag="sighting_preview"):
    sighting_id: RowNumber


class ListSightings(Request, frozen=True, tag="sightings"):
    page_address: PageAddress | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] | None = None
    before: RowNumber | None = None
    site: Annotated[str, Meta(min_length=1, max_length=300)] | None = None
    search: Annotated[str, Meta(min_length=1, max_length=1_000)] | None = None
    verdict: Literal["copy", "possible_copy"] | None = None
    presence: Literal["there", "gone", "unknown"] | None = None
    is_kept: bool | None = None
    case_id: RowNumber | None = None
    is_without_case: bool | None = None


class DeleteSighting(Request, frozen=True, tag="delete_sighting"):
    sighting_id: RowNumber


class KeepSighting(Request, frozen=True, tag="keep_sighting"):
    sighting_id: RowNumber


class NotMe(Request, frozen=True, tag="not_me"):
    sighting_id: RowNumber
    photo_id: RowNumber


type SightingIds = Annotated[list[RowNumber], Meta(min_length=1, max_length=MOST_SIGHTINGS)]
type CaseName = Annotated[str, Meta(max_length=500)]


class SomeSightings(Struct, frozen=True):
    """What a request about sightings names: them, or the case that they are in."""

    sighting_ids: SightingIds | None = None
    case_id: RowNumber | None = None


class Recheck(Request, frozen=True, tag="recheck"):
    sighting_ids: SightingIds | None = None
    case_id: RowNumber | None = None
    deadline_seconds: Seconds | None = None
    who_fetches: WhoFetches = "companion"


class RecheckSchedule(Request, frozen=True, tag="recheck_schedule"):
    hours: Literal[0, 24, 72, 168] | None = None  # 0: never; left out: tells what is set
    who_fetches: WhoFetches = "companion"


class ListCases(Request, frozen=True, tag="cases"):
    before: RowNumber | None = None


class AskCase(Request, frozen=True, tag="case"):
    case_id: RowNumber


class SuggestCases(Request, frozen=True, tag="suggest_cases"):
    pass


class MakeCase(Request, frozen=True, tag="make_case"):
    sighting_ids: SightingIds
    name: CaseName | None = None
    offender: CaseName | None = None


class PutInCase(Request, frozen=True, tag="put_in_case"):
    sighting_ids: SightingIds
    case_id: RowNumber | None = None  # none: out of the case that they are in


class MergeCases(Request, frozen=True, tag="merge_cases"):
    case_id: RowNumber
    into: RowNumber


class ChangeCase(Request, frozen=True, tag="change_case"):
    case_id: RowNumber
    name: CaseName | None = None
    status: Literal["found", "reported", "answered", "removed", "came_back"] | None = None


class AddNote(Request, frozen=True, tag="add_note"):
    case_id: RowNumber
    text: Annotated[str, Meta(min_length=1, max_length=20_000)]


class DeleteNote(Request, frozen=True, tag="delete_note"):
    event_id: RowNumber


class DeleteCase(Request, frozen=True, tag="delete_case"):
    case_id: RowNumber
    with_sightings: bool = False


class AskTimeline(Request, frozen=True, tag="timeline"):
    case_id: RowNumber | None = None
    sighting_id: RowNumber | None = None
    first: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None  # only so many, the oldest: what an answer left out


class NoteExport(Request, frozen=True, tag="note_export"):
    format: Literal["json", "csv"]
    sightings: RowNumber


type Language = Literal["en", "zh"]
type NoticeKind = Annotated[str, Meta(max_length=50)]
type Answer = Annotated[str, Meta(max_length=4_000)]
type LetterText = Annotated[str, Meta(max_length=1_000_000)]


class NoticeKinds(Request, frozen=True, tag="notice_kinds"):
    language: Language


class DraftNotice(Request, frozen=True, tag="draft_notice"):
    kind: NoticeKind
    language: Language
    answers: Annotated[dict[Annotated[str, Meta(max_length=50)], Answer], Meta(max_length=40)] = {}
    sighting_ids: SightingIds | None = None
    case_id: RowNumber | None = None


class SaveNotice(Request, frozen=True, tag="save_notice"):
    kind: NoticeKind
    language: Language
    subject: Annotated[str, Meta(max_length=1_000)]
    text: LetterText  # as the user edited it
    format: Literal["txt", "pdf"]
    sighting_ids: SightingIds | None = None
    case_id: RowNumber | None = None


class NoteNotice(Request, frozen=True, tag="note_notice"):
    kind: NoticeKind
    how: Literal["copied", "mailed"]
    sighting_ids: SightingIds | None = None
    case_id: RowNumber | None = None


class FineHere(Request, frozen=True, tag="fine_here"):
    pattern: Annotated[str, Meta(min_length=1, max_length=20_000)]
    reach: Literal["page", "below"]
    is_own_place: bool = False


class ListDecisions(Request, frozen=True, tag="decisions"):
    limit: Annotated[int, Meta(ge=1, le=200)] | None = None
    before: RowNumber | None = None


class UndoDecision(Request, frozen=True, tag="undo_decision"):
    decision_id: RowNumber


type Site = Annotated[str, Meta(min_length=1, max_length=300)]


class Pause(Request, frozen=True, tag="pause"):
    site: Site | None = None
    until: float | None = None


class Resume(Request, frozen=True, tag="resume"):
    site: Site | None = None


class ListFolders(Request, frozen=True, tag="folders"):
    pass


type FolderPath = Annotated[str, Meta(min_length=1, max_length=10_000)]


class AddFolder(Request, frozen=True, tag="add_folder"):
    path: FolderPath


class RemoveFolder(Request, frozen=True, tag="remove_folder"):
    path: FolderPath


class SuggestFolders(Request, frozen=True, tag="suggest_folders"):
    pass


class ChooseFolder(Request, frozen=True, tag="choose_folder"):
    pass


class SamplePhotos(Request, frozen=True, tag="sample_photos"):
    limit: Annotated[int, Meta(ge=1, le=50)] | None = None


class SaveEvidence(Request, frozen=True, tag="save_evidence"):
    language: Annotated[str, Meta(max_length=100)]
    sighting_ids: Annotated[list[RowNumber], Meta(max_length=200)] | None = None
    case_id: RowNumber | None = None
    timestamp: Annotated[str, Meta(max_length=2_000)] | None = None  # the authority that the user agreed to


class ListBundles(Request, frozen=True, tag="bundles"):
    case_id: RowNumber | None = None
    sighting_id: RowNumber | None = None
    before: RowNumber | None = None


class VerifyEvidence(Request, frozen=True, tag="verify_evidence"):
    bundle_id: RowNumber


class ShowBundle(Request, frozen=True, tag="show_bundle"):
    bundle_id: RowNumber


class Rebuild(Request, frozen=True, tag="rebuild"):
    pass


class IndexNow(Request, frozen=True, tag="index_now"):
    pass


type AnyRequest = (
    Hello
    | AskStatus
    | CheckPage
    | CheckImage
    | SupplyBytes
    | SupplyNothing
    | CapturePage
    | Cancel
    | PhotoPreview
    | SightingPreview
    | ListSightings
    | DeleteSighting
    | Recheck
    | RecheckSchedule
    | ListCases
    | AskCase
    | SuggestCases
    | MakeCase
    | PutInCase
    | MergeCases
    | ChangeCase
    | AddNote
    | DeleteNote
    | DeleteCase
    | AskTimeline
    | NoteExport
    | NoticeKinds
    | DraftNotice
    | SaveNotice
    | NoteNotice
    | KeepSighting
    | NotMe
    | FineHere
    | ListDecisions
    | UndoDecision
    | Pause
    | Resume
    | ListFolders
    | AddFolder
    | RemoveFolder
    | SuggestFolders
    | ChooseFolder
    | SamplePhotos
    | SaveEvidence
    | ListBundles
    | VerifyEvidence
    | ShowBundle
    | Rebuild
    | IndexNow
)


class Status(Struct, frozen=True, omit_defaults=False):
    state: str
    photos: int
    folders: int
    generation: int
    model: str | None
    progress: dict[str, Any] | None
    paused: dict[str, Any]
    decisions: str  # another after each change of what the user decided
    problems: list[dict[str, str]]
    system_proxy: bool = False
