"""The model's answers as Markdown tables, and as plots."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from documentation.capacity.model import (
    Fleet,
    IndexType,
    Inputs,
    Work,
    archive_hash_core_hours,
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
_MOST_OURS = 10e6  # photos in an embedded index


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
    head = ("photos", "index", *size, "one owner, ms", "all, ms", "hashes of all, ms", "all, a second")
    rows = []
    for photos in STEPS:
        for index in index_types(inputs):
            if index.is_ours and photos > _MOST_OURS:
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
        f"{1e3 * each.all_hash_core_seconds:,.0f}",
        f"{each.pictures_per_second:,.0f}",
    ]


def _work_cells(each: Work) -> list[str]:
    return [f"{each.read_tb:,.1f}", f"{each.core_hours:,.0f}", f"{each.hours:,.1f}", f"{each.price:,.0f}"]


def _describing(inputs: Inputs) -> list[str]:
    work_head = ("read, TB", "core hours", f"hours on {_DESCRIBING_MACHINES} machines", "price")
    head = ("photos", "of", *work_head, "shelf, GB", "shelf, a month", "one client inserts, hours")
    rows = []
    for photos in STEPS[1:]:
        for small, kind in ((False, "12 megapixels"), (True, "about 1 megapixel")):
            work = describing(photos, _DESCRIBING_MACHINES, inputs, small=small)
            size, price = shelf_gb(photos, inputs)
            more = [f"{size:,.0f}", f"{price:,.0f}", f"{inserting_hours(photos, inputs):,.1f}"]
            rows.append([named(photos), kind, *_work_cells(work), *more])
    return ["### Describing, once and when the model changes", "", *_table(head, rows), ""]


def _scanning(inputs: Inputs) -> list[str]:
    work_head = ("read, TB", "core hours", f"hours on {_SCANNING_MACHINES} machines", "price")
    head = ("against", "index", *work_head, "of the core hours, hashes")
    rows = []
    for photos in (1e5, *STEPS):
        for index in _scanned_with(photos, inputs):
            work = archive_scan(_ARCHIVE, photos, index, _SCANNING_MACHINES, inputs)
            hashes = archive_hash_core_hours(_ARCHIVE, photos, index, inputs)
            rows.append([f"{named(photos)} photos", index.name, *_work_cells(work), f"{hashes:,.0f}"])
    return [f"### Scanning {named(_ARCHIVE)} archived pictures", "", *_table(head, rows), ""]


def _scanned_with(photos: float, inputs: Inputs) -> list[IndexType]:
    return [each for each in index_types(inputs) if each.name != "flat" and not (each.is_ours and photos > _MOST_OURS)]


def plot(inputs: Inputs, path: Path) -> None:
    """Memory, machines, the core time of one question and the hours of a scan, against the number of photos."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "capacity"
    import matplotlib.pyplot as plt

    sizes = [10 ** (5 + step / 4) for step in range(17)]
    figure, places = plt.subplots(2, 2, figsize=(10, 7.5), layout="constrained")
    memory, machines, questions, scans = places.flat
    for index in index_types(inputs):
        ours = [size for size in sizes if not index.is_ours or size <= _MOST_OURS]
        fleets = [fleet(size, max(1.0, size / _OWNER_PHOTOS), index, inputs) for size in ours]
        memory.loglog(ours, [each.memory_gb for each in fleets], label=index.name)
        machines.loglog(ours, [each.machines for each in fleets])
        questions.loglog(ours, [1e3 * (each.all_core_seconds + each.all_hash_core_seconds) for each in fleets])
        scanned = [archive_scan(_ARCHIVE, size, index, _SCANNING_MACHINES, inputs).hours for size in ours]
        scans.loglog(ours, scanned)
    usable = inputs.of("machines", "memory_gb") * inputs.of("machines", "usable_memory")
    memory.axhline(usable, color="grey", linestyle=":", label="one machine")
    memory.legend()
    for place, words in (
        (memory, "memory, GB"),
        (machines, "machines"),
        (questions, "core time of a picture among all, ms"),
        (scans, f"hours to scan {named(_ARCHIVE)} pictures"),
    ):
        place.set(xlabel="photos", ylabel=words)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
