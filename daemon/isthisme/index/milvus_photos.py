"""The photos of many owners on a Milvus server: written and removed in steps that may be repeated, counted, searched.

There are two collections of the same shape, one of descriptors and one of perceptual hashes, since the embedded form of
the server takes one vector in a collection, and no binary ones. A row's key is `owner/generation/photo`, so that
writing it twice is writing it once. The owner is the partition key: a question about one owner's photos looks through
that owner's part alone.

Numbers are stored as floats that hold whole numbers: the descriptor's as they are, a hash's bits as 1 and -1. All their
products are below 2**24 and hence exact in float32, in whatever order they are added; the metric is the inner product.

The consistency level is Strong: a question waits until the server has seen every write before it, at the price of up to
a fifth of a second on a cluster. With a weaker level a photo that was acknowledged a moment ago may be missing from an
answer, and *no copy* would be wrong.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isthisme.errors import IndexServerUnusable
from isthisme.index.base import DIMENSIONS, HASH_BITS
from isthisme.index.milvus_server import MilvusServer
from isthisme.names import checked_name

CONSISTENCY = "Strong"
DESCRIPTORS, HASHES = "descriptors", "hashes"
MOST_NEIGHBOURS = 16_384  # that a server gives to one query
_MOST_SCORES = 65_536  # asked for in one call
_MOST_QUERIES = 256
_MOST_ROWS = 1_000  # written or removed in one call: 2 MB
_LISTED_POSITIONS = 8_000  # looked through in one call
_PARTITIONS = 64


class Kind(StrEnum):
    """How descriptors are searched: the kinds that keep them whole, so that similarities are exact. Hashes are FLAT."""

    FLAT = "flat"  # all are compared: misses nothing
    IVF_FLAT = "ivf_flat"  # those of the nearest clusters
    HNSW = "hnsw"  # a graph in memory
    DISKANN = "diskann"  # a graph on the server's disk


_BUILT: Mapping[Kind, Mapping[str, int]] = {
    Kind.FLAT: {},
    Kind.IVF_FLAT: {"nlist": 1024},
    Kind.HNSW: {"M": 32, "efConstruction": 256},
    Kind.DISKANN: {},
}


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the photos on a server: those of one owner, or of everybody, in one generation."""

    owner: str | None
    generation: int
    up_to: int | None = None  # the largest position that belongs to it; None: there is no end

    def __post_init__(self) -> None:
        """Raises UsageError for what is no owner's name: it becomes part of an expression."""
        if self.owner is not None:
            checked_name(self.owner)

    @property
    def expression(self) -> str:
        owner = "" if self.owner is None else f'owner == "{self.owner}" and '
        end = "" if self.up_to is None else f" and position <= {self.up_to:d}"
        return f"{owner}generation == {self.generation:d}{end}"


@dataclass(frozen=True, slots=True)
class PartOfSeveral:
    """The photos of some owners, of each the generation of the same number."""

    owners: tuple[str, ...]
    generation: int

    def __post_init__(self) -> None:
        """Raises UsageError for what is no owner's name."""
        for owner in self.owners:
            checked_name(owner)

    @property
    def expression(self) -> str:
        return f"owner in [{', '.join(f'"{owner}"' for owner in self.owners)}] and generation == {self.generation:d}"


@dataclass(frozen=True, slots=True)
class Located:
    """Whose a photo is, and where its owner keeps it."""

    owner: str
    reference: str


