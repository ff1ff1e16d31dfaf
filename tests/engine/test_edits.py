import cv2
import numpy as np
import pytest

from isthisme.domain import Candidate, EditKind, ReferencePreview
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.evaluation.scenes import encoded, scene

PHOTO = scene(7, 640, 480)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(Models.none())


def edits_of(engine: Engine, pixels: np.ndarray) -> dict[EditKind, float | None]:
    photo = engine.describe_photo(encoded(PHOTO, quality=95))
    reference = ReferencePreview(Candidate(1, None, 0.9, 0.0), photo.preview, photo.width, photo.height)
    judgement = engine.verify(encoded(np.ascontiguousarray(pixels), quality=92), [reference], deep=False)
    assert judgement.matches
    return {each.kind: each.amount for each in judgement.matches[0].edits}


def test_an_untouched_photo_has_no_edits(engine: Engine) -> None:
    assert edits_of(engine, PHOTO) == {}


def test_mirroring_is_named(engine: Engine) -> None:
    assert list(edits_of(engine, PHOTO[:, ::-1])) == [EditKind.MIRRORED]


def test_turning_is_named_in_degrees_clockwise(engine: Engine) -> None:
    edits = edits_of(engine, np.rot90(PHOTO, 3))
    assert edits[EditKind.ROTATED] == pytest.approx(90, abs=1)


def test_cropping_is_named_with_the_share_that_is_left(engine: Engine) -> None:
    edits = edits_of(engine, PHOTO[100:400, 150:550])
    assert edits[EditKind.CROPPED] == pytest.approx(400 * 300 / (640 * 480), abs=0.03)


def test_composing_is_named_with_the_share_that_it_fills(engine: Engine) -> None:
    page = np.full((960, 1280, 3), 255, np.uint8)
    page[240:720, 320:960] = PHOTO
    assert edits_of(engine, page)[EditKind.COMPOSED] == pytest.approx(0.25, abs=0.03)


def test_shrinking_is_named_against_the_original(engine: Engine) -> None:
    small = cv2.resize(PHOTO, (256, 192), interpolation=cv2.INTER_AREA)
    assert edits_of(engine, small)[EditKind.SHRUNK] == pytest.approx(0.4, abs=0.02)


def test_new_colours_are_named(engine: Engine) -> None:
    assert EditKind.RECOLOURED in edits_of(engine, np.clip(PHOTO * [1.2, 1.0, 0.7], 0, 255).astype(np.uint8))


def test_words_on_top_are_named(engine: Engine) -> None:
    pixels = PHOTO.copy()
    cv2.putText(pixels, "SOLD OUT", (90, 260), cv2.FONT_HERSHEY_DUPLEX, 3.0, (255, 255, 255), 12)
    assert EditKind.OVERLAID in edits_of(engine, pixels)


def test_stretching_is_named(engine: Engine) -> None:
    assert edits_of(engine, cv2.resize(PHOTO, (480, 480)))[EditKind.STRETCHED] == pytest.approx(4 / 3, abs=0.05)
