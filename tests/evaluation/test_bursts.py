import numpy as np
import pytest

from isthisme.domain import Verdict
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.evaluation.bursts import EDITS, SHOTS, BurstOutcome, burst, burst_outcomes, burst_table
from isthisme.evaluation.negatives import jpeg
from isthisme.evaluation.scenes import scene


def test_the_shots_of_a_burst_are_nearly_the_same_and_not_the_same() -> None:
    photo = scene(1, 320, 240)
    shots = burst(photo, 7)
    assert len(shots) == SHOTS
    assert np.array_equal(shots[0], photo)
    for shot in shots[1:]:
        assert shot.shape != photo.shape
        assert shot.shape[0] > 0.9 * photo.shape[0]
    assert all(np.array_equal(one, other) for one, other in zip(shots, burst(photo, 7), strict=True))


def test_the_table_counts_the_first_named_and_the_listed() -> None:
    found = [
        BurstOutcome("crop", Verdict.COPY, True, True, 2),
        BurstOutcome("crop", Verdict.POSSIBLE_COPY, False, True, 1),
        BurstOutcome("text", Verdict.NO_COPY, False, False, 0),
    ]
    crop, text, total = (row.split()[-5:] for row in burst_table(found).splitlines()[1:])
    assert crop == ["2", "0.500", "0.500", "1.000", "0.750"]
    assert text == ["1", "0.000", "0.000", "0.000", "0.000"]
    assert total == ["3", "0.333", "0.333", "0.667", "0.500"]


@pytest.mark.slow
def test_a_copy_of_one_shot_names_the_burst_and_lists_its_other_shots() -> None:
    photos, others = ([scene(seed, 480, 360) for seed in seeds] for seeds in (range(1), range(50, 53)))
    more = [jpeg(scene(seed, 480, 360)) for seed in range(10, 16)]
    found = list(burst_outcomes(Engine(Models.packaged()), photos, more, others, seed=3, count=1))
    assert len(found) == len(EDITS)
    assert all(each.names_burst for each in found)
    assert np.mean([each.listed for each in found]) > 1
