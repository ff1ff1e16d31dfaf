"""What matching needs of the photos on a shelf: previews, and whether a file is one of them."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from isthisme.bulk.places import Places
from isthisme.bulk.shelf import Generation, ShelvedPhoto, photo_id
from isthisme.domain import ReferencePhoto


class ShelfReferences:
    """The photos of one generation, as `matcher.References`. Holds 16 bytes for each; the rest is read when needed."""

    def __init__(self, generation: Generation) -> None:
        """Raises ShelfUnusable."""
        self._generation = generation
        self._by_place = Places(generation)
        self._parts = sorted(generation.parts())
        found = [generation.columns(part, ["photo_id"])["photo_id"].to_numpy() for part in self._parts]
        ids = np.concatenate([*found, np.zeros(0, np.int64)])
        places = [(part, row) for part, each in enumerate(found) for row in range(len(each))]
        self._ids: NDArray[np.int64]
        self._ids, first = np.unique(ids, return_index=True)
        self._places = np.array(places, np.uint32).reshape(-1, 2)[first]

    def __len__(self) -> int:
        return len(self._ids)

    def previews(self, photo_ids: Sequence[int]) -> Mapping[int, ReferencePhoto]:
        """Those that are known; ids without a photo are left out."""
        photos = {each: self.photo(each) for each in photo_ids}
        return {
            each: ReferencePhoto(photo.preview, photo.width, photo.height)
            for each, photo in photos.items()
            if photo is not None
        }

    def photo_with_content(self, sha256: bytes) -> int | None:
        """The id of the photo whose file is these bytes."""
        found = self.photo(photo_id(self._generation.owner, sha256))
        return found.photo_id if found is not None and found.content_hash == sha256 else None

    def photo(self, photo_id: int) -> ShelvedPhoto | None:
        at = int(np.searchsorted(self._ids, photo_id))
        if at == len(self._ids) or self._ids[at] != photo_id:
            return None
        part, row = self._places[at].tolist()
        return self._by_place.photo(self._parts[part], row, photo_id)
