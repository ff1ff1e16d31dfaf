"""Whether what a worker answers has the form that it must have. One that a picture has taken over answers as it likes.

What is kept, searched for and shown later relies on it: a number that is none would be kept with a sighting and spoil
every list that it stands in, and ten thousand regions would be searched for among all photos. Lies that have the right
form are not told from the truth here.
"""

from collections.abc import Sequence
from math import isfinite

from isthisme.domain import (
    DESCRIPTOR_LENGTH,
    CameraNotes,
    Edit,
    Judgement,
    Match,
    PhotoDescription,
    Polygon,
    QueryDescription,
    Reason,
    ReferencePreview,
    Region,
    SmallCopy,
    Verdict,
)
from isthisme.errors import WorkerCrashed

LARGEST_PREVIEW = 1 << 20  # bytes
LARGEST_DRAWING = 8 << 20
LONGEST_NOTE = 500  # characters
MOST_REGIONS = 64  # of a query image; the engine proposes up to 48
_LONGEST_SIDE = 1 << 31  # pixels
_MOST_HASHES = 8
_MOST_CORNERS = 64  # the engine draws up to 36
_MOST_EDITS = 16
_LONGEST_WORDS = 1_000  # characters
_LONGEST_NAME = 100


def check_photo(made: PhotoDescription) -> None:
    """All of these raise WorkerCrashed."""
    descriptor = made.descriptor
    _require(
        _is_size(made.width, made.height)
        and made.hashes.shape == (1,)
        and (descriptor is None) == (made.model is None)
        and (descriptor is None or descriptor.shape == (DESCRIPTOR_LENGTH,))
        and len(made.preview) <= LARGEST_PREVIEW,
        "a description",
    )


def check_query(made: QueryDescription) -> None:
    descriptors = made.descriptors
    _require(
        _is_size(made.width, made.height)
        and made.hashes.ndim == 1
        and 1 <= len(made.hashes) <= _MOST_HASHES
        and len(made.regions) <= MOST_REGIONS
        and all(map(_is_region, made.regions))
        and (descriptors is None or descriptors.shape == (len(made.regions), DESCRIPTOR_LENGTH))
        and (made.too_plain is None or _is_reason(made.too_plain)),
        "a description",
    )


def check_judgement(made: Judgement, references: Sequence[ReferencePreview]) -> None:
    """Of these references and no others."""
    named = [match.photo_id for match in made.matches]
    _require(
        len(set(named)) == len(named)
        and set(named) <= {reference.candidate.photo_id for reference in references}
        and all(map(_is_match, made.matches))
        and _is_share(made.score)
        and made.verdict.is_match == bool(named)
        and (made.reason is None or _is_reason(made.reason))
        and (made.verdict is not Verdict.UNDECIDED or made.reason is not None),
        "a judgement",
    )


def check_small_copy(made: SmallCopy) -> None:
    is_hash = made.perceptual_hash is None or 0 <= made.perceptual_hash < 1 << 64
    _require(is_hash and len(made.jpeg) <= LARGEST_PREVIEW, "a small copy")


def check_drawing(data: bytes) -> None:
    _require(len(data) <= LARGEST_DRAWING and data.startswith(b"\xff\xd8\xff"), "a drawing")


def check_notes(found: CameraNotes) -> None:
    longest = max(map(len, (found.taken, found.digitised, found.changed, found.camera)))
    _require(longest <= LONGEST_NOTE, "notes")


def _require(has_form: bool, what: str) -> None:  # noqa: FBT001 what is required
    if not has_form:
        raise WorkerCrashed(f"a worker gave {what} of another form")


def _is_size(width: int, height: int) -> bool:
    return 0 < width < _LONGEST_SIDE and 0 < height < _LONGEST_SIDE


def _is_share(number: float) -> bool:
    return 0 <= number <= 1  # which what is no number is not


def _is_region(region: Region) -> bool:
    return len(region.name) <= _LONGEST_NAME and len(region.corners) > 2 and _is_polygon(region.corners)


def _is_polygon(corners: Polygon) -> bool:
    return len(corners) <= _MOST_CORNERS and all(isfinite(x) and isfinite(y) for x, y in corners)


def _is_match(match: Match) -> bool:
    return (
        match.verdict.is_match
        and _is_share(match.score)
        and len(match.edits) <= _MOST_EDITS
        and all(map(_is_edit, match.edits))
        and len(match.explanation) <= _LONGEST_WORDS
        and _is_polygon(match.query_region)
        and _is_polygon(match.photo_region)
    )


def _is_edit(edit: Edit) -> bool:
    return edit.amount is None or isfinite(edit.amount)


def _is_reason(reason: Reason) -> bool:
    return len(reason.code) <= _LONGEST_NAME and len(reason.words) <= _LONGEST_WORDS
