import numpy as np
import pytest
from numpy.typing import NDArray

from isthisme.engine.cells import find_cells
from isthisme.engine.panels import Box
from isthisme.engine.regions import MAX_REGIONS, box_of, propose_regions
from isthisme.engine.scaling import Sizes
from isthisme.evaluation.scenes import scene


def _page(ground: int, size: tuple[int, int], cells: list[Box]) -> NDArray[np.uint8]:
    page = np.full((size[1], size[0], 3), ground, np.uint8)
    for number, cell in enumerate(cells):
        left, top, right, bottom = int(cell.left), int(cell.top), int(cell.right), int(cell.bottom)
        page[top:bottom, left:right] = scene(30 + number, right - left, bottom - top)
    return page


def _table(left: int, top: int, columns: int, rows: int, side: int, gutter: int) -> list[Box]:
    step = side + gutter
    return [
        Box(left + step * c, top + step * r, left + step * c + side, top + step * r + side)
        for r in range(rows)
        for c in range(columns)
    ]


def _nearest(boxes: tuple[Box, ...], cell: Box) -> float:
    return max((each.overlap(cell) for each in boxes), default=0.0)


@pytest.mark.parametrize(("side", "gutter"), [(80, 4), (110, 3), (160, 8), (240, 12)])
def test_the_nine_pictures_of_a_post_are_cells(side: int, gutter: int) -> None:
    table = _table(130, 160, 3, 3, side, gutter)
    page = _page(255, (3 * side + 300, 3 * side + 330), table)
    cells = find_cells(Sizes(page), 12)
    assert min(_nearest(cells, each) for each in table) > 0.85


def test_dark_gutters_in_a_light_page_are_gutters() -> None:
    table = _table(130, 160, 3, 3, 120, 6)
    page = _page(255, (640, 700), [])
    page[154:538, 124:508] = 25
    for number, (left, top) in enumerate((int(each.left), int(each.top)) for each in table):
        page[top : top + 120, left : left + 120] = scene(50 + number, 120, 120)
    cells = find_cells(Sizes(page), 12)
    assert min(_nearest(cells, each) for each in table) > 0.8


def test_the_tiles_of_a_window_on_a_desktop_are_cells() -> None:
    table = _table(260, 200, 4, 2, 180, 12)
    desktop = np.repeat(np.linspace(40, 160, 800).astype(np.uint8)[:, None, None], 1280, axis=1).repeat(3, axis=2)
    desktop[60:720, 220:1100] = 255
    tiles = _page(255, (1280, 800), table)
    desktop[60:720, 220:1100] = tiles[60:720, 220:1100]
    cells = find_cells(Sizes(desktop), 12)
    assert min(_nearest(cells, each) for each in table) > 0.85


def test_a_cell_as_light_as_its_page_is_found_by_its_place() -> None:
    table = _table(100, 100, 3, 3, 120, 8)
    page = _page(255, (600, 600), table)
    page[228:268, 228:348] = 252  # the upper third of the one in the middle
    assert _nearest(find_cells(Sizes(page), 12), table[4]) > 0.85


def test_a_photo_and_a_single_picture_on_a_page_have_no_cells() -> None:
    assert find_cells(Sizes(scene(4, 640, 480)), 12) == ()
    assert find_cells(Sizes(_page(255, (800, 600), [Box(200, 150, 500, 400)])), 12) == ()
    assert find_cells(Sizes(np.full((300, 300, 3), 255, np.uint8)), 12) == ()


def test_a_grid_on_the_white_of_one_of_nine_pictures_is_not_taken_for_theirs() -> None:
    table = _table(0, 0, 3, 3, 120, 0)
    page = _page(255, (360, 360), table)
    page[240:] = 253  # three pictures with white grounds, the last one of four things
    page[246:354, 14:106], page[246:354, 134:226] = scene(60, 92, 108), scene(61, 92, 108)
    for x, y in ((244, 244), (302, 244), (244, 302), (302, 302)):
        page[y : y + 54, x : x + 54] = scene(x + y, 54, 54)
    cells = find_cells(Sizes(page), 12)
    assert min(_nearest(cells, each) for each in table) > 0.85


def test_cells_leave_a_passing_look_bounded() -> None:
    table = _table(20, 20, 6, 6, 100, 6)
    page = _page(255, (680, 680), table)
    assert len(find_cells(Sizes(page), 12)) == 12
    assert len(propose_regions(Sizes(page), deep=False)) <= MAX_REGIONS


def test_each_picture_of_a_post_is_a_region_of_a_passing_look() -> None:
    table = _table(130, 160, 3, 3, 110, 3)
    boxes = tuple(box_of(each) for each in propose_regions(Sizes(_page(255, (600, 660), table)), deep=False))
    assert min(_nearest(boxes, each) for each in table) > 0.85
