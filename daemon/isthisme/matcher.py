"""One query image to one Answer: describe, search, verify, judge."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from isthisme.domain import (
    Answer,
    Candidate,
    Edit,
    EditKind,
    Judgement,
    Match,
    Polygon,
    QueryDescription,
    Reason,
    ReferencePhoto,
    ReferencePreview,
    Region,
    Verdict,
)
from isthisme.engine.explanation import explain
from isthisme.engine.perceptual_hash import HASH_BITS
from isthisme.engine.thresholds import (
    ALIKE_SIMILARITY,
    APART,
    BACKGROUND_RANKS,
    CANDIDATE_DISTANCE,
    CANDIDATE_DISTANCE_ALONE,
    CANDIDATE_MARGIN,
    CANDIDATE_MARGIN_DEEP,
    CANDIDATE_SIMILARITY,
    CANDIDATE_SIMILARITY_DEEP,
    CLEAR_SIMILARITY,
    CLOSE_SECOND,
    MOST_CANDIDATES,
    MOST_CANDIDATES_DEEP,
    MOST_HASHED,
    MOST_UNCLEAR,
    MOST_UNCLEAR_PLACES,
    SMALL_INDEX_BACKGROUND,
)
from isthisme.errors import IndexServerUnusable, IndexUnavailable, InputError, WorkerCrashed
from isthisme.index.base import VectorIndex

NO_PHOTOS = "no_photos"


class Describer(Protocol):
    """Reads untrusted bytes: an Engine, or worker processes that hold one.

    Both raise InputError for bytes that are no usable picture, and WorkerCrashed when a process died on them.
    """

    def describe_query(self, data: bytes, *, deep: bool) -> QueryDescription: ...

    def verify(self, data: bytes, references: Sequence[ReferencePreview], *, deep: bool) -> Judgement: ...


class References(Protocol):
    """What the catalog knows of the user's photos."""

    def previews(self, photo_ids: Sequence[int]) -> Mapping[int, ReferencePhoto]:
        """Those that are known; ids without a photo are left out."""
        ...

    def photo_with_content(self, sha256: bytes) -> int | None:
        """The id of the photo whose file is these bytes; the smallest when there are several."""
        ...


class Indexes(Protocol):
    """Where the current index is."""

    def index(self) -> VectorIndex | None:
        """None when there is none or it is empty.

        Raises IndexUnavailable and IndexServerUnusable, and so may the index when it is asked, where a server holds it.
        """
        ...


class Matcher:
    """Answers for one query image at a time; safe to call from several threads when its parts are."""

    def __init__(self, describer: Describer, references: References, indexes: Indexes) -> None:
        self._describer = describer
        self._references = references
        self._indexes = indexes

    def answer(self, data: bytes, *, deep: bool = False) -> Answer:
        """The verdict on the picture in `data`. What cannot be read or told is UNDECIDED with the reason."""
        started = time.perf_counter()
        index: VectorIndex | None = None
        judged = self._same_file(data)
        try:
            index = self._indexes.index()
            judged = judged or self._judged(data, index, deep=deep)
        except (InputError, WorkerCrashed, IndexUnavailable, IndexServerUnusable) as error:
            judged = judged or (_undecided(Reason(error.code, str(error))), 0, 0)
        generation = index.generation if index is not None else 0
        return Answer(judged[0], generation, *judged[1:], 1000 * (time.perf_counter() - started))

    def _judged(self, data: bytes, index: VectorIndex | None, *, deep: bool) -> tuple[Judgement, int, int]:
        description = self._describer.describe_query(data, deep=deep)
        size = description.width, description.height
        if index is None or not len(index):
            return _undecided(Reason(NO_PHOTOS, "No photos of yours are indexed yet; add a folder first.")), *size
        if description.too_plain:
            return _undecided(description.too_plain), *size
        candidates = propose(description, index, deep=deep)
        known = self._references.previews([each.photo_id for each in candidates]) if candidates else {}
        references = [
            ReferencePreview(each, photo.preview, photo.width, photo.height)
            for each in candidates
            if (photo := known.get(each.photo_id)) is not None
        ]
        if not references:
            return Judgement(Verdict.NO_COPY, 0.0, (), None), *size
        return self._describer.verify(data, references, deep=deep), *size

    def _same_file(self, data: bytes) -> tuple[Judgement, int, int] | None:
        """A copy byte for byte, known without decoding anything."""
        photo_id = self._references.photo_with_content(hashlib.sha256(data).digest())
        photo = self._references.previews([photo_id]).get(photo_id) if photo_id is not None else None
        if photo_id is None or photo is None:
            return None
        whole: Polygon = (
            (0.0, 0.0),
            (float(photo.width), 0.0),
            (float(photo.width), float(photo.height)),
            (0.0, float(photo.height)),
        )
        edits = (Edit(EditKind.EXACT),)
        match = Match(photo_id, Verdict.COPY, 1.0, edits, explain(Verdict.COPY, edits), whole, whole)
        return Judgement(Verdict.COPY, 1.0, (match,), None), photo.width, photo.height


