import pytest

from isthisme.engine.decode import decode
from isthisme.engine.geometry import area_of
from isthisme.evaluation.copies import COMBINATIONS, KINDS, make_copy
from isthisme.evaluation.scenes import scene

PHOTO = scene(1, 640, 480)
OTHERS = [scene(seed, 500, 400) for seed in range(20, 26)]


@pytest.mark.parametrize("kind", [*KINDS, *COMBINATIONS])
def test_every_kind_makes_a_picture_and_says_where_the_photo_is(kind: str) -> None:
    copy = make_copy(PHOTO, 0, kind, OTHERS, 3)
    picture = decode(copy.data, target_side=4000)
    assert copy.regions
    for region in copy.regions:
        assert area_of(region) > 0.005 * picture.width * picture.height
        assert all(-1 <= x <= picture.width + 1 and -1 <= y <= picture.height + 1 for x, y in region)


def test_a_copy_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    kind = "combination of 3"
    first, again, other = (make_copy(PHOTO, 0, kind, OTHERS, seed).data for seed in (1, 1, 2))
    assert first == again
    assert first != other