class MilvusPhotos:
    """Threads may share it. Errors are those of `MilvusServer`."""

    def __init__(self, server: MilvusServer, *, kind: Kind = Kind.FLAT, name: str = "isthisme") -> None:
        """`kind` is heeded where the collections are made, at the first use of a server."""
        self.server = server
        self.kind = kind
        self._names = {each: f"{name}_{each}" for each in (DESCRIPTORS, HASHES)}
        self._ready_client: Any = None

    def upsert(
        self,
        owner: str,
        generation: int,
        ids: NDArray[np.int64],  # (N,)
        hashes: NDArray[np.uint64],  # (N,)
        descriptors: NDArray[np.int8] | None,  # (N, 512); None without a model
        references: Sequence[str],  # (N,), each at most 512 bytes
        *,
        model: str = "",
        positions: NDArray[np.int64] | None = None,  # (N,), 0 or more; None: 0 for all
    ) -> None:
        """Writes photos, in place of what has their ids. What was written when this returns, or when it raises between
        two batches, stays; doing it again changes nothing."""
        checked_name(owner)
        places = np.zeros(len(ids), np.int64) if positions is None else positions
        vectors = {HASHES: signs_of_hashes(hashes)}
        if descriptors is not None:
            vectors = {DESCRIPTORS: descriptors, **vectors}  # the hashes last: they are what is counted
        for start in range(0, len(ids), _MOST_ROWS):
            some = slice(start, start + _MOST_ROWS)
            for what, numbers in vectors.items():
                rows = [
                    {
                        "key": f"{owner}/{generation}/{photo_id}",
                        "owner": owner,
                        "generation": generation,
                        "photo_id": photo_id,
                        "position": position,
                        "model": model,
                        "reference": reference,
                        "vector": vector,
                    }
                    for photo_id, position, reference, vector in zip(
                        ids[some].tolist(),
                        places[some].tolist(),
                        references[some],
                        numbers[some].astype(np.float32),
                        strict=True,
                    )
                ]
                self._change(_upserting(self._names[what], rows))

    def delete(self, owner: str, generation: int, ids: NDArray[np.int64]) -> None:
        """Removes photos; those that are not there are no error."""
        checked_name(owner)
        for start in range(0, len(ids), _MOST_ROWS):
            keys = [f"{owner}/{generation}/{photo_id}" for photo_id in ids[start : start + _MOST_ROWS].tolist()]
            for name in self._names.values():
                self._change(_deleting_keys(name, keys))

    def drop_generation(self, owner: str, generation: int) -> None:
        """Removes all photos of a generation."""
        self._delete_where(Part(owner, generation).expression)

    def drop_other_generations(self, owner: str, kept: Sequence[int]) -> None:
        """Removes all photos of an owner's that are in none of these generations; with none of them, all there are."""
        checked_name(owner)
        among = f" and generation not in [{', '.join(f'{each:d}' for each in kept)}]" if kept else ""
        self._delete_where(f'owner == "{owner}"{among}')

    def generations(self, owner: str) -> dict[int, str]:
        """The numbers of an owner's generations that have a photo here, and their models."""
        checked_name(owner)
        found: dict[int, str] = {}
        for name in self._names.values():
            while True:
                among = f" and generation not in [{', '.join(f'{each:d}' for each in found)}]" if found else ""
                rows = self._query(name, f'owner == "{owner}"{among}', ["generation", "model"], most=1)
                if not rows:
                    break
                found[rows[0]["generation"]] = rows[0]["model"]
        return found

    def purge(self) -> None:
        """Has the server begin to write anew what holds deleted rows, as far as it lets a client ask.

        They are out of every answer at once. Until it is through with that, and has collected its garbage, their
        numbers lie in its storage.
        """
        for name in self._names.values():
            self._change(_flushing(name))
            self._change(_compacting(name))

    def count(self, part: Part | PartOfSeveral, what: str = HASHES) -> int:
        def ask(client: Any, seconds: float) -> int:
            rows = client.query(
                self._names[what],
                filter=part.expression,
                output_fields=["count(*)"],
                consistency_level=CONSISTENCY,
                timeout=seconds,
            )
            return int(rows[0]["count(*)"])

        return self._ask(ask)

    def ids(self, owner: str, generation: int, up_to: int) -> NDArray[np.int64]:
        """(N,) the photos whose position is at most `up_to`, in no order. Reads through all of them."""
        checked_name(owner)
        found: set[int] = set()
        for start in range(0, up_to + 1, _LISTED_POSITIONS):
            window = f"position >= {start:d} and position < {start + _LISTED_POSITIONS:d}"
            expression = f"{Part(owner, generation, up_to).expression} and {window}"
            for name in self._names.values():
                found.update(row["photo_id"] for row in self._query(name, expression, ["photo_id"]))
        return np.array(sorted(found), np.int64)

    def located(self, part: Part | PartOfSeveral, ids: Sequence[int]) -> dict[int, Located]:
        """Whose these photos are and where they lie; those that are not there are left out."""
        found: dict[int, Located] = {}
        for start in range(0, len(ids), _MOST_ROWS):
            among = ", ".join(f"{each:d}" for each in ids[start : start + _MOST_ROWS])
            expression = f"{part.expression} and photo_id in [{among}]"
            for row in self._query(self._names[HASHES], expression, ["photo_id", "owner", "reference"]):
                found[row["photo_id"]] = Located(row["owner"], row["reference"])
        return found

    def references(self, owners: Sequence[str], generation: int, ids: Sequence[int]) -> dict[str, str]:
        """Where the photo of each of these owners lies, of those whose own is there; one id for each owner.

        Quicker than `located`: keys are looked up, not searched for.
        """
        found: dict[str, str] = {}
        wanted = [f'"{checked_name(owner)}/{generation:d}/{each:d}"' for owner, each in zip(owners, ids, strict=True)]
        for start in range(0, len(wanted), _MOST_ROWS):
            expression = f"key in [{', '.join(wanted[start : start + _MOST_ROWS])}]"
            for row in self._query(self._names[HASHES], expression, ["owner", "reference"]):
                found[row["owner"]] = row["reference"]
        return found

    def search(
        self, part: Part | PartOfSeveral, what: str, vectors: NDArray[np.float32], count: int
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int32]]]:
        """For each of (R, D) vectors the ids of at most `count` photos and their products, best first."""
        parameters = self._searching(what, count)
        together = max(1, min(_MOST_QUERIES, _MOST_SCORES // count))
        for start in range(0, len(vectors), together):
            some = list(vectors[start : start + together])

            def ask(client: Any, seconds: float, some: list[NDArray[np.float32]] = some) -> list[Any]:
                return list(
                    client.search(
                        self._names[what],
                        data=some,
                        limit=count,
                        filter=part.expression,
                        anns_field="vector",
                        search_params={"metric_type": "IP", "params": parameters},
                        consistency_level=CONSISTENCY,
                        timeout=seconds,
                    )
                )

            for found in self._ask(ask):
                ids = np.array([int(key.rpartition("/")[2]) for key in found.ids], np.int64)
                yield ids, np.rint(np.array(found.distances, np.float64)).astype(np.int32)

    def _searching(self, what: str, count: int) -> dict[str, int]:
        if what == HASHES:
            return {}
        match self.kind:
            case Kind.IVF_FLAT:
                return {"nprobe": 64}
            case Kind.HNSW:
                return {"ef": max(256, 2 * count)}
            case Kind.DISKANN:
                return {"search_list": max(100, 2 * count)}
            case _:
                return {}

    def _query(
        self, name: str, expression: str, fields: list[str], *, most: int = MOST_NEIGHBOURS
    ) -> list[Mapping[str, Any]]:
        def ask(client: Any, seconds: float) -> list[Mapping[str, Any]]:
            return list(
                client.query(
                    name,
                    filter=expression,
                    output_fields=fields,
                    limit=most,
                    consistency_level=CONSISTENCY,
                    timeout=seconds,
                )
            )

        return self._ask(ask)

    def _delete_where(self, expression: str) -> None:
        for name in self._names.values():
            self._change(_deleting_where(name, expression))

    def _ask[T](self, call: Callable[[Any, float], T]) -> T:
        return self.server.ask(lambda client, seconds: call(self._made_ready(client, seconds), seconds))

    def _change[T](self, call: Callable[[Any, float], T]) -> T:
        return self.server.change(lambda client, seconds: call(self._made_ready(client, seconds), seconds))

    def _made_ready(self, client: Any, seconds: float) -> Any:
        """The client, once the collections are there and loaded: a server that came back may have unloaded them."""
        if self._ready_client is not client:
            for what, name in self._names.items():
                if client.has_collection(name, timeout=seconds):
                    _check_shape(client.describe_collection(name, timeout=seconds), name, what)
                else:
                    self._create(client, what, seconds)
                client.load_collection(name, timeout=seconds)
            self._ready_client = client
        return client

    def _create(self, client: Any, what: str, seconds: float) -> None:
        from pymilvus import DataType

        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=128)
        schema.add_field("owner", DataType.VARCHAR, is_partition_key=True, max_length=64)
        for field in ("generation", "photo_id", "position"):
            schema.add_field(field, DataType.INT64)
        schema.add_field("model", DataType.VARCHAR, max_length=256)
        schema.add_field("reference", DataType.VARCHAR, max_length=512)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=_WIDTHS[what])
        kind = self.kind if what == DESCRIPTORS else Kind.FLAT
        indexes = client.prepare_index_params()
        indexes.add_index(
            "vector", index_type=kind.value.upper(), metric_type="IP", params=dict(_BUILT[kind]), index_name="vector"
        )
        client.create_collection(
            self._names[what],
            schema=schema,
            index_params=indexes,
            num_partitions=_PARTITIONS,
            consistency_level=CONSISTENCY,
            timeout=seconds,
        )


