"""What the processes that die are at: indexing, rebuilding, migrating, forgetting, repairing, without costly pixels."""

import hashlib
import os
import resource
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isthisme.catalog import Catalog
from isthisme.catalog.salvage import salvage
from isthisme.domain import PhotoDescription
from isthisme.errors import CatalogUnusable
from isthisme.indexing.indexer import Indexer
from tests.durability.doomed import Acknowledge
from tests.durability.write_ahead_log import read_log

PREVIEW_BYTES = 9_000  # over several pages
UNDER_WAY = 8
_NOBODY = 65534


class BytesDescriber:
    """Describes a file by its bytes alone, in no time; the same bytes get the same description."""

    model = "bytes"

    def begin_describing(self, data: bytes) -> "Future[PhotoDescription]":
        done: Future[PhotoDescription] = Future()
        done.set_result(description_of(data))
        return done


def description_of(data: bytes) -> PhotoDescription:
    """Of a file's bytes; a preview, which begins with the name of what it shows, is described as that."""
    name = data[:32] if len(data) == PREVIEW_BYTES else hashlib.sha256(data).digest()
    chance = np.random.default_rng(list(name))
    hashes = chance.integers(0, 2**64, 1, dtype=np.uint64)
    descriptor = chance.integers(-127, 128, 512).astype(np.int8)
    preview = name + chance.bytes(PREVIEW_BYTES - len(name))
    return PhotoDescription(BytesDescriber.model, 640, 480, hashes, descriptor, preview)


def indexer(catalog: Catalog) -> Indexer:
    return Indexer(catalog, BytesDescriber(), model=BytesDescriber.model, under_way=UNDER_WAY)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is acknowledged after a transaction."""

    counts: dict[int, int]  # descriptions by generation; photos under 0
    log_salt: bytes
    log_end: int


class _Acknowledging(Catalog):
    """Says after each transaction how many photos and descriptions are kept for good, and where the log then ends."""

    def __init__(self, path: Path, acknowledge: Acknowledge) -> None:
        super().__init__(path)
        plain = self.transaction
        log = path.with_name(path.name + "-wal")

        @contextmanager
        def transaction() -> Iterator[None]:
            with plain():
                yield
            rows = self._connection.rows(
                """select generation_id, count(*) from descriptions group by generation_id
                   union all select 0, count(*) from photos"""
            )
            written = read_log(log.read_bytes())
            acknowledge(Kept(dict(rows), written.salt, written.end))

        self.transaction = transaction


def index(path: Path, acknowledge: Acknowledge) -> None:
    with closing(_Acknowledging(path, acknowledge)) as catalog:
        indexer(catalog).refresh()


def rebuild(path: Path, acknowledge: Acknowledge) -> None:
    with closing(_Acknowledging(path, acknowledge)) as catalog:
        indexer(catalog).rebuild()


def index_with_short_log(path: Path, acknowledge: Acknowledge) -> None:
    """The log is emptied into the file every few transactions, so that deaths come before, in and after that."""
    with closing(_Acknowledging(path, acknowledge)) as catalog:
        catalog._connection.rows("pragma wal_autocheckpoint = 50")
        indexer(catalog).refresh()


def forget(path: Path, photo_ids: list[int], acknowledge: Acknowledge) -> None:
    with closing(Catalog(path)) as catalog:
        catalog.forgetting.forget_in_sightings(photo_ids)
        catalog.forgetting.forget(photo_ids)
        acknowledge("forgotten")


def migrate(path: Path, acknowledge: Acknowledge) -> None:
    with closing(Catalog(path)):
        acknowledge("migrated")


def repair(path: Path, acknowledge: Acknowledge) -> None:
    salvage(path)
    acknowledge("repaired")


@contextmanager
def little_space(most_bytes: int) -> Iterator[None]:
    """No file of this process may grow beyond a size, as on a full disk."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def index_in_little_space(path: Path, most_bytes: int, acknowledge: Acknowledge) -> None:
    """Indexes on a full disk, and then, in the same process, on one that is full no more."""
    with closing(Catalog(path)) as catalog:
        try:
            with little_space(most_bytes):
                indexer(catalog).refresh()
        except CatalogUnusable as error:
            acknowledge(str(error))
        acknowledge(catalog.damage())
        acknowledge(catalog.photos.count())
        indexer(catalog).refresh()


def index_as_somebody_who_may_not_write(path: Path, acknowledge: Acknowledge) -> None:
    path.parent.chmod(0o555)
    path.chmod(0o444)
    if os.geteuid() == 0:  # whom no permission stops
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)
    try:
        with closing(Catalog(path)) as catalog:
            indexer(catalog).refresh()
    except CatalogUnusable as error:
        acknowledge(str(error))
