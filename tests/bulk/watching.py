"""Photos of several owners, watched by the real engine without its models, and archives that hold copies of them."""

import hashlib
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from isthisme.bulk.watched import Watched, WatchedPhoto
from isthisme.domain import ReferencePhoto
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.index.exact import ExactIndex
from isthisme.matcher import Describer, Matcher
from isthisme.scanning.page import read_page
from isthisme.scanning.page_contents import PageContents
from tests.pictures import drawn, encoded
from tests.scanning.archives import answer, record, request

OWNERS: Mapping[str, Sequence[int]] = {"ana": (1, 2), "bo": (2, 3)}  # seeds of their photos: they share one
PAGE = "https://gallery.example/page"


class Photos:
    """The matcher's references and index, in memory; a photo's number is its seed."""

    def __init__(self, engine: Engine, owners: Mapping[str, Sequence[int]]) -> None:
        seeds = sorted({seed for photos in owners.values() for seed in photos})
        files = {seed: encoded(drawn(seed)) for seed in seeds}
        described = {seed: engine.describe_photo(data) for seed, data in files.items()}
        self._owners = owners
        self._references = {s: ReferencePhoto(each.preview, each.width, each.height) for s, each in described.items()}
        self._by_content = {hashlib.sha256(data).digest(): seed for seed, data in files.items()}
        hashes = np.array([each.hashes[0] for each in described.values()], np.uint64)
        descriptors = [each.descriptor for each in described.values() if each.descriptor is not None]
        self._index = ExactIndex(1, np.array(seeds), hashes, np.stack(descriptors) if descriptors else None)

    def previews(self, photo_ids: Sequence[int]) -> Mapping[int, ReferencePhoto]:
        return {each: self._references[each] for each in photo_ids if each in self._references}

    def photo_with_content(self, sha256: bytes) -> int | None:
        return self._by_content.get(sha256)

    def index(self) -> ExactIndex | None:
        return self._index

    def of(self, photo_id: int) -> list[WatchedPhoto]:
        return [
            WatchedPhoto(name, f"{name}/{photo_id}.jpg", photo_id)
            for name, seeds in self._owners.items()
            if photo_id in seeds
        ]


def watched(describer: Describer | None = None, owners: Mapping[str, Sequence[int]] = OWNERS) -> Watched:
    engine = Engine(Models.none())
    photos = Photos(engine, owners)
    return Watched(Matcher(describer or engine, photos, photos), photos.of, deep=False)


class Reader:
    """Reads pages in this process: those of the tests are our own."""

    def read_page(self, data: bytes, charset: str | None, address: str) -> PageContents:
        return read_page(data, charset, address)


def copy(seed: int) -> bytes:
    """Of a photo, as sites keep it: smaller, and compressed anew."""
    return encoded(cv2.resize(drawn(seed), (320, 240), interpolation=cv2.INTER_AREA), quality=60)


def seen(name: str, data: bytes, number: int, page: str | None = None) -> list[bytes]:
    """The records of a picture as crawlers write them, with the page that it was loaded for."""
    target = f"https://pictures.example/{name}"
    told = [record("response", target, answer(data, "Content-Type: image/jpeg"), number=number)]
    if page is not None:
        told.append(record("request", target, request(page), number=10_000 + number, concurrent_to=number))
    return told


def page(address: str, title: str, number: int) -> bytes:
    html = f"<html><head><title>{title}</title></head><body>private words</body></html>".encode()
    return record("response", address, answer(html, "Content-Type: text/html; charset=utf-8"), number=number)
