import numpy as np
import pytest

from isthisme.domain import Region
from isthisme.engine.panels import Box, find_panels, percentile
from isthisme.engine.regions import MAX_REGIONS, MAX_REGIONS_DEEP, cut, propose_regions
from isthisme.engine.scaling import Sizes
from isthisme.evaluation.scenes import scene


def test_a_picture_on_a_plain_page_is_a_panel() -> None:
    page = np.full((600, 800, 3), 250, np.uint8)
    page[120:420, 200:600] = scene(1, 400, 300)
    panels = find_panels(Sizes(page), 8)
    assert max(panel.overlap(Box(200, 120, 600, 420)) for panel in panels) > 0.9


def test_the_cells_of_a_grid_are_panels() -> None:
    page = np.full((630, 630, 3), 255, np.uint8)
    for row in range(3):
        for column in range(3):
            top, left = 10 + 210 * row, 10 + 210 * column
            page[top : top + 200, left : left + 200] = scene(10 + 3 * row + column, 200, 200)
    panels = find_panels(Sizes(page), 24)
    cell = Box(220, 220, 420, 420)
    assert max(panel.overlap(cell) for panel in panels) > 0.85


def test_a_turned_region_is_cut_upright() -> None:
    picture = scene(2, 400, 300)
    regions = propose_regions(Sizes(np.ascontiguousarray(np.rot90(picture))), deep=False)
    upright = cut(Sizes(picture), propose_regions(Sizes(picture), deep=False)[:1], 96)[0].astype(int)
    cuts = dict(zip([each.name for each in regions], cut(Sizes(np.rot90(picture).copy()), regions, 96), strict=True))
    assert np.abs(cuts["whole turned 270"].astype(int) - upright).mean() < 3


def test_regions_are_bounded_and_inside() -> None:
    for deep, limit in ((False, MAX_REGIONS), (True, MAX_REGIONS_DEEP)):
        regions = propose_regions(Sizes(scene(3, 500, 200)), deep=deep)
        assert len(regions) <= limit
        for region in regions:
            assert isinstance(region, Region)
            assert all(0 <= x <= 500 and 0 <= y <= 200 for x, y in region.corners)


def test_a_one_pixel_picture_has_regions_that_can_be_cut() -> None:
    dot = Sizes(np.zeros((1, 1, 3), np.uint8))
    assert all(part.shape == (32, 32, 3) for part in cut(dot, propose_regions(dot, deep=False), 32))


def test_percentiles_of_counted_levels_are_those_of_sorted_ones() -> None:
    random = np.random.default_rng(3)
    for size in (1, 2, 3, 50, 1000):
        levels = random.integers(0, 256, (size, 3), np.uint8)
        for percent in (0, 60, 99, 100):
            assert percentile(levels, percent) == pytest.approx(np.percentile(levels, percent), rel=1e-12)