def propose(description: QueryDescription, index: VectorIndex, *, deep: bool) -> tuple[Candidate, ...]:
    """The photos worth verifying, most promising first: near by descriptor in any region, or near by hash."""
    best: dict[int, Candidate] = {}
    for each in (*_by_descriptor(description, index, deep=deep), *_by_hash(description, index)):
        kept = best.get(each.photo_id)
        if kept is None or _prominence(each) > _prominence(kept):
            best[each.photo_id] = replace(each, region=kept.region) if kept and each.region is None else each
    ordered = sorted(best.values(), key=lambda each: (-_prominence(each), each.photo_id))
    described = [each for each in ordered if each.region is not None]
    # Unrelated pictures share a hash more often than they are alike, the more so among many photos.
    hashed = [each for each in ordered if each.region is None][: MOST_HASHED if described else MOST_CANDIDATES_DEEP]
    if deep:
        return tuple(described[: MOST_CANDIDATES_DEEP - len(hashed)] + hashed)
    alike = [each for each in described if each.similarity >= ALIKE_SIMILARITY]
    unclear: list[Candidate] = []
    for each in described[len(alike) :]:
        # The cells of a collage show different pictures: what stands out in one says nothing against another's.
        there = [other for other in alike + unclear if _lie_together(each.region, other.region)]
        is_close = all(each.margin > other.margin - CLOSE_SECOND for other in there)
        if is_close and len([other for other in there if other in unclear]) < MOST_UNCLEAR:
            unclear.append(each)
    return tuple((alike + hashed + unclear[:MOST_UNCLEAR_PLACES])[:MOST_CANDIDATES])


def _lie_together(one: Region | None, other: Region | None) -> bool:
    """Whether two parts of the query lie on each other; None is the whole."""
    if one is None or other is None:
        return True
    left, top, right, bottom = _box(one)
    low, high, far, deep = _box(other)
    across, down = min(right, far) - max(left, low), min(bottom, deep) - max(top, high)
    least = min((right - left) * (bottom - top), (far - low) * (deep - high))
    return across > 0 and down > 0 and across * down > APART * least


def _box(region: Region) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) in query pixels."""
    across, down = zip(*region.corners, strict=True)
    return min(across), min(down), max(across), max(down)


def _prominence(candidate: Candidate) -> float:
    """What candidates are ordered by: alike ones first, then how far they stand out. Plain regions are like many."""
    return candidate.margin + (1.0 if candidate.similarity >= ALIKE_SIMILARITY else 0.0)


def _by_descriptor(description: QueryDescription, index: VectorIndex, *, deep: bool) -> list[Candidate]:
    """For each region the photos that stand out from its background."""
    if description.descriptors is None:
        return []
    least = CANDIDATE_SIMILARITY_DEEP if deep else CANDIDATE_SIMILARITY
    margin = CANDIDATE_MARGIN_DEEP if deep else CANDIDATE_MARGIN
    first, last = BACKGROUND_RANKS
    neighbours = index.nearest(description.descriptors, last)
    found = []
    for region, ids, similarities in zip(
        description.regions, neighbours.photo_ids.tolist(), neighbours.similarities.tolist(), strict=True
    ):
        background = SMALL_INDEX_BACKGROUND
        if len(similarities) == last:
            background = sum(similarities[first:]) / (last - first)
        bound = max(least, min(CLEAR_SIMILARITY, background + margin))
        for photo_id, similarity in zip(ids, similarities, strict=True):
            if similarity < bound:
                break
            found.append(Candidate(photo_id, region, similarity, similarity - background))
    return found


def _by_hash(description: QueryDescription, index: VectorIndex) -> list[Candidate]:
    has_model = description.descriptors is not None
    farthest = CANDIDATE_DISTANCE if has_model else CANDIDATE_DISTANCE_ALONE
    neighbours = index.nearest_by_hash(description.hashes, MOST_CANDIDATES_DEEP)
    found = []
    for ids, distances in zip(neighbours.photo_ids.tolist(), neighbours.distances.tolist(), strict=True):
        for photo_id, distance in zip(ids, distances, strict=True):
            if distance > farthest:
                break
            similarity = 1 - distance / HASH_BITS
            found.append(Candidate(photo_id, None, similarity, similarity))
    return found


def _undecided(reason: Reason) -> Judgement:
    return Judgement(Verdict.UNDECIDED, 0.0, (), reason)
