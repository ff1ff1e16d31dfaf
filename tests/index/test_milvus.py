from collections.abc import Iterator
from itertools import count

import numpy as np
import pytest
from numpy.typing import NDArray

from isthisme.index.base import VectorIndex
from isthisme.index.exact import ExactIndex
from isthisme.index.milvus import MilvusIndex
from isthisme.index.milvus_photos import Kind, Located, MilvusPhotos, Part
from isthisme.index.milvus_server import MilvusServer
from tests.index import milvus_engine
from tests.index.contract import VectorIndexContract, near, vectors


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    with milvus_engine.running(tmp_path_factory.mktemp("engine")) as running:
        yield running


_owners = count()


def stored(
    server: MilvusServer,
    ids: NDArray[np.int64],
    hashes: NDArray[np.uint64],
    descriptors: NDArray[np.int8] | None,
    *,
    generation: int = 3,
    kind: Kind = Kind.FLAT,
) -> MilvusIndex:
    """Photos of an owner of their own, beside those of all the other tests."""
    photos = MilvusPhotos(server, kind=kind, name=f"of_{kind}")
    owner = f"owner-{next(_owners)}"
    photos.upsert(owner, generation, ids, hashes, descriptors, [str(each) for each in ids], positions=ids)
    photos.purge()  # what the engine has not written to files it searches slowly
    return MilvusIndex(photos, Part(owner, generation))


class TestMilvusIndex(VectorIndexContract):
    sizes = (1, 7, 300)
    many = 800

    @pytest.fixture(autouse=True)
    def _server(self, server: MilvusServer) -> None:
        self.server = server

    def make(
        self,
        photo_ids: NDArray[np.int64],
        hashes: NDArray[np.uint64],
        descriptors: NDArray[np.int8] | None,
        *,
        generation: int = 3,
    ) -> VectorIndex:
        return stored(self.server, photo_ids, hashes, descriptors, generation=generation)
