"""Answers of workers that have another form than the engine's are refused, whichever part of them it is."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from isthisme import domain
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.engine.regions import MAX_REGIONS_DEEP
from isthisme.errors import WorkerCrashed
from isthisme.workers import form
from tests.pictures import drawn, encoded

_NAN, _INFINITE = float("nan"), float("inf")
_CORNERS = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
_REGION = domain.Region("whole", _CORNERS)
_QUERY = domain.QueryDescription(
    "m", 9, 9, bytes(32), np.zeros(8, np.uint64), (_REGION,), np.zeros((1, 512), np.int8), None
)
_MATCH = domain.Match(1, domain.Verdict.COPY, 0.9, (), "Your photo.", _CORNERS, _CORNERS)
_JUDGEMENT = domain.Judgement(domain.Verdict.COPY, 0.9, (_MATCH,), None)
_REASON = domain.Reason("too_plain", "It holds too little.")
_PHOTO = domain.PhotoDescription("m", 9, 9, np.zeros(1, np.uint64), np.zeros(512, np.int8), b"jpeg")


def asked(*photo_ids: int) -> list[domain.ReferencePreview]:
    return [domain.ReferencePreview(domain.Candidate(each, None, 0.9, 0.5), b"", 9, 9) for each in photo_ids]


@pytest.mark.parametrize("deep", [False, True])
def test_what_the_engine_makes_passes(deep: bool) -> None:
    engine = Engine(Models.none())
    picture = encoded(drawn(1))
    form.check_query(engine.describe_query(picture, deep=deep))
    photo = engine.describe_photo(picture)
    form.check_photo(photo)
    reference = domain.ReferencePreview(domain.Candidate(7, None, 1.0, 1.0), photo.preview, photo.width, photo.height)
    judged = engine.verify(picture, (reference,), deep=deep)
    assert judged.verdict is domain.Verdict.COPY
    form.check_judgement(judged, [reference])
    form.check_small_copy(engine.shrink(picture))
    assert form.MOST_REGIONS >= MAX_REGIONS_DEEP


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 0},
        {"height": 1 << 40},
        {"hashes": np.zeros((2, 4), np.uint64)},
        {"hashes": np.zeros(0, np.uint64)},
        {"hashes": np.zeros(10_000, np.uint64)},
        {"descriptors": np.zeros((2, 512), np.int8)},
        {"descriptors": np.zeros((1, 511), np.int8)},
        {"descriptors": np.zeros(512, np.int8)},
        {"regions": (_REGION,) * 65, "descriptors": np.zeros((65, 512), np.int8)},
        {"regions": (domain.Region("x" * 101, _CORNERS),)},
        {"regions": (domain.Region("whole", _CORNERS[:2]),)},
        {"regions": (domain.Region("whole", (*_CORNERS[:3], (_NAN, 0.0))),)},
        {"too_plain": domain.Reason("too_plain", "x" * 1_001)},
    ],
)
def test_a_query_description_of_another_form(changes: dict[str, Any]) -> None:
    form.check_query(_QUERY)
    with pytest.raises(WorkerCrashed, match="of another form"):
        form.check_query(replace(_QUERY, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"score": _NAN},
        {"score": 1.1},
        {"matches": ()},
        {"matches": (_MATCH, _MATCH)},
        {"matches": (replace(_MATCH, photo_id=3),)},
        {"matches": (replace(_MATCH, score=_INFINITE),)},
        {"matches": (replace(_MATCH, verdict=domain.Verdict.NO_COPY),)},
        {"matches": (replace(_MATCH, explanation="x" * 1_001),)},
        {"matches": (replace(_MATCH, edits=(domain.Edit(domain.EditKind.ROTATED, _NAN),)),)},
        {"matches": (replace(_MATCH, edits=(domain.Edit(domain.EditKind.MIRRORED),) * 17),)},
        {"matches": (replace(_MATCH, query_region=((0.0, _NAN),)),)},
        {"matches": (replace(_MATCH, photo_region=_CORNERS * 17),)},
        {"verdict": domain.Verdict.NO_COPY},
        {"verdict": domain.Verdict.UNDECIDED, "matches": ()},
        {"reason": domain.Reason("x" * 101, "words")},
    ],
)
def test_a_judgement_of_another_form(changes: dict[str, Any]) -> None:
    form.check_judgement(_JUDGEMENT, asked(1, 2))
    form.check_judgement(domain.Judgement(domain.Verdict.UNDECIDED, 0.0, (), _REASON), asked(1))
    with pytest.raises(WorkerCrashed, match="of another form"):
        form.check_judgement(replace(_JUDGEMENT, **changes), asked(1, 2))


@pytest.mark.parametrize(
    "changes",
    [
        {"width": (1 << 64) - 1},
        {"hashes": np.zeros(2, np.uint64)},
        {"descriptor": None},
        {"model": None},
        {"descriptor": np.zeros(511, np.int8)},
        {"preview": bytes((1 << 20) + 1)},
    ],
)
def test_a_photos_description_of_another_form(changes: dict[str, Any]) -> None:
    form.check_photo(_PHOTO)
    with pytest.raises(WorkerCrashed, match="of another form"):
        form.check_photo(replace(_PHOTO, **changes))
