"""A photo and a copy of it drawn beside each other, and which points correspond."""

import io

import numpy as np
import pytest
from PIL import Image

from isthisme.domain import Candidate, Polygon, ReferencePreview, Region
from isthisme.engine.camera_notes import camera_notes
from isthisme.engine.decode import DEFAULT_LIMITS
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.engine.query_view import QueryView
from isthisme.engine.side_by_side import matched_points
from isthisme.engine.verification import examine
from isthisme.errors import UnreadableImage
from tests.pictures import drawn, encoded

CORNERS: Polygon = ((0.0, 0.0), (480.0, 0.0), (480.0, 360.0), (0.0, 360.0))


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(Models.none())


def reference(engine: Engine, seed: int) -> ReferencePreview:
    described = engine.describe_photo(encoded(drawn(seed)))
    candidate = Candidate(1, Region("match", CORNERS), 1.0, 1.0)
    return ReferencePreview(candidate, described.preview, described.width, described.height)


def size_of(jpeg: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(jpeg)) as image:
        assert image.format == "JPEG"
        return image.size


@pytest.mark.parametrize("is_mirrored", [False, True])
def test_matched_points_are_the_same_places_in_both(engine: Engine, *, is_mirrored: bool) -> None:
    photo = drawn(1)
    query = np.ascontiguousarray(photo[:, ::-1]) if is_mirrored else photo
    view = QueryView(query, ())
    evidence = examine(view, reference(engine, 1), photo, None, taken=None, deep=True)
    assert evidence is not None
    source, target = matched_points(photo, view, evidence)
    assert len(source) == len(target) > 20
    expected = source * [-1.0, 1.0] + [photo.shape[1] - 1, 0] if is_mirrored else source
    assert np.abs(expected - target).max() < 6


def test_a_copy_is_measured_and_drawn(engine: Engine) -> None:
    made = engine.compare(encoded(drawn(1), quality=70), reference(engine, 1), CORNERS)
    assert size_of(made.sheet) == (made.width, made.height)
    assert made.measured is not None
    assert made.measured.points > 20
    assert made.measured.agreeing > 0.9
    assert not made.measured.is_mirrored


def test_what_cannot_be_laid_over_each_other_is_drawn_all_the_same(engine: Engine) -> None:
    blank = np.full((100, 300, 3), 240, np.uint8)
    made = engine.compare(encoded(blank, "PNG"), reference(engine, 1), CORNERS)
    assert size_of(made.sheet) == (made.width, made.height)
    assert made.measured is None


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (2000, 3)])
def test_pictures_of_any_shape_are_drawn(engine: Engine, size: tuple[int, int]) -> None:
    query = encoded(np.full((*size, 3), 100, np.uint8), "PNG")
    made = engine.compare(query, reference(engine, 1), ())
    assert max(size_of(made.sheet)) < 4_000


def test_what_is_no_picture_is_an_error_of_ours(engine: Engine) -> None:
    with pytest.raises(UnreadableImage):
        engine.compare(b"no picture", reference(engine, 1), CORNERS)
    with pytest.raises(UnreadableImage):
        engine.redraw(b"no picture", 100)
    with pytest.raises(UnreadableImage):
        camera_notes(b"no picture", DEFAULT_LIMITS)


def test_a_redrawn_picture_has_the_size_that_was_asked_for(engine: Engine) -> None:
    assert size_of(engine.redraw(encoded(drawn(1), "PNG"), 120)) == (120, 90)


def test_the_cameras_words_are_read_without_what_would_disturb() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon\0\0", "Canon EOS R6\0"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:17 14:03:22"
    exif.get_ifd(0x8769)[0x9004] = "x" * 10_000
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", exif=exif)
    notes = camera_notes(buffer.getvalue(), DEFAULT_LIMITS)
    assert (notes.taken, notes.camera, notes.changed) == ("2024:05:17 14:03:22", "Canon EOS R6", "")
    assert len(notes.digitised) == 200
