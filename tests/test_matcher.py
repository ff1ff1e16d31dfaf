import hashlib
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import pytest

from isthisme.domain import EditKind, Judgement, QueryDescription, ReferencePreview, Verdict
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.errors import WorkerCrashed
from isthisme.evaluation.scenes import encoded, scene
from isthisme.index.exact import ExactIndex
from isthisme.matcher import NO_PHOTOS, Matcher, ReferencePhoto


class Album:
    """Photos described by an engine: the matcher's references and index, held in memory."""

    def __init__(self, engine: Engine, files: Sequence[bytes]) -> None:
        described = [engine.describe_photo(each) for each in files]
        self._photos = {
            number: ReferencePhoto(each.preview, each.width, each.height) for number, each in enumerate(described, 1)
        }
        self._by_content = {hashlib.sha256(each).digest(): number for number, each in enumerate(files, 1)}
        descriptors = [each.descriptor for each in described if each.descriptor is not None]
        self._index = ExactIndex(
            5,
            np.arange(1, len(files) + 1),
            np.array([each.hashes[0] for each in described], np.uint64),
            np.stack(descriptors) if descriptors else None,
        )

    def previews(self, photo_ids: Sequence[int]) -> Mapping[int, ReferencePhoto]:
        return {each: self._photos[each] for each in photo_ids if each in self._photos}

    def photo_with_content(self, sha256: bytes) -> int | None:
        return self._by_content.get(sha256)

    def index(self) -> ExactIndex | None:
        return self._index


class Crashing:
    """A describer whose process dies."""

    def describe_query(self, data: bytes, *, deep: bool) -> QueryDescription:
        raise WorkerCrashed("the decoding process died on this picture; nothing else is affected")

    def verify(self, data: bytes, references: Sequence[ReferencePreview], *, deep: bool) -> Judgement:
        raise WorkerCrashed("the decoding process died on this picture; nothing else is affected")


FILES = [encoded(scene(seed, 640, 480), quality=90) for seed in range(1, 9)]


@pytest.fixture(scope="module", params=["packaged", "none"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return Engine(Models.packaged() if request.param == "packaged" else Models.none())


@pytest.fixture(scope="module")
def matcher(engine: Engine) -> Matcher:
    album = Album(engine, FILES)
    return Matcher(engine, album, album)


def test_the_same_bytes_are_an_exact_copy(matcher: Matcher) -> None:
    answer = matcher.answer(FILES[2])
    (match,) = answer.judgement.matches
    assert (answer.judgement.verdict, match.photo_id, match.score) == (Verdict.COPY, 3, 1.0)
    assert [each.kind for each in match.edits] == [EditKind.EXACT]
    assert (answer.width, answer.height, answer.index_generation) == (640, 480, 5)


def test_a_shrunk_and_recompressed_copy_is_a_copy_of_the_right_photo(matcher: Matcher) -> None:
    small = cv2.resize(scene(4, 640, 480), (320, 240), interpolation=cv2.INTER_AREA)
    judgement = matcher.answer(encoded(small, quality=60)).judgement
    assert judgement.verdict is Verdict.COPY
    assert judgement.matches[0].photo_id == 4


def test_a_mirrored_copy_is_named_mirrored(matcher: Matcher) -> None:
    judgement = matcher.answer(encoded(np.ascontiguousarray(scene(5, 640, 480)[:, ::-1]))).judgement
    assert judgement.verdict is Verdict.COPY
    assert judgement.matches[0].photo_id == 5
    assert judgement.matches[0].edits[0].kind is EditKind.MIRRORED


def test_the_regions_are_in_pixels_of_the_originals(matcher: Matcher) -> None:
    page = np.full((960, 1600, 3), 255, np.uint8)
    page[200:680, 400:1040] = scene(6, 640, 480)
    judgement = matcher.answer(encoded(page)).judgement
    if not judgement.matches:
        pytest.skip("without a model a picture inside a page is not found")
    match = judgement.matches[0]
    assert match.photo_id == 6
    assert np.asarray(match.query_region).min(axis=0) == pytest.approx([400, 200], abs=8)
    assert np.asarray(match.query_region).max(axis=0) == pytest.approx([1040, 680], abs=8)
    assert np.asarray(match.photo_region).max(axis=0) == pytest.approx([640, 480], abs=8)


def test_another_picture_is_no_copy(matcher: Matcher) -> None:
    for seed in range(30, 36):
        assert matcher.answer(encoded(scene(seed, 640, 480))).judgement.verdict is Verdict.NO_COPY


@pytest.mark.parametrize("pixels", [np.full((200, 300, 3), 90, np.uint8), np.zeros((1, 1, 3), np.uint8)])
def test_a_plain_picture_is_undecided(matcher: Matcher, pixels: np.ndarray) -> None:
    judgement = matcher.answer(encoded(pixels, "PNG")).judgement
    assert judgement.verdict is Verdict.UNDECIDED
    assert judgement.reason is not None
    assert judgement.reason.code == "too_plain"


def test_what_is_no_picture_is_undecided(matcher: Matcher) -> None:
    judgement = matcher.answer(b"garbage").judgement
    assert judgement.verdict is Verdict.UNDECIDED
    assert judgement.reason is not None
    assert judgement.reason.code == "unreadable_image"


def test_without_photos_nothing_is_claimed(engine: Engine) -> None:
    nothing = Album(engine, [])
    judgement = Matcher(engine, nothing, nothing).answer(FILES[0]).judgement
    assert judgement.reason is not None
    assert (judgement.verdict, judgement.reason.code) == (Verdict.UNDECIDED, NO_PHOTOS)


def test_a_crashed_worker_is_a_reason_not_a_failure(engine: Engine) -> None:
    album = Album(engine, FILES[:1])
    judgement = Matcher(Crashing(), album, album).answer(FILES[1]).judgement
    assert judgement.reason is not None
    assert (judgement.verdict, judgement.reason.code) == (Verdict.UNDECIDED, "worker_crashed")


def test_a_score_does_not_depend_on_the_other_photos(engine: Engine) -> None:
    copy = encoded(cv2.resize(scene(1, 640, 480), (400, 300), interpolation=cv2.INTER_AREA))
    few, many = Album(engine, FILES[:1]), Album(engine, FILES)
    scores = [Matcher(engine, album, album).answer(copy).judgement.matches[0].score for album in (few, many)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)
