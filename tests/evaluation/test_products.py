from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from isthisme.domain import Verdict
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.errors import UsageError
from isthisme.evaluation.products import (
    EDITS,
    OTHER,
    SIZES,
    TILTED,
    ProductOutcome,
    product,
    product_outcomes,
    product_table,
)
from isthisme.evaluation.scenes import scene


def cut_out(path: Path, seed: int) -> None:
    """A round thing in the middle of nothing."""
    pixels = np.dstack([scene(seed, 240, 240), np.zeros((240, 240), np.uint8)])
    y, x = np.mgrid[0:240, 0:240]
    pixels[np.hypot(x - 120, y - 120) < 100, 3] = 255
    Image.fromarray(pixels).save(path)


def test_a_product_shows_its_thing_in_the_size_wanted_before_a_plain_ground() -> None:
    thing = np.dstack([np.zeros((100, 200, 3), np.uint8), np.full((100, 200), 255, np.uint8)])
    for seed in range(4):
        picture = product(thing, 0.3, seed)
        rows, columns = np.nonzero(picture.max(axis=2) < 20)
        assert np.ptp(columns) + 1 == pytest.approx(0.3 * max(picture.shape), abs=3)
        assert np.ptp(rows) + 1 == pytest.approx(0.15 * max(picture.shape), abs=3)
        assert np.median(picture) > 190


@pytest.mark.slow
def test_copies_of_products_and_other_things_are_judged(tmp_path: Path) -> None:
    for seed in range(4):
        cut_out(tmp_path / f"{seed}.png", seed)
    Image.fromarray(scene(9)).save(tmp_path / "full.png")  # nothing is cut out of this one
    found = list(product_outcomes(Engine(Models.packaged()), tmp_path, [], [scene(20), scene(21)], seed=1, count=2))
    assert [each.kind for each in found] == [*EDITS, TILTED, *EDITS, TILTED, OTHER, OTHER]
    assert all(each.verdict is Verdict.NO_COPY for each in found if each.kind == OTHER)
    assert sum(each.names_right and each.verdict is Verdict.COPY for each in found) >= len(EDITS)


def test_the_table_counts_by_size() -> None:
    found = [
        ProductOutcome(0.2, "text", Verdict.COPY, names_right=True),
        ProductOutcome(0.2, "text", Verdict.POSSIBLE_COPY, names_right=True),
        ProductOutcome(0.2, "text", Verdict.COPY, names_right=False),
        ProductOutcome(0.2, "text", Verdict.NO_COPY, names_right=False),
        ProductOutcome(0.2, OTHER, Verdict.COPY, names_right=False),
        ProductOutcome(0.65, OTHER, Verdict.NO_COPY, names_right=False),
    ]
    rows = product_table(found).splitlines()[1:]
    assert rows[SIZES.index(0.2)].split()[1:] == ["4", "0.250", "0.500", "1", "1", "0"]
    assert rows[-1].split()[1:] == ["4", "0.250", "0.500", "2", "1", "0"]


def test_too_few_cut_outs_are_refused(tmp_path: Path) -> None:
    cut_out(tmp_path / "one.png", 1)
    with pytest.raises(UsageError, match="holds 1 cut-outs"):
        list(product_outcomes(Engine(Models.none()), tmp_path, [], [], seed=1, count=2))
