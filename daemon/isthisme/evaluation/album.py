"""A reference set held in memory: what the matcher asks of the catalog and the index, without either."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from isthisme.domain import ReferencePhoto
from isthisme.engine.engine import Engine
from isthisme.index.exact import ExactIndex


class Album:
    """Photos numbered from 0 in the order given, described by an engine."""

    def __init__(self, engine: Engine, files: Sequence[bytes]) -> None:
        described = [engine.describe_photo(each) for each in files]
        self.described = described
        self._photos = [ReferencePhoto(each.preview, each.width, each.height) for each in described]
        self._by_content = {hashlib.sha256(each).digest(): number for number, each in enumerate(files)}
        descriptors = [each.descriptor for each in described if each.descriptor is not None]
        self._index = ExactIndex(
            1,
            np.arange(len(files), dtype=np.int64),
            np.array([each.hashes[0] for each in described], np.uint64),
            np.stack(descriptors) if descriptors else None,
        )

    def previews(self, photo_ids: Sequence[int]) -> Mapping[int, ReferencePhoto]:
        return {each: self._photos[each] for each in photo_ids if 0 <= each < len(self._photos)}

    def photo_with_content(self, sha256: bytes) -> int | None:
        return self._by_content.get(sha256)

    def index(self) -> ExactIndex:
        return self._index
