"""The files of Milvus' embedded form, written from outside as it writes them itself.

By a client a million photos take it half an hour, nearly all of it Python objects made of numbers one by one. So most
of them are laid before it while it does not run, and it is sent the rest.
"""

import hashlib
from pathlib import Path

import numpy as np
import pyarrow
from milvus_lite.constants import DEFAULT_NUM_PARTITIONS, PARTITION_KEY_BUCKET_PREFIX
from milvus_lite.schema.arrow_builder import build_data_schema
from milvus_lite.schema.persistence import load_schema
from milvus_lite.storage.data_file import write_data_file
from milvus_lite.storage.manifest import Manifest
from numpy.typing import NDArray

_FILE_BYTES = 128 << 20  # what it collects in memory before it writes a file
_ROW_BYTES = 150  # besides the vector


def lay_photos(
    folder: Path,  # of the engine, which does not run
    collection: str,  # is there, and has none of these photos
    owner: str,
    generation: int,
    ids: NDArray[np.int64],  # (N,), and their positions and references
    vectors: NDArray[np.int8],  # (N, D)
) -> None:
    place = folder / "collections" / collection
    _, schema = load_schema(str(place / "schema.json"))
    columns = build_data_schema(schema)
    manifest = Manifest.load(str(place))
    bucket = int(hashlib.md5(owner.encode()).hexdigest(), 16) % DEFAULT_NUM_PARTITIONS  # noqa: S324 the engine's choice
    partition = f"{PARTITION_KEY_BUCKET_PREFIX}{bucket}"
    if not manifest.has_partition(partition):
        manifest.add_partition(partition)
    at_once = _FILE_BYTES // (4 * vectors.shape[1] + _ROW_BYTES)
    for start in range(0, len(ids), at_once):
        some = ids[start : start + at_once]
        first = manifest.current_seq + 1
        flat = pyarrow.array(vectors[start : start + at_once].astype(np.float32).ravel())
        made = {
            "_seq": np.arange(first, first + len(some), dtype=np.uint64),
            "key": [f"{owner}/{generation}/{each}" for each in some.tolist()],
            "owner": [owner] * len(some),
            "generation": np.full(len(some), generation),
            "photo_id": some,
            "position": some,
            "model": [""] * len(some),
            "reference": [str(each) for each in some.tolist()],
            "vector": pyarrow.FixedSizeListArray.from_arrays(flat, type=columns.field("vector").type),
        }
        table = pyarrow.table({name: made[name] for name in columns.names}, schema=columns)
        last = first + len(some) - 1
        manifest.add_data_file(partition, write_data_file(table, str(place / "partitions" / partition), first, last))
        manifest.current_seq = last
    manifest.save()
