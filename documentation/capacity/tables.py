"""The model's answers as Markdown tables, and as plots."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from documentation.capacity.model import (
    Fleet,
    Inputs,
    Work,
    archive_scan,
    describing,
    fleet,
    index_types,
    inserting_hours,
    shelf_gb,
)

STEPS = (1e6, 10e6, 100e6, 1e9)
_OWNER_PHOTOS = 10_000  # of one owner
_DESCRIBING_MACHINES = 10
_SCANNING_MACHINES = 20
_ARCHIVE = 1e9


def tables(inputs: Inputs) -> str:
    """All of them, under headings of the third level."""
    return "\n".join((*_keeping(inputs), *_describing(inputs), *_scanning(inputs))).strip() + "\n"


def named(count: float) -> str:
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if count >= size:
            return f"{count / size:g} {word}"
    return f"{count:,.0f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def _keeping(inputs: Inputs) -> list[str]:
    text = ["### Keeping and asking", ""]
    size = ("memory, GB", "disk, GB", "machines", "a month")
    head = ("photos", "index", *size, "one owner, ms", "all, ms", "all, a second")
    rows = []
    for photos in STEPS:
        for index in index_types(inputs):
            if index.name == "embedded" and photos > 10e6:
                continue
            rows.append([named(photos), *_fleet_cells(fleet(photos, photos / _OWNER_PHOTOS, index, inputs))])
    return [*text, *_table(head, rows), ""]


def _fleet_cells(each: Fleet) -> list[str]:
    return [
        each.index.name,
        f"{each.memory_gb:,.0f}",
        f"{each.disk_gb:,.0f}",
        f"{each.machines:,}",
        f"{each.monthly_price:,.0f}",
        f"{1e3 * each.owner_core_seconds:,.1f}",
        f"{1e3 * each.all_core_seconds:,.0f}",
        f"{each.pictures_per_second:,.0f}",
    ]


def _work_cells(each: Work) -> list[str]:
    return [f"{each.read_tb:,.1f}", f"{each.core_hours:,.0f}", f"{each.hours:,.1f}", f"{each.price:,.0f}"]


def _describing(inputs: Inputs) -> list[str]:
    work_head = ("read, TB", "core hours", f"hours on {_DESCRIBING_MACHINES} machines", "price")
    head = ("photos", "of", *work_head, "shelf, GB", "shelf, a month", "inserting, hours")
    rows = []
    for photos in STEPS[1:]:
        for small, kind in ((False, "12 megapixels"), (True, "about 1 megapixel")):
            work = describing(photos, _DESCRIBING_MACHINES, inputs, small=small)
            size, price = shelf_gb(photos, inputs)
            more = [f"{size:,.0f}", f"{price:,.0f}", f"{inserting_hours(photos, inputs):,.1f}"]
            rows.append([named(photos), kind, *_work_cells(work), *more])
    return ["### Describing, once and when the model changes", "", *_table(head, rows), ""]


def _scanning(inputs: Inputs) -> list[str]:
    head = ("against", "index", "read, TB", "core hours", f"hours on {_SCANNING_MACHINES} machines", "price")
    rows = []
    for photos in (1e5, *STEPS):
        for index in index_types(inputs):
            if index.name == "flat" or (index.name == "embedded" and photos > 10e6):
                continue
            work = archive_scan(_ARCHIVE, photos, index, _SCANNING_MACHINES, inputs)
            rows.append([f"{named(photos)} photos", index.name, *_work_cells(work)])
    return [f"### Scanning {named(_ARCHIVE)} archived pictures", "", *_table(head, rows), ""]


def plot(inputs: Inputs, path: Path) -> None:
    """Memory, and the core time of one question, against the number of photos."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "capacity"
    import matplotlib.pyplot as plt

    sizes = [10 ** (5 + step / 4) for step in range(17)]
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for index in index_types(inputs):
        fleets = [fleet(size, max(1.0, size / _OWNER_PHOTOS), index, inputs) for size in sizes]
        left.loglog(sizes, [each.memory_gb for each in fleets], label=index.name)
        right.loglog(sizes, [1e3 * each.all_core_seconds for each in fleets], label=index.name)
    usable = inputs.of("machines", "memory_gb") * inputs.of("machines", "usable_memory")
    left.axhline(usable, color="grey", linestyle=":", label="one machine")
    left.set(xlabel="photos", ylabel="memory, GB")
    right.set(xlabel="photos", ylabel="core time of a picture among all, ms")
    left.legend()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
