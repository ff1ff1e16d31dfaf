"""Labelled evidence: what verification measures on copies and on pictures that are none, for fitting the score."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from isthisme.domain import ReferencePreview
from isthisme.engine.engine import Engine
from isthisme.evaluation.album import Album
from isthisme.evaluation.copies import EditedCopy
from isthisme.matcher import propose

_MOST_CANDIDATES = 2


@dataclass(frozen=True, slots=True)
class Example:
    """One candidate of one query image."""

    kind: str
    photo: int  # the candidate
    is_copy: bool
    quantities: Mapping[str, float]


def examples(engine: Engine, album: Album, queries: Iterable[EditedCopy], ignored: frozenset[int]) -> Iterator[Example]:
    """The evidence on the right photo, where it is proposed at all, and on the best wrong ones.

    `ignored`: photos that are candidates only for templates; elsewhere they would be asked about by accident.
    """
    for query in queries:
        description = engine.describe_query(query.data, deep=True)
        if description.too_plain:
            continue
        candidates = propose(description, album.index(), deep=True)
        right = [each for each in candidates if each.photo_id == query.photo]
        wrong = [each for each in candidates if each.photo_id != query.photo and each.photo_id not in ignored]
        known = album.previews([each.photo_id for each in candidates])
        references = [
            ReferencePreview(each, photo.preview, photo.width, photo.height)
            for each in [*right, *wrong[:_MOST_CANDIDATES]]
            if (photo := known.get(each.photo_id)) is not None
        ]
        for examined in engine.examined(query.data, references, deep=True):
            photo_id = examined.evidence.candidate.photo_id
            yield Example(query.kind, photo_id, photo_id == query.photo, examined.evidence.quantities)
