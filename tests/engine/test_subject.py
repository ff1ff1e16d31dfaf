"""A small thing on plain ground is looked at by itself: as a part of its photo it would be a few windows."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from isthisme.domain import Answer, Candidate, EditKind, Polygon, ReferencePreview, Verdict
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.engine.subject import small_subject
from isthisme.evaluation.album import Album
from isthisme.evaluation.products import tilted
from isthisme.evaluation.scenes import encoded, scene
from isthisme.matcher import Matcher

type Pixels = NDArray[np.uint8]


def product(seed: int, side: int, at: tuple[int, int], *, ground: int = 236) -> Pixels:
    """A round thing of `side` pixels before a ground that darkens a little downwards, (600, 800, 3)."""
    y, x = np.mgrid[0:600, 0:800]
    picture = np.repeat((ground - 12 * y / 600)[..., None], 3, axis=2)
    thing = cv2.GaussianBlur(scene(seed, side, side), (0, 0), 4)  # smooth: few windows of the whole tell of it
    inside = np.hypot(x - at[0], y - at[1]) < side / 2
    whole = np.zeros((600, 800, 3))
    left, top = at[0] - side // 2, at[1] - side // 2
    whole[top : top + side, left : left + side] = thing
    return np.where(inside[..., None], whole, picture).astype(np.uint8)


def grey(picture: Pixels) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def test_the_subject_is_found_with_a_little_of_what_is_around() -> None:
    box = small_subject(grey(product(3, 160, (500, 250))))
    assert box is not None
    left, top, right, bottom = box
    assert 380 < left < 420 < 580 < right < 620
    assert 130 < top < 170 < 330 < bottom < 370


def test_noise_and_light_are_no_subject() -> None:
    noisy = product(3, 160, (500, 250)) + np.random.default_rng(1).normal(0, 6, (600, 800, 3))
    box = small_subject(grey(np.clip(noisy, 0, 255).astype(np.uint8)))
    assert box is not None
    assert (box[2] - box[0]) * (box[3] - box[1]) < 0.15 * 600 * 800


@pytest.mark.parametrize(
    "picture", [scene(3, 800, 600), product(3, 560, (400, 300)), np.full((300, 400, 3), 240, np.uint8)]
)
def test_where_the_photo_is_full_or_empty_there_is_no_small_subject(picture: Pixels) -> None:
    assert small_subject(grey(picture)) is None


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    """Of an album with four things, the last two small, and some full pictures."""
    engine = Engine(Models.packaged())
    things = [
        product(1, 300, (400, 300)),
        product(2, 300, (350, 300)),
        product(3, 90, (560, 260)),
        product(4, 90, (300, 330)),
    ]
    album = Album(engine, [encoded(each) for each in (*things, *(scene(seed, 480, 360) for seed in range(30, 44)))])
    return Matcher(engine, album, album)


def answered(matcher: Matcher, picture: Pixels) -> Answer:
    return matcher.answer(encoded(picture, quality=70))


def box_of(polygon: Polygon) -> tuple[float, float, float, float]:
    across, down = zip(*polygon, strict=True)
    return min(across), min(down), max(across), max(down)


@pytest.mark.parametrize(("photo_id", "picture"), [(2, product(3, 90, (560, 260))), (3, product(4, 90, (300, 330)))])
def test_a_copy_of_a_small_thing_is_called_one(matcher: Matcher, photo_id: int, picture: Pixels) -> None:
    small = np.asarray(cv2.resize(picture[:, ::-1], (520, 390), interpolation=cv2.INTER_AREA), np.uint8)
    judgement = answered(matcher, small).judgement
    assert judgement.verdict is Verdict.COPY
    (match, *_) = judgement.matches
    assert match.photo_id == photo_id
    assert EditKind.MIRRORED in {each.kind for each in match.edits}
    # What is outlined is the photo, not its subject alone.
    left, top, right, bottom = box_of(match.photo_region)
    assert (right - left) * (bottom - top) > 0.7 * 800 * 600
    left, top, right, bottom = box_of(match.query_region)
    assert (right - left) * (bottom - top) > 0.7 * 520 * 390


def test_another_small_thing_in_its_place_is_no_copy(matcher: Matcher) -> None:
    for seed in range(50, 58):
        judgement = answered(matcher, product(seed, 90, (560, 260))).judgement
        assert judgement.verdict is Verdict.NO_COPY


def seen_from_the_side(picture: Pixels, horizon: float) -> Pixels:
    return tilted(picture, (560, 260), horizon, picture[0, 0].tolist())


@pytest.mark.parametrize("horizon", [-333, 500, 250])  # pixels away
def test_a_small_thing_is_found_where_its_tilt_puts_the_rest_of_the_photo_beyond_the_horizon(
    matcher: Matcher, horizon: float
) -> None:
    judgement = answered(matcher, seen_from_the_side(product(3, 90, (560, 260)), horizon)).judgement
    assert judgement.verdict is Verdict.COPY
    (match, *_) = judgement.matches
    assert match.photo_id == 2
    left, top, right, bottom = box_of(match.query_region)
    assert left < 520 < 600 < right
    assert top < 220 < 300 < bottom


def test_a_small_thing_tilted_is_laid_beside_its_photo(matcher: Matcher) -> None:
    data = encoded(seen_from_the_side(product(3, 90, (560, 260)), 333), quality=70)
    (match, *_) = matcher.answer(data).judgement.matches
    engine = Engine(Models.packaged())
    photo = engine.describe_photo(encoded(product(3, 90, (560, 260))))
    reference = ReferencePreview(Candidate(match.photo_id, None, 1.0, 1.0), photo.preview, photo.width, photo.height)
    compared = engine.compare(data, reference, match.photo_region)
    assert compared.measured is not None
    assert compared.measured.points >= 4