_WIDTHS = {DESCRIPTORS: DIMENSIONS, HASHES: HASH_BITS}


def _check_shape(described: Mapping[str, Any], name: str, what: str) -> None:
    """Raises IndexServerUnusable where a collection of this name is somebody else's."""
    fields = {field["name"]: field.get("params", {}) for field in described["fields"]}
    wanted = {"key", "owner", "generation", "photo_id", "position", "model", "reference", "vector"}
    if set(fields) != wanted or int(fields["vector"].get("dim", 0)) != _WIDTHS[what]:
        raise IndexServerUnusable(f"the server's collection {name} is not one of ours; rename it, or take another")


def signs_of_hashes(hashes: NDArray[np.uint64]) -> NDArray[np.int8]:
    """(N, 64) of (N,): 1 for a bit that is set, -1 for one that is not."""
    octets = np.ascontiguousarray(hashes, np.uint64).view(np.uint8).reshape(len(hashes), 8)
    signs: NDArray[np.int8] = 2 * np.unpackbits(octets, axis=1).astype(np.int8) - 1
    return signs


def _upserting(name: str, rows: list[dict[str, Any]]) -> Callable[[Any, float], None]:
    return lambda client, seconds: client.upsert(name, rows, timeout=seconds)


def _deleting_keys(name: str, keys: list[str]) -> Callable[[Any, float], None]:
    return lambda client, seconds: client.delete(name, ids=keys, timeout=seconds)


def _deleting_where(name: str, expression: str) -> Callable[[Any, float], None]:
    return lambda client, seconds: client.delete(name, filter=expression, timeout=seconds)


def _flushing(name: str) -> Callable[[Any, float], None]:
    return lambda client, seconds: client.flush(name, timeout=seconds)


def _compacting(name: str) -> Callable[[Any, float], None]:
    return lambda client, seconds: client.compact(name, timeout=seconds)
