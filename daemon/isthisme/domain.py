"""The field's words as frozen dataclasses: what passes between engine, index, catalog and matcher."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

DESCRIPTOR_LENGTH = 512

type Presence = Literal["there", "gone", "unknown"]  # of a picture that was seen, when it was last looked for
type Point = tuple[float, float]  # x, y in pixels of the upright picture
type Polygon = tuple[Point, ...]  # corners in order


class Verdict(StrEnum):
    """The four answers. UNDECIDED always comes with a reason."""

    COPY = "copy"
    POSSIBLE_COPY = "possible_copy"
    NO_COPY = "no_copy"
    UNDECIDED = "undecided"

    @property
    def is_match(self) -> bool:
        return self in (Verdict.COPY, Verdict.POSSIBLE_COPY)


class EditKind(StrEnum):
    """What was done to the photo on its way to the query image. The names are part of the JSON contracts."""

    EXACT = "exact"  # the same bytes
    MIRRORED = "mirrored"
    ROTATED = "rotated"  # amount: degrees, clockwise, 0 to 360
    CROPPED = "cropped"  # amount: share of the photo's area still shown, 0 to 1
    COMPOSED = "composed"  # part of a collage, screenshot or page; amount: share of the query image it fills, 0 to 1
    RECOLOURED = "recoloured"
    OVERLAID = "overlaid"  # text, stickers, watermarks
    SHRUNK = "shrunk"  # amount: scale against the photo, 0 to 1
    STRETCHED = "stretched"  # amount: ratio of the two scales, 1 or more
    TILTED = "tilted"  # perspective, as of a photographed print
    BLURRED = "blurred"


@dataclass(frozen=True, slots=True)
class Edit:
    kind: EditKind
    amount: float | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an answer is undecided (or negative where that needs words). `code` is stable; `words` are plain English."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class PhotoDescription:
    """What the index keeps of one of the user's photos."""

    model: str | None  # the descriptor model that made `descriptor`; None when there is no model
    width: int  # of the upright photo, pixels
    height: int
    hashes: NDArray[np.uint64]  # (1,) perceptual hash of the upright photo
    descriptor: NDArray[np.int8] | None  # (512,), unit vector times 127
    preview: bytes  # JPEG of the upright sRGB photo, for verification and for showing it


@dataclass(frozen=True, slots=True)
class SmallCopy:
    """What is kept of a page's picture that matched."""

    jpeg: bytes
    perceptual_hash: int | None  # of the upright picture, 64 bits; None where it was kept before that was known


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the query image that was described."""

    name: str  # what proposed it: whole, centre, panel, ...
    corners: Polygon  # in query pixels


@dataclass(frozen=True, slots=True)
class QueryDescription:
    """What searching needs of a query image. No pixels."""

    model: str | None
    width: int  # of the upright query image, pixels
    height: int
    content_hash: bytes  # SHA-256 of the bytes
    hashes: NDArray[np.uint64]  # (H,) perceptual hashes of the whole in several orientations
    regions: tuple[Region, ...]  # R of them
    descriptors: NDArray[np.int8] | None  # (R, 512), unit vectors times 127
    too_plain: Reason | None  # set when the picture holds too little to tell anything


@dataclass(frozen=True, slots=True)
class Candidate:
    """A photo that may be the source of the query image; nothing is verified yet."""

    photo_id: int
    region: Region | None  # which part of the query proposed it; None when a hash did
    similarity: float  # of descriptors, -1 to 1; for a hash 1 - distance / 64
    margin: float  # by how much that stands out from what is usual for the region among the user's photos


@dataclass(frozen=True, slots=True)
class ReferencePhoto:
    """What verification needs of one of the user's photos."""

    preview: bytes  # JPEG
    width: int  # of the upright original, pixels
    height: int


@dataclass(frozen=True, slots=True)
class ReferencePreview:
    """A candidate with what geometric verification needs of the photo."""

    candidate: Candidate
    preview: bytes  # JPEG
    width: int  # of the upright original photo, pixels
    height: int


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate that verification looked at and did not reject."""

    photo_id: int
    verdict: Verdict  # COPY or POSSIBLE_COPY
    score: float  # calibrated, 0 to 1
    edits: tuple[Edit, ...]  # the main one first
    explanation: str  # plain English
    query_region: Polygon  # where the photo shows in the query image, query pixels
    photo_region: Polygon  # which part of the photo is shown, pixels of the upright original


@dataclass(frozen=True, slots=True)
class Judgement:
    """What verification concludes about one query image."""

    verdict: Verdict
    score: float  # calibrated, 0 to 1: the best match's, or the best rejected candidate's
    matches: tuple[Match, ...]  # best first
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Measured:
    """What verification measured about a photo and a query image laid over each other."""

    score: float  # calibrated, 0 to 1
    points: int  # at different places, that correspond
    inlier_share: float  # of the correspondences in the aligned part, those that one map explains, 0 to 1
    agreeing: float  # share of the part's structure whose brightness rises and falls alike, 0 to 1
    conflicting: float  # and share where something else shows, 0 to 1
    correlation: float  # of brightness, -1 to 1
    similarity: float | None  # of the model's descriptors of the aligned parts, -1 to 1; None without a model
    displacement: float  # how far parts are shifted against each other, in shares of the longer side
    difference: float  # median distance of colours, levels of 255
    photo_share: float  # of the photo's area that shows, 0 to 1
    rotation_degrees: float  # clockwise, 0 to 360
    is_mirrored: bool
    scale: float  # pixels of the query image for one of the photo


@dataclass(frozen=True, slots=True)
class Comparison:
    """A photo and a query image drawn beside each other."""

    sheet: bytes  # JPEG
    width: int  # of the sheet, pixels
    height: int
    measured: Measured | None  # None where the two could not be laid over each other


@dataclass(frozen=True, slots=True)
class CameraNotes:
    """What the camera wrote into a photo's file. Whoever made the file chose the words; a few hundred characters."""

    taken: str = ""  # as EXIF has it: 2024:05:17 14:03:22, with +02:00 where it was recorded
    digitised: str = ""
    changed: str = ""
    camera: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One query image, one answer."""

    judgement: Judgement
    index_generation: int  # 0 when there is no index
    width: int  # of the upright query image; 0 when it could not be read
    height: int
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, and where on the earth's clock the user was then."""

    at: float  # seconds since 1970
    utc_offset: int  # seconds east of UTC

    @classmethod
    def now(cls) -> "Moment":
        return cls.here(time.time())

    @classmethod
    def here(cls, at: float) -> "Moment":
        """As this computer's clock shows it, with the daylight saving of that day."""
        return cls(at, time.localtime(at).tm_gmtoff)

    @property
    def there(self) -> datetime:
        """On the clock of where the user was, with its offset."""
        return datetime.fromtimestamp(self.at, timezone(timedelta(seconds=self.utc_offset)))


@dataclass(frozen=True, slots=True)
class Exchange:
    """How a picture's bytes came, as far as that is known."""

    address: str  # asked for
    final_address: str  # after redirects
    by: Literal["companion", "browser", "page", "file"]  # fetched, handed in, part of the page's own text, or read
    request_headers: tuple[tuple[str, str], ...] = ()
    status: int | None = None
    reason: str = ""
    response_headers: tuple[tuple[str, str], ...] = ()  # as received; the body is kept unpacked
    began: float | None = None  # seconds since 1970: when it was asked for; an answer used again keeps its own time
