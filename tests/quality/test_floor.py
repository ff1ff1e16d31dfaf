"""A floor under the engine's quality: small, seeded, quick. The whole measurement is scripts/evaluate."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from isthisme.domain import Verdict
from isthisme.engine.decode import decode
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.evaluation.album import Album
from isthisme.evaluation.copies import COMPOSITION, GEOMETRIC, OVERLAY, EditedCopy, make_copy
from isthisme.evaluation.negatives import FROM_PHOTO, odd_pictures, same_shoot
from isthisme.evaluation.scenes import encoded, scene
from isthisme.evaluation.trial import Outcome, run
from isthisme.matcher import Matcher

pytestmark = pytest.mark.slow  # half a minute of looking at pictures

SEED = 20261122
PHOTOS = Path(__file__).parents[3] / "shared" / "photos"
pytestmark = pytest.mark.slow
KINDS = [*GEOMETRIC, *OVERLAY, *COMPOSITION, "grey", "blur", "noise", "combination of 2"]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(Models.packaged())


def outcomes(engine: Engine, files: Sequence[bytes], queries: Sequence[EditedCopy]) -> list[Outcome]:
    album = Album(engine, files)
    return list(run(Matcher(engine, album, album), queries))


def as_negative(kind: str, data: bytes) -> EditedCopy:
    return EditedCopy(kind, -1, data, (), (), ())


def recall(found: Sequence[Outcome], verdicts: Sequence[Verdict]) -> float:
    return sum(each.verdict in verdicts and each.names_right for each in found) / len(found)


def test_copies_of_made_pictures_are_found_and_other_made_pictures_are_not(engine: Engine) -> None:
    photos = [scene(seed, 640, 480) for seed in range(12)]
    others = [scene(seed, 640, 480) for seed in range(100, 112)]
    copies = [
        make_copy(photos[number % 12], number % 12, kind, others, SEED + number) for number, kind in enumerate(KINDS)
    ]
    files = [encoded(each, quality=92) for each in photos]
    found = outcomes(engine, files, copies)
    missed = [(each.query.kind, each.verdict.value, round(each.score, 2)) for each in found if not each.names_right]
    assert recall(found, [Verdict.COPY, Verdict.POSSIBLE_COPY]) >= 0.9, f"seed {SEED}, missed {missed}"
    alarms = outcomes(engine, files, [as_negative("other", encoded(each)) for each in others])
    assert all(each.verdict is Verdict.NO_COPY for each in alarms)


def test_odd_pictures_are_never_a_copy(engine: Engine) -> None:
    files = [encoded(scene(seed, 640, 480), quality=92) for seed in range(6)]
    queries = [as_negative(name, data) for name, data in odd_pictures(SEED).items()]
    for each in outcomes(engine, files, queries):
        assert each.verdict in (Verdict.NO_COPY, Verdict.UNDECIDED), each.query.kind
        if each.query.kind in ("blank", "gradient"):
            assert each.verdict is Verdict.UNDECIDED, each.query.kind


@pytest.mark.skipif(not PHOTOS.is_dir(), reason=f"the sample photos are not at {PHOTOS}")
def test_copies_of_photos_are_found_and_strangers_and_the_same_shoot_are_not_called_copies(engine: Engine) -> None:
    files = [each.read_bytes() for each in sorted((PHOTOS / "own").glob("*.jpg"))[::5]]
    strangers = [each.read_bytes() for each in sorted((PHOTOS / "strangers").glob("*.jpg"))[::8]]
    pixels = [decode(each, target_side=1024).pixels for each in files]
    others = [decode(each, target_side=1024).pixels for each in strangers]
    rng = np.random.default_rng(SEED)
    drawn = rng.integers(0, len(pixels), len(KINDS)).tolist()
    copies = [make_copy(pixels[photo], photo, kind, others, SEED) for photo, kind in zip(drawn, KINDS, strict=True)]
    found = outcomes(engine, files, copies)
    missed = [(each.query.kind, each.query.photo, each.verdict.value) for each in found if not each.names_right]
    assert recall(found, [Verdict.COPY]) >= 0.9, f"seed {SEED}, missed {missed}"
    assert sum(each.overlap >= 0.7 for each in found) >= 0.85 * len(found)
    shoot = [same_shoot(pixels[photo], kind, others, SEED) for photo in (0, 7, 13) for kind in sorted(FROM_PHOTO)]
    negatives = [as_negative("stranger", each) for each in strangers] + [
        as_negative("same shoot", each) for each in shoot
    ]
    alarms = [each for each in outcomes(engine, files, negatives) if each.verdict is Verdict.COPY]
    assert [each.query.kind for each in alarms].count("stranger") == 0
    assert len(alarms) <= 1, f"seed {SEED}"
