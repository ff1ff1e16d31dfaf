"""The model: from a number of photos or pictures to bytes, processor's seconds, machines and money.

Simple on purpose: sums and products that a reader can check by hand, of figures that `measured.toml` names. It tells
orders of magnitude and what grows how; a machine of one's own tells the rest (`scripts/bench`).
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEASURED = Path(__file__).with_name("measured.toml")
DIMENSIONS = 512
HASH_SIGN_BYTES = 64 * 4  # a perceptual hash as 64 floats
_HOURS_A_MONTH = 730
_PARTITIONS = 64  # that Milvus makes of a partition key unless told otherwise


class Inputs:
    """Figures by table and name. A missing one is a KeyError that names it."""

    def __init__(self, tables: Mapping[str, Mapping[str, float]]) -> None:
        self._tables = tables

    def of(self, table: str, name: str) -> float:
        try:
            return float(self._tables[table][name])
        except KeyError:
            raise KeyError(f"the inputs have no {table}.{name}") from None


def read_inputs(path: Path = MEASURED) -> Inputs:
    tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return Inputs(tables)


@dataclass(frozen=True, slots=True)
class IndexType:
    """One way to keep N descriptors: ours, or a kind of the setting `index_kind`. Bytes are for each photo."""

    name: str
    memory_bytes: float
    disk_bytes: float

    @property
    def is_ours(self) -> bool:
        return self.name == "embedded"

    def search_core_seconds(self, photos: float, inputs: Inputs) -> float:
        """Of one picture's regions against so many photos."""
        millions = photos / 1e6
        growth = math.log(max(photos, 2.0)) / math.log(100_000)
        match self.name:
            case "embedded":
                return inputs.of("scan", "sketches_ms") * millions / 1e3
            case "flat":
                return inputs.of("scan", "full_float_ms") * millions / 1e3
            case "hnsw":
                return inputs.of("graph", "ms_at_100_000") * growth / 1e3
            case "diskann":
                return inputs.of("graph", "disk_factor") * inputs.of("graph", "ms_at_100_000") * growth / 1e3
        raise ValueError(f"no such index: {self.name}")

    def hash_core_seconds(self, photos: float, inputs: Inputs) -> float:
        """Of one picture's hashes, which every kind compares one by one."""
        return inputs.of("scan", "hash_bits_ms" if self.is_ours else "hash_floats_ms") * photos / 1e6 / 1e3


def index_types(inputs: Inputs) -> tuple[IndexType, ...]:
    """With hashes, which are 64 floats in a row of their own beside each descriptor's, save in the embedded index."""
    links = inputs.of("graph", "links") * 2 * 4
    rows = 2 * inputs.of("milvus", "row_bytes") + HASH_SIGN_BYTES
    whole = DIMENSIONS * 4 + rows
    return (
        IndexType("embedded", 724, 724),
        IndexType("flat", whole, whole),
        IndexType("hnsw", whole + links, whole),
        IndexType("diskann", inputs.of("graph", "code_bytes") + rows, inputs.of("graph", "disk_bytes") + rows),
    )


@dataclass(frozen=True, slots=True)
class Fleet:
    """Machines that hold an index and answer."""

    index: IndexType
    memory_gb: float
    disk_gb: float
    machines: int
    monthly_price: float
    owner_core_seconds: float  # to search one picture among one owner's photos, by descriptors and hashes
    all_core_seconds: float  # among all photos, by descriptors
    all_hash_core_seconds: float  # and by hashes
    pictures_per_second: float  # that its cores can search for among all photos, by both


def fleet(photos: float, owners: float, index: IndexType, inputs: Inputs) -> Fleet:
    """Raises ValueError where there are no photos or owners."""
    if photos < 1 or owners < 1:
        raise ValueError(f"{photos:g} photos of {owners:g} owners are none")
    copies = 1 if index.is_ours else inputs.of("milvus", "replicas")
    overhead = 1 if index.is_ours else inputs.of("milvus", "overhead")
    memory = photos * index.memory_bytes * copies * overhead / 1e9
    disk = photos * index.disk_bytes * copies / 1e9
    machine_memory = inputs.of("machines", "memory_gb") * inputs.of("machines", "usable_memory")
    machines = math.ceil(max(memory / machine_memory, disk / inputs.of("machines", "disk_gb"), copies))
    price = machines * inputs.of("machines", "hourly_price") * _HOURS_A_MONTH
    # A question about one owner looks at that owner's partition, which holds others' photos, too.
    within = min(photos, photos / owners if index.is_ours else max(photos / owners, photos / _PARTITIONS))
    all_seconds, hash_seconds = index.search_core_seconds(photos, inputs), index.hash_core_seconds(photos, inputs)
    return Fleet(
        index,
        memory,
        disk,
        machines,
        price,
        index.search_core_seconds(within, inputs) + index.hash_core_seconds(within, inputs),
        all_seconds,
        hash_seconds,
        machines * inputs.of("machines", "cores") / (all_seconds + hash_seconds),
    )


@dataclass(frozen=True, slots=True)
class Work:
    """Something done once, by so many machines at the same time."""

    core_hours: float
    machines: int
    hours: float
    price: float
    read_tb: float


def _work(core_seconds: float, machines: int, read_bytes: float, inputs: Inputs) -> Work:
    hours = core_seconds / 3600
    lasts = hours / (machines * inputs.of("machines", "cores") * inputs.of("machines", "efficiency"))
    return Work(hours, machines, lasts, lasts * machines * inputs.of("machines", "hourly_price"), read_bytes / 1e12)


def describing(photos: float, machines: int, inputs: Inputs, *, small: bool) -> Work:
    """All photos, once: also when the descriptor's model changes."""
    kind = "small_" if small else ""
    seconds = inputs.of("photo", f"describe_{kind}cpu_seconds")
    return _work(photos * seconds, machines, photos * inputs.of("photo", f"{kind}file_bytes"), inputs)


def inserting_hours(photos: float, inputs: Inputs) -> float:
    return photos / inputs.of("milvus", "insert_per_second") / 3600


def judging_core_seconds(inputs: Inputs) -> float:
    """Of a picture worth looking at, besides its search: describing it, and looking at what was proposed."""
    return (
        inputs.of("question", "describe_cpu_seconds")
        + inputs.of("question", "candidate_share") * inputs.of("question", "candidate_cpu_seconds")
        + inputs.of("archive", "match_share") * inputs.of("question", "match_cpu_seconds")
    )


def archive_scan(pictures: float, photos: float, index: IndexType, machines: int, inputs: Inputs) -> Work:
    """So many archived pictures against all photos. Searching is counted with the rest, wherever it is done."""
    each = judging_core_seconds(inputs) + index.search_core_seconds(photos, inputs)
    core_seconds = pictures * inputs.of("archive", "worth_looking") * each
    core_seconds += 3600 * archive_hash_core_hours(pictures, photos, index, inputs)
    return _work(core_seconds, machines, pictures * inputs.of("archive", "picture_bytes"), inputs)


def archive_hash_core_hours(pictures: float, photos: float, index: IndexType, inputs: Inputs) -> float:
    """What of a scan is the comparing of hashes."""
    return pictures * inputs.of("archive", "worth_looking") * index.hash_core_seconds(photos, inputs) / 3600


def shelf_gb(photos: float, inputs: Inputs) -> tuple[float, float]:
    """Parquet parts and what they cost a month as objects."""
    size = photos * (inputs.of("photo", "preview_bytes") + inputs.of("photo", "shelf_row_bytes")) / 1e9
    return size, size * inputs.of("machines", "object_gb_month")
