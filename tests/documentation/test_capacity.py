"""The capacity model: sums that can be checked by hand, and a page that has what it says now."""

import itertools
from pathlib import Path

import pytest

from documentation.capacity.__main__ import BEGIN, END, PAGE, page_with
from documentation.capacity.model import (
    Inputs,
    archive_hash_core_hours,
    archive_scan,
    describing,
    fleet,
    index_types,
    inserting_hours,
    read_inputs,
    shelf_gb,
)
from documentation.capacity.tables import STEPS, plot, tables

INPUTS = read_inputs()
OURS, FLAT, GRAPH, DISK = index_types(INPUTS)


def test_describing_is_a_product_that_one_can_check_by_hand() -> None:
    work = describing(1e6, 2, INPUTS, small=False)
    assert work.core_hours == pytest.approx(1e6 * 0.060 / 3600)
    assert work.hours == pytest.approx(work.core_hours / (2 * 16 * 0.87))
    assert work.price == pytest.approx(work.hours * 2 * 0.60)
    assert work.read_tb == pytest.approx(2.6)
    assert describing(1e6, 4, INPUTS, small=False).price == pytest.approx(work.price), (
        "twice the machines, half the time"
    )
    assert inserting_hours(3600 * 714, INPUTS) == pytest.approx(1)
    assert shelf_gb(1e6, INPUTS)[0] == pytest.approx(43.7)


def test_memory_is_photos_times_bytes_times_copies() -> None:
    flat = fleet(100e6, 1_000, FLAT, INPUTS)
    assert flat.memory_gb == pytest.approx(100e6 * (2048 + 256 + 2 * 150) * 2 * 1.2 / 1e9)
    assert flat.machines == 14
    assert fleet(1_000, 1, FLAT, INPUTS).machines == 2, "one may fail"
    assert fleet(1e6, 1, OURS, INPUTS).machines == 1


@pytest.mark.parametrize("index", index_types(INPUTS), ids=lambda each: each.name)
def test_more_photos_never_cost_less(index: object) -> None:
    fleets = [fleet(photos, photos / 10_000, index, INPUTS) for photos in STEPS]  # type: ignore[arg-type]
    for less, more in itertools.pairwise(fleets):
        assert less.memory_gb < more.memory_gb
        assert less.machines <= more.machines
        assert less.all_core_seconds < more.all_core_seconds
        assert more.owner_core_seconds <= more.all_core_seconds + more.all_hash_core_seconds
        assert less.all_hash_core_seconds < more.all_hash_core_seconds


def test_a_graph_is_searched_sooner_and_takes_less_memory_where_it_lies_on_the_disk() -> None:
    flat, graph, disk = (fleet(1e9, 1e5, index, INPUTS) for index in (FLAT, GRAPH, DISK))
    assert graph.all_core_seconds < disk.all_core_seconds < flat.all_core_seconds
    assert disk.machines < graph.machines


def test_an_archive_costs_its_judging_and_its_search() -> None:
    work = archive_scan(1e9, 1e6, GRAPH, 20, INPUTS)
    each = 0.047 + 0.33 * 0.110 + 0.00001 * 0.267 + GRAPH.search_core_seconds(1e6, INPUTS)
    hashes = GRAPH.hash_core_seconds(1e6, INPUTS)
    assert work.core_hours == pytest.approx(1e9 * 0.35 * (each + hashes) / 3600)
    assert archive_hash_core_hours(1e9, 1e6, GRAPH, INPUTS) == pytest.approx(1e9 * 0.35 * hashes / 3600)


def test_hashes_are_compared_one_by_one_whatever_the_descriptors_index_is() -> None:
    assert GRAPH.hash_core_seconds(2e6, INPUTS) == pytest.approx(2 * GRAPH.hash_core_seconds(1e6, INPUTS))
    assert GRAPH.hash_core_seconds(1e6, INPUTS) == FLAT.hash_core_seconds(1e6, INPUTS)
    assert OURS.hash_core_seconds(1e6, INPUTS) < FLAT.hash_core_seconds(1e6, INPUTS)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(KeyError, match=r"the inputs have no photo\.describe_cpu_seconds"):
        describing(1, 1, Inputs({"machines": {}}), small=False)
    with pytest.raises(ValueError, match="0 photos of 1 owners are none"):
        fleet(0, 1, FLAT, INPUTS)
    with pytest.raises(ValueError, match="lacks the line"):
        page_with("", f"text\n{BEGIN}\n")


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page_with(tables(INPUTS), page) == page, "run scripts/capacity --write"
    assert page.count(END) == 1


def test_the_plot_is_drawn(tmp_path: Path) -> None:
    plot(INPUTS, tmp_path / "plot.svg")
    assert b"one machine" in (tmp_path / "plot.svg").read_bytes() or (tmp_path / "plot.svg").stat().st_size > 10_000
