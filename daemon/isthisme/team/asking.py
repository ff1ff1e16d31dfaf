"""One picture against the photos of one or more owners, each searched apart from the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from isthisme.answer_note import AnswerNote, note_of
from isthisme.domain import (
    Answer,
    Judgement,
    QueryDescription,
    Reason,
    ReferencePhoto,
    ReferencePreview,
    Verdict,
)
from isthisme.errors import CatalogUnusable, EnvironmentFault, IsThisMeError, TransientError
from isthisme.matcher import Describer, Matcher, References
from isthisme.scanning.found import FoundPicture
from isthisme.scanning.judging import Judge, Shrinker
from isthisme.team.homes import OwnerHome
from isthisme.team.photos import OwnersPhotos, PhotosOf

ONLY_VECTORS = "only_vectors"


@dataclass(frozen=True, slots=True)
class OwnersAnswer:
    owner: str
    note: AnswerNote
    sighting_id: int | None  # kept where a page was named and the picture matched


class Asker:
    """Threads may share it."""

    def __init__(self, describer: Describer, shrinker: Shrinker, photos_of: PhotosOf) -> None:
        self._describer = describer
        self._shrinker = shrinker
        self._photos_of = photos_of

    def count(self, home: OwnerHome) -> int | None:
        """How many photos of the owner are searched; None where that cannot be told now."""
        try:
            index = self._photos_of(home).index()
        except IsThisMeError:
            return None
        return 0 if index is None else len(index)

    def question(self, data: bytes) -> "Question":
        """To be asked about as many owners as need be; the picture is described once."""
        return Question(data, _DescribedOnce(self._describer), self._shrinker, self._photos_of)


class Question:
    """One picture. For one thread."""

    def __init__(self, data: bytes, describer: Describer, shrinker: Shrinker, photos_of: PhotosOf) -> None:
        self._data = data
        self._describer = describer
        self._shrinker = shrinker
        self._photos_of = photos_of

    def about(self, home: OwnerHome, page: FoundPicture | None, *, deep: bool) -> OwnersAnswer:
        """The verdict; of a picture on a page a sighting is kept where it matches. What cannot be told is undecided."""
        try:
            photos = self._photos_of(home)
            matcher = _OwnersMatcher(self._describer, photos)
            if page is None:
                answer = matcher.answer(self._data, deep=deep)
                return OwnersAnswer(home.owner, note_of(answer, home.catalog.photos), None)
            judged = Judge(home.catalog, matcher, self._shrinker, photos.mark, deep=deep).judge(page)
        except (TransientError, EnvironmentFault) as error:  # such as an engine that does not answer
            if isinstance(error, CatalogUnusable):  # then a match could not be kept
                raise
            undecided = Answer(_undecided(Reason(error.code, str(error))), 0, 0, 0, 0.0)
            return OwnersAnswer(home.owner, note_of(undecided, home.catalog.photos), None)
        return OwnersAnswer(home.owner, judged.note, judged.sighting_id)


class _OwnersMatcher(Matcher):
    """Where the index proposes photos of which there is no picture here, nobody can compare: that is no *no copy*."""

    def __init__(self, describer: Describer, photos: OwnersPhotos) -> None:
        self._noted = _NotedReferences(photos.references)
        super().__init__(describer, self._noted, photos)

    def answer(self, data: bytes, *, deep: bool = False) -> Answer:
        found = super().answer(data, deep=deep)
        if found.judgement.verdict is not Verdict.NO_COPY or not self._noted.unknown:
            return found
        words = (
            "It looks like a photo of which only the vector is here, so that the two cannot be compared; "
            "only the owner's own computer can."
        )
        return replace(found, judgement=_undecided(Reason(ONLY_VECTORS, words)))


class _NotedReferences:
    """The references, and how many of those that were asked for are not there."""

    def __init__(self, references: References) -> None:
        self._references = references
        self.unknown = 0

    def previews(self, photo_ids: Sequence[int]) -> Mapping[int, ReferencePhoto]:
        known = self._references.previews(photo_ids)
        self.unknown += len(set(photo_ids) - known.keys())
        return known

    def photo_with_content(self, sha256: bytes) -> int | None:
        return self._references.photo_with_content(sha256)


class _DescribedOnce:
    """A describer for one picture, which many owners' photos are compared with."""

    def __init__(self, describer: Describer) -> None:
        self._describer = describer
        self._described: dict[bool, QueryDescription] = {}

    def describe_query(self, data: bytes, *, deep: bool) -> QueryDescription:
        if deep not in self._described:
            self._described[deep] = self._describer.describe_query(data, deep=deep)
        return self._described[deep]

    def verify(self, data: bytes, references: Sequence[ReferencePreview], *, deep: bool) -> Judgement:
        return self._describer.verify(data, references, deep=deep)


def _undecided(reason: Reason) -> Judgement:
    return Judgement(Verdict.UNDECIDED, 0.0, (), reason)
