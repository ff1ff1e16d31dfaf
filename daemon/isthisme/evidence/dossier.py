"""What a bundle is made from: sightings with all that is kept of them, the user's own photos, the case."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from isthisme.answer_note import AnswerNote, MatchNote
from isthisme.catalog.captures import Capture, Part, PartKind
from isthisme.catalog.cases import Case, CaseEvent
from isthisme.catalog.observations import Observation
from isthisme.catalog.sightings import Sighting
from isthisme.domain import CameraNotes, Comparison, Moment
from isthisme.evidence.foreign_text import host_of
from isthisme.evidence.media_types import MediaType

type FileState = Literal["same", "changed", "gone", "unreadable", "forgotten"]


@dataclass(frozen=True, slots=True)
class OwnPhoto:
    """A photo of the user as it is now, without its bytes."""

    photo_id: int
    name: str  # of its file, without folders: they name the user
    state: FileState
    sha256: bytes | None = None  # as the index knows it; None where it was forgotten
    byte_size: int | None = None  # None where the file is not there
    width: int = 0  # pixels; 0 where it was forgotten
    height: int = 0
    preview: bytes | None = None  # JPEG
    camera: CameraNotes = field(default_factory=CameraNotes)
    changed_at: float | None = None  # what the file system says, seconds since 1970
    known_since: float | None = None  # when the program first read it; None where that was not noted
    found_first: float | None = None  # where that is None: when it was first found in a picture, and so was known
    manifests: tuple[str, ...] = ()  # dated lists of the whole index that name it: name and date of each


@dataclass(frozen=True, slots=True)
class Compared:
    """A photo that was found in a picture, beside it."""

    photo: OwnPhoto
    match: MatchNote
    comparison: Comparison | None
    trouble: str = ""  # why there is no comparison, in English; "" also where the photo was forgotten


@dataclass(frozen=True, slots=True)
class Finding:
    """One sighting with all that is kept of it."""

    sighting: Sighting
    note: AnswerNote  # without what the user said is not in the picture
    first_seen: Moment
    last_seen: Moment
    observations: tuple[Observation, ...]
    compared: tuple[Compared, ...]
    picture: Callable[[], bytes]  # byte for byte where `is_original`, else a small copy
    is_original: bool
    media_type: MediaType  # of the picture, by its first bytes
    capture: Capture | None
    read_part: Callable[[Part], bytes]
    screen: bytes | None  # JPEG for the report, drawn by a worker

    @property
    def number(self) -> int:
        return self.sighting.sighting_id

    @property
    def site(self) -> str:
        return host_of(self.sighting.page_address)

    @property
    def fetched(self) -> Observation | None:
        """The first time the picture itself came, where it is known how. A re-check may have met other bytes."""
        came = (each for each in self.observations if each.exchange and each.presence == "there")
        return next((each for each in came if each.kind != "recheck"), None)

    def part(self, kind: PartKind) -> Part | None:
        parts = self.capture.parts if self.capture else ()
        return next((each for each in parts if each.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Dossier:
    findings: tuple[Finding, ...]  # at least one, the oldest first
    made: Moment
    case: Case | None = None
    events: tuple[CaseEvent, ...] = ()

    @property
    def photos(self) -> list[OwnPhoto]:
        """Each once, in the order in which they are named."""
        found = {each.photo.photo_id: each.photo for finding in self.findings for each in finding.compared}
        return list(found.values())

    @property
    def site(self) -> str:
        return self.findings[0].site
