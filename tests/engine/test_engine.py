from pathlib import Path

import numpy as np
import pytest

from isthisme.domain import Candidate, EditKind, Judgement, ReferencePreview, Region, Verdict
from isthisme.engine.decode import decode
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import PREVIEW_BYTES, PREVIEW_SIDE, Engine
from isthisme.errors import ModelUnusable, UnreadableImage
from isthisme.evaluation.negatives import other_moment
from isthisme.evaluation.scenes import encoded, scene
from isthisme.evaluation.sheet import Chance

PHOTO = scene(7, 640, 480)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(Models.packaged())


def judged(engine: Engine, pixels: np.ndarray, *, deep: bool = False) -> Judgement:
    photo = engine.describe_photo(encoded(PHOTO, quality=95))
    reference = ReferencePreview(Candidate(1, None, 0.9, 0.0), photo.preview, photo.width, photo.height)
    return engine.verify(encoded(np.ascontiguousarray(pixels)), [reference], deep=deep)


def test_a_photo_is_described_by_a_unit_vector_a_hash_and_a_small_preview(engine: Engine) -> None:
    described = engine.describe_photo(encoded(scene(3, 1600, 1200), quality=95))
    assert (described.width, described.height) == (1600, 1200)
    assert described.descriptor is not None
    assert described.descriptor.dtype == np.int8
    assert np.linalg.norm(described.descriptor.astype(float)) == pytest.approx(127, abs=1)
    assert described.hashes.shape == (1,)
    assert len(described.preview) <= 1.3 * PREVIEW_BYTES
    assert max(decode(described.preview, target_side=4000).pixels.shape) == PREVIEW_SIDE
    assert described.model == engine.model


def test_a_query_has_a_descriptor_for_each_region(engine: Engine) -> None:
    described = engine.describe_query(encoded(PHOTO), deep=False)
    assert described.descriptors is not None
    assert described.descriptors.shape == (len(described.regions), 512)
    assert described.hashes.shape == (8,)
    assert described.regions[0].corners[2] == (640, 480)


def test_without_a_model_there_are_no_descriptors_and_copies_are_still_verified() -> None:
    engine = Engine(Models.none())
    assert engine.model is None
    assert engine.describe_photo(encoded(PHOTO)).descriptor is None
    assert engine.describe_query(encoded(PHOTO), deep=False).descriptors is None
    assert judged(engine, PHOTO[:, ::-1]).verdict is Verdict.COPY


def test_a_model_that_is_no_model_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(ModelUnusable, match=r"model\.onnx"):
        Models.from_file(path)
    with pytest.raises(ModelUnusable, match="cannot be read"):
        Models.from_file(path.with_name("absent.onnx"))


@pytest.mark.parametrize("size", [(1, 1), (30_000, 20), (20, 9_000), (2_000, 30), (25, 25)])
@pytest.mark.parametrize("deep", [False, True])
def test_odd_shapes_are_described_and_judged(engine: Engine, size: tuple[int, int], deep: bool) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
    described = engine.describe_query(encoded(pixels, "PNG"), deep=deep)
    assert (described.width, described.height) == size
    photo = engine.describe_photo(encoded(PHOTO))
    reference = ReferencePreview(Candidate(1, None, 0.9, 0.0), photo.preview, photo.width, photo.height)
    assert not engine.verify(encoded(pixels, "PNG"), [reference], deep=deep).verdict.is_match


def test_the_last_query_images_are_decoded_once() -> None:
    engine = Engine(Models.none(), remembered=2)
    first, second, third = (encoded(scene(seed, 320, 240)) for seed in (1, 2, 3))
    looked = [engine._look(each, deep=False) for each in (first, second)]
    assert engine._look(first, deep=False) is looked[0]
    engine.describe_query(third, deep=False)
    assert engine._look(first, deep=False) is looked[0], "asked about again, it is the later of the two"
    assert engine._look(second, deep=False) is not looked[1]
    assert engine._look(second, deep=True) is not engine._look(second, deep=False), "looked at for other regions"


def test_what_is_no_picture_raises(engine: Engine) -> None:
    with pytest.raises(UnreadableImage):
        engine.describe_query(b"GIF89a", deep=False)


def test_a_strip_of_a_photo_is_no_more_than_a_possible_copy(engine: Engine) -> None:
    picture = scene(50, 640, 480)
    picture[:, :70] = PHOTO[:, -70:]
    judgement = judged(engine, picture)
    assert judgement.verdict is not Verdict.COPY
    if judgement.matches:
        assert "small part" in judgement.matches[0].explanation


def test_another_moment_of_the_same_scene_is_no_copy(engine: Engine) -> None:
    for seed in range(4):
        picture = other_moment(PHOTO, Chance(np.random.default_rng(seed), [scene(60)]))
        assert judged(engine, picture).verdict is not Verdict.COPY, seed


def test_a_region_proposed_by_the_search_is_enough_where_keypoints_are_not(engine: Engine) -> None:
    blurred = np.asarray(np.kron(PHOTO[::16, ::16], np.ones((16, 16, 1))), np.uint8)
    judgement = judged(engine, blurred)
    assert judgement.verdict.is_match
    assert EditKind.MIRRORED not in [each.kind for each in judgement.matches[0].edits]


def test_the_same_question_has_the_same_answer(engine: Engine) -> None:
    pixels = PHOTO[60:400, 100:600]
    assert judged(engine, pixels) == judged(engine, pixels)


def test_every_candidate_that_holds_is_listed_best_first(engine: Engine) -> None:
    photos = [engine.describe_photo(encoded(PHOTO, quality=95)), engine.describe_photo(encoded(PHOTO[10:, 10:]))]
    references = [
        ReferencePreview(Candidate(number, None, 0.9, 0.0), each.preview, each.width, each.height)
        for number, each in enumerate(photos)
    ]
    judgement = engine.verify(encoded(PHOTO, quality=60), references, deep=False)
    assert len(judgement.matches) == 2
    scores = [each.score for each in judgement.matches]
    assert scores == sorted(scores, reverse=True)


def test_two_photos_side_by_side_are_both_found(engine: Engine) -> None:
    other = scene(8, 640, 480)
    photos = [engine.describe_photo(encoded(each, quality=95)) for each in (PHOTO, other)]
    halves = [((left, 0.0), (left + 640.0, 0.0), (left + 640.0, 480.0), (left, 480.0)) for left in (0.0, 640.0)]
    references = [
        ReferencePreview(Candidate(number, Region("panel", half), 0.9, 0.7), each.preview, each.width, each.height)
        for number, (each, half) in enumerate(zip(photos, halves, strict=True))
    ]
    judgement = engine.verify(encoded(np.hstack([PHOTO, other])), references, deep=False)
    assert {each.photo_id for each in judgement.matches} == {0, 1}
