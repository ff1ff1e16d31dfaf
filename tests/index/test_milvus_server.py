"""A server that is not there, refuses, is too old, or dies in the middle of the work."""

import hashlib
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from pymilvus.grpc_gen import common_pb2, milvus_pb2, milvus_pb2_grpc

from isthisme.domain import ReferencePhoto, Verdict
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.errors import IndexServerUnusable, IndexUnavailable
from isthisme.evaluation.scenes import encoded, scene
from isthisme.index.base import VectorIndex
from isthisme.index.exact import ExactIndex
from isthisme.index.milvus import MilvusIndex
from isthisme.index.milvus_address import MilvusAddress
from isthisme.index.milvus_photos import MilvusPhotos, Part
from isthisme.index.milvus_server import MilvusServer, Patience
from isthisme.matcher import Matcher
from tests.index import milvus_engine
from tests.index.contract import vectors
from tests.ports import refusing_port

IMPATIENT = Patience(question=0.3, change=0.3, attempt=0.2, after_failure=60.0)


class StandIn(milvus_pb2_grpc.MilvusServiceServicer):
    """What a server says of itself before anything is asked of it."""

    def __init__(self, version: str, refusal: grpc.StatusCode | None = None) -> None:
        self.version, self.refusal, self.asked = version, refusal, 0

    def Connect(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        self.asked += 1
        if self.refusal is not None:
            context.abort(self.refusal, "auth check failure, please check api key is correct")
        return milvus_pb2.ConnectResponse(status=common_pb2.Status(), identifier=1)

    def GetVersion(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return milvus_pb2.GetVersionResponse(status=common_pb2.Status(), version=self.version)


class OnceOnly(MilvusServer):
    """Waits for an answer as long as it takes, and does not ask again after a failure."""

    def _attempted[T](self, call: Callable[[Any, float], T], seconds: float) -> T:
        return self._once(call, seconds)


@contextmanager
def served(stand_in: StandIn) -> Iterator[MilvusServer]:
    listener = grpc.server(ThreadPoolExecutor(2))
    milvus_pb2_grpc.add_MilvusServiceServicer_to_server(stand_in, listener)
    port = listener.add_insecure_port("127.0.0.1:0")
    listener.start()
    server = MilvusServer(MilvusAddress("127.0.0.1", port, is_encrypted=False), patience=milvus_engine.PATIENT)
    try:
        yield server
    finally:
        server.close()
        listener.stop(grace=0).wait()


def nobody(patience: Patience = IMPATIENT) -> MilvusServer:
    """An address at which nothing listens."""
    return MilvusServer(MilvusAddress("127.0.0.1", refusing_port(), is_encrypted=False), patience=patience)


@pytest.mark.parametrize("version", ["v2.5.27", "2.3.4", "v1.1.0", "milvus_lite-2.4.8", "nonsense"])
def test_a_server_that_is_too_old_is_named_with_the_version_that_is_needed(version: str) -> None:
    with served(StandIn(version)) as server, pytest.raises(IndexServerUnusable) as refused:
        server.version()
    needed = "3.2" if "lite" in version else "2.6"
    assert f"Milvus {version}; at least {needed} is needed" in str(refused.value)


@pytest.mark.parametrize("version", ["v2.6.0", "2.6.7-dev", "v3.0.1", "milvus_lite-3.2.2"])
def test_a_server_that_is_new_enough_is_used(version: str) -> None:
    with served(StandIn(version)) as server:
        assert server.version() == version


def test_a_server_that_does_not_let_us_in_is_asked_once_and_the_token_named() -> None:
    stand_in = StandIn("v2.6.0", refusal=grpc.StatusCode.UNAUTHENTICATED)
    with served(stand_in) as server, pytest.raises(IndexServerUnusable, match="index_token_file"):
        server.version()
    assert stand_in.asked == 1


def test_a_call_ends_though_nobody_answers_and_the_next_question_fails_at_once() -> None:
    server = nobody()
    with pytest.raises(IndexUnavailable, match="does not answer"):
        server.version()
    asked = []
    with pytest.raises(IndexUnavailable, match="does not answer"):
        server.ask(lambda client, seconds: asked.append(seconds))
    assert asked == []


def test_a_server_that_accepts_and_says_nothing_does_not_hold_a_call_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        server = MilvusServer(MilvusAddress(*silent.getsockname(), is_encrypted=False), patience=IMPATIENT)
        with pytest.raises(IndexUnavailable):
            server.version()


def test_a_question_outlives_failures_and_a_refusal_ends_it() -> None:
    with served(StandIn("v2.6.0")) as server:
        failures = [common_pb2.Status(code=2, reason="not now")] * 2

        def ask(client: Any, seconds: float) -> str:
            from pymilvus import MilvusException

            if failures:
                raise MilvusException.from_status(failures.pop())
            return "answer"

        assert server.ask(ask) == "answer"
        failures.append(common_pb2.Status(code=1100, reason="invalid parameter"))
        with pytest.raises(IndexServerUnusable, match="invalid parameter"):
            server.change(ask)


def test_while_the_server_is_away_a_picture_is_undecided_and_a_file_of_ones_own_is_known() -> None:
    engine = Engine(Models.none())
    own, other = (encoded(scene(seed, 320, 240)) for seed in (1, 2))

    class Away:
        def index(self) -> VectorIndex | None:
            return MilvusIndex(MilvusPhotos(nobody()), Part("ada", 4))

        def previews(self, photo_ids: Any) -> Any:
            described = engine.describe_photo(own)
            return {1: ReferencePhoto(described.preview, described.width, described.height)}

        def photo_with_content(self, sha256: bytes) -> int | None:
            return 1 if sha256 == hashlib.sha256(own).digest() else None

    matcher = Matcher(engine, Away(), Away())
    answer = matcher.answer(other)
    assert answer.judgement.verdict is Verdict.UNDECIDED
    assert answer.judgement.reason is not None
    assert answer.judgement.reason.code == "index_unavailable"
    assert answer.index_generation == 4
    assert matcher.answer(own).judgement.verdict is Verdict.COPY


@pytest.mark.timeout(300)
def test_an_engine_that_is_killed_again_and_again_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    """Killed at any moment of writing and of answering: the index is as in an undisturbed run, and so are answers."""
    seed = 20261123
    chance = random.Random(seed)
    count = 600
    ids, hashes = np.arange(1, count + 1), np.random.default_rng(seed).integers(0, 2**64, count, dtype=np.uint64)
    descriptors = vectors(count, seed)
    exact = ExactIndex(1, ids, hashes, descriptors)
    engine = milvus_engine.Engine(tmp_path / "engine")
    server = engine.server()
    photos = MilvusPhotos(server)

    def kill() -> None:
        for _ in range(3):
            time.sleep(chance.uniform(0.0, 0.4))  # anywhere: what must hold does not depend on where
            engine.kill()
            engine.start()

    photos.count(Part("ada", 1))  # the embedded engine does not outlive a kill while it makes a collection (3.2.2)
    killing = threading.Thread(target=kill)
    killing.start()
    try:
        for start in range(0, count, 40):
            rows = slice(start, start + 40)
            photos.upsert("ada", 1, ids[rows], hashes[rows], descriptors[rows], [""] * 40)
            acknowledged = MilvusIndex(photos, Part("ada", 1))
            assert len(acknowledged) == start + 40
            found = acknowledged.nearest(descriptors[start : start + 2], 1)
            assert found.photo_ids[:, 0].tolist() == ids[start : start + 2].tolist()
        killing.join()
        engine.kill()
        engine.start()
        index = MilvusIndex(photos, Part("ada", 1))
        queries = vectors(5, seed=1)
        assert len(index) == count
        assert np.array_equal(index.nearest(queries, 30).photo_ids, exact.nearest(queries, 30).photo_ids)
        by_hash, expected = index.nearest_by_hash(hashes[:5], 9), exact.nearest_by_hash(hashes[:5], 9)
        assert np.array_equal(by_hash.photo_ids, expected.photo_ids)
    finally:
        killing.join()
        server.close()
        engine.kill()


@pytest.mark.timeout(300)
def test_where_the_servers_disk_is_full_nothing_acknowledged_is_lost_and_the_rest_is_written_later(
    tmp_path: Path,
) -> None:
    ids, hashes, descriptors = np.arange(1, 401), np.arange(400, dtype=np.uint64), vectors(400)
    engine = milvus_engine.Engine(tmp_path / "engine")
    photos = MilvusPhotos(engine.server())
    photos.count(Part("ada", 1))
    engine.kill()
    engine.start(largest_file=300_000)
    hasty = MilvusPhotos(OnceOnly(photos.server.address, patience=milvus_engine.PATIENT))

    def write(to: MilvusPhotos, start: int) -> None:
        rows = slice(start, start + 40)
        to.upsert("ada", 1, ids[rows], hashes[rows], descriptors[rows], [""] * 40)

    acknowledged = 0
    try:
        with suppress(IndexUnavailable, IndexServerUnusable):
            for start in range(0, 400, 40):
                write(hasty, start)
                acknowledged = start + 40
        assert 0 < acknowledged < 400, "it refuses what does not fit, and nothing before"
        engine.kill()
        engine.start()
        held = MilvusIndex(photos, Part("ada", 1)).nearest_by_hash(hashes[:1], 400).photo_ids[0]
        assert set(ids[:acknowledged].tolist()) <= set(held.tolist())
        for start in range(0, 400, 40):
            write(photos, start)
        index, exact = MilvusIndex(photos, Part("ada", 1)), ExactIndex(1, ids, hashes, descriptors)
        queries = vectors(3, seed=2)
        assert np.array_equal(index.nearest(queries, 30).photo_ids, exact.nearest(queries, 30).photo_ids)
    finally:
        hasty.server.close()
        photos.server.close()
        engine.kill()
