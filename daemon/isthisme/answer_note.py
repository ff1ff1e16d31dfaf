"""An answer in the words of the JSON contracts: numbers rounded, photos named by their paths."""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from isthisme.domain import Answer, Edit, Match, Polygon, Reason, Verdict
from isthisme.presence import is_file, is_there

_MOST_MATCHES = 5


class PhotoNames(Protocol):
    def path_of(self, photo_id: int) -> Path | None:
        """Where a photo lies, or lay when it was last seen."""
        ...


class EditNote(Struct, frozen=True):
    kind: str
    amount: float | None


class MatchNote(Struct, frozen=True):
    photo_id: int
    photo: str
    verdict: str
    score: float
    explanation: str
    edits: list[EditNote]
    query_region: list[tuple[float, float]]
    photo_region: list[tuple[float, float]]
    photo_is_present: bool = True  # whether the photo's file was still there


class ReasonNote(Struct, frozen=True):
    code: str
    words: str


class AnswerNote(Struct, frozen=True):
    verdict: str
    score: float
    reason: ReasonNote | None
    matches: list[MatchNote]
    width: int
    height: int
    index_generation: int


def note_of(answer: Answer, names: PhotoNames) -> AnswerNote:
    judgement = answer.judgement
    matches = [(match, names.path_of(match.photo_id)) for match in judgement.matches[:_MOST_MATCHES]]
    return AnswerNote(
        verdict=judgement.verdict.value,
        score=round(judgement.score, 4),
        reason=reason_note(judgement.reason),
        matches=[match_note(each, shown_path(path), is_present=photo_is_there(path)) for each, path in matches],
        width=answer.width,
        height=answer.height,
        index_generation=answer.index_generation,
    )


def without(note: AnswerNote, photo_ids: Collection[int]) -> AnswerNote:
    """The answer without its matches of some photos, which the user said are not in the picture; the rest stands."""
    left = [match for match in note.matches if match.photo_id not in photo_ids]
    if len(left) == len(note.matches):
        return note
    if left:
        return replace(note, matches=left, verdict=left[0].verdict, score=left[0].score)
    reason = ReasonNote("dismissed", "You said that this picture is not of you.")
    return replace(note, matches=[], verdict=Verdict.NO_COPY.value, score=0.0, reason=reason)


def reason_note(reason: Reason | None) -> ReasonNote | None:
    return None if reason is None else ReasonNote(reason.code, reason.words)


def shown_path(path: Path | None) -> str:
    """A path as text that every JSON reader takes, also where the file system's bytes are not UTF-8."""
    return "" if path is None else os.fsencode(path).decode("utf-8", "replace")


def photo_is_there(path: Path | None) -> bool:
    """Whether a photo's file is there, or the archive that it lies in."""
    if path is None or is_there(path):
        return path is not None
    return any(is_file(folder) for folder in path.parents)


def match_note(match: Match, photo: str, *, is_present: bool) -> MatchNote:
    """A match with the photo that lies, or lay, at a path or address."""
    return MatchNote(
        photo_id=match.photo_id,
        photo=photo,
        verdict=match.verdict.value,
        score=round(match.score, 4),
        explanation=match.explanation,
        edits=[_edit_note(edit) for edit in match.edits],
        query_region=_rounded(match.query_region),
        photo_region=_rounded(match.photo_region),
        photo_is_present=is_present,
    )


def _edit_note(edit: Edit) -> EditNote:
    return EditNote(edit.kind.value, None if edit.amount is None else round(edit.amount, 3))


def _rounded(polygon: Polygon) -> list[tuple[float, float]]:
    return [(round(x, 1), round(y, 1)) for x, y in polygon]
