"""Owners whose photos lie on a shelf, and what looks for them there."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from isthisme.bulk.shelf import ShelvedPhoto, generation_for, photo_id
from isthisme.bulk.shelf_search import ShelvedPhotos, photos_on
from isthisme.bulk.watched import Watched
from isthisme.engine.engine import Engine
from isthisme.matcher import Matcher
from tests.pictures import drawn, encoded

OWNERS = {"ana": (1, 2), "bo": (2, 3), "cy": (4,)}  # the seeds of their photos


def shelved(shelf: Path, engine: Engine, owners: Mapping[str, Sequence[int]]) -> None:
    """Photos by their seeds, one in each part."""
    for owner, seeds in owners.items():
        generation = generation_for(str(shelf), owner, engine.model)
        for seed in seeds:
            data = encoded(drawn(seed))
            content = hashlib.sha256(data).digest()
            described = engine.describe_photo(data)
            photo = ShelvedPhoto(
                photo_id(owner, content),
                content,
                f"{owner}/{seed}.jpg",
                described.width,
                described.height,
                described.model,
                int(described.hashes[0]),
                None if described.descriptor is None else described.descriptor.tobytes(),
                described.preview,
            )
            generation.write(f"unit{seed}", [photo], [])


def watched(shelf: Path, engine: Engine, *owners: str) -> Watched:
    photos = ShelvedPhotos(photos_on(str(shelf), owners, engine.model, deep=False).generations)
    return Watched(Matcher(engine, photos, photos), photos.of, deep=False)
