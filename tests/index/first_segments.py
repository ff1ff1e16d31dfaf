"""Segments as the first version wrote them: what is in homes that are older than the sketches of today."""

import os
import struct
import zlib
from pathlib import Path

import numpy as np

from isthisme.index.segment import Columns

_PAGE = 4096


def write_as_version_1(path: Path, columns: Columns, *, version: int = 1) -> None:
    """Ids, hashes, descriptors and one sign for each number, each column at the beginning of a page."""
    assert columns.descriptors is not None
    fields = struct.pack("<16sIIQ", b"isthisme segment", version, 1, len(columns))
    data = fields + struct.pack("<I", zlib.crc32(fields))
    signs = np.packbits(columns.descriptors > 0, axis=1)
    for column in (columns.photo_ids, columns.hashes, columns.descriptors, signs):
        data += bytes(-len(data) % _PAGE) + column.tobytes()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(data + bytes(-len(data) % _PAGE))
