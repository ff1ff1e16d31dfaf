"""Work on a cluster that loses workers and schedulers."""

import os
import signal
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Client, Security

from isthisme.bulk.cluster import Cluster, open_cluster
from isthisme.bulk.sandboxes import Sandboxes, sandboxes_here
from isthisme.config import NO_MODEL
from isthisme.errors import ClusterLost, IsThisMeError, SourceUnreadable, UsageError, WorkerCrashed
from tests.bulk.clusters import LosableCluster, local_cluster
from tests.open_connections import open_connections
from tests.pictures import drawn, encoded


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    with local_cluster() as cluster:
        yield cluster


@pytest.fixture
def cluster(local: Any) -> Iterator[Cluster]:
    made = Cluster(local.get_client, Sandboxes(NO_MODEL, 1))
    yield made
    made.close()


def _double(number: int) -> int:
    return 2 * number


def _refuse_odd(number: int) -> int:
    if number == 1:
        raise SourceUnreadable("one is not there")
    if number == 3:
        raise ZeroDivisionError("three")
    return number


def _described_width(data: bytes) -> int:
    return sandboxes_here().engine.describe_photo(data).width


def test_each_item_gives_its_result_once_and_few_are_taken_ahead(cluster: Cluster) -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield number

    found = {}
    for number, result in cluster.each(_double, items()):
        assert number not in found
        found[number] = result
        assert taken <= len(found) + cluster.window + len(found)
    assert found == {number: 2 * number for number in range(100)}


def test_what_fails_is_told_beside_what_does_not(cluster: Cluster) -> None:
    found = dict(cluster.each(_refuse_odd, range(5)))
    assert {number: each for number, each in found.items() if number % 2 == 0} == {0: 0, 2: 2, 4: 4}
    refused, failed = found[1], found[3]
    assert isinstance(refused, SourceUnreadable)
    assert str(refused) == "one is not there"
    assert isinstance(failed, WorkerCrashed)
    assert "ZeroDivisionError: three" in str(failed)


def test_pictures_are_decoded_in_a_sandbox_of_the_process_that_has_the_work(cluster: Cluster) -> None:
    pictures = [encoded(drawn(seed, 300, 200)) for seed in range(4)]
    assert [width for _, width in cluster.each(_described_width, pictures)] == [300] * 4
    ((_, refused),) = cluster.each(_described_width, [b"no picture"])
    assert isinstance(refused, IsThisMeError)
    assert refused.code == "unreadable_image"


def _die_once(given: tuple[str, int]) -> int:
    """Kills its own process at one number, the first time."""
    folder, number = given
    mark = Path(folder, str(number))
    if number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.fixture(scope="module")
def started() -> Iterator[tuple[Cluster, set[tuple[str, int]]]]:
    """A cluster as the command starts it, and where it listens."""
    before = _listening()
    with open_cluster("local", NO_MODEL, workers=2) as cluster:
        yield cluster, _listening() - before


def _listening() -> set[tuple[str, int]]:
    return {
        (found.laddr.ip, found.laddr.port)
        for found in open_connections(psutil.Process())
        if found.status == psutil.CONN_LISTEN
    }


def test_other_users_of_this_computer_get_no_word_in(started: tuple[Cluster, set[tuple[str, int]]]) -> None:
    """Whoever reaches a scheduler runs programs: so what listens wants this run's certificate, or has no pages."""
    _, places = started
    assert len(places) >= 4  # scheduler and workers, and beside each what Dask has for browsers
    assert {ip for ip, _ in places} == {"127.0.0.1"}
    stranger = Security.temporary()
    for ip, port in places:
        if _status_of_a_page(ip, port) is None:
            for address, security in ((f"tcp://{ip}:{port}", None), (f"tls://{ip}:{port}", stranger)):
                with pytest.raises((OSError, TimeoutError)):
                    Client(address, security=security, timeout=1, set_as_default=False)
        else:
            assert _status_of_a_page(ip, port) == 404


def _status_of_a_page(ip: str, port: int) -> int | None:
    """None from what is no web server."""
    connection = HTTPConnection(ip, port, timeout=10)
    try:
        connection.request("GET", "/info/main/workers.html")
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def test_what_a_killed_worker_was_at_is_done_by_another(
    started: tuple[Cluster, set[tuple[str, int]]], tmp_path: Path
) -> None:
    cluster, _ = started
    found = dict(cluster.each(_die_once, [(str(tmp_path), number) for number in range(9)]))
    assert sorted(found.values()) == list(range(9))
    assert len(list(tmp_path.iterdir())) == 1


def test_a_scheduler_that_comes_back_is_given_what_was_under_way() -> None:
    losable = LosableCluster()
    try:
        found = {}
        for number, result in losable.cluster.each(_double, range(40)):
            found[number] = result
            if len(found) == 10:
                losable.lose_scheduler()
        assert found == {number: 2 * number for number in range(40)}
    finally:
        losable.close()


def test_a_scheduler_that_a_client_found_by_itself_is_told_of_sandboxes_first() -> None:
    """It knows of none then: as another one does that took the place of the first between two looks."""
    losable = LosableCluster()
    try:
        with Client(losable.address, set_as_default=False) as other:
            other.unregister_worker_plugin(Sandboxes.name)
        assert losable.sandbox_processes() == []
        picture = encoded(drawn(1))
        assert [width for _, width in losable.cluster.each(_described_width, [picture] * 4)] == [drawn(1).shape[1]] * 4
    finally:
        losable.close()


def test_a_scheduler_that_stays_away_ends_the_run_with_words() -> None:
    def connect() -> Client:
        raise OSError("connection refused")

    with pytest.raises(ClusterLost, match="run the same command again"):
        Cluster(connect, Sandboxes(NO_MODEL, 1), patience_seconds=0)


@pytest.mark.parametrize(
    "address", ["tcp://scheduler:8786", "tcp://192.0.2.7:8786", "tls://192.0.2.7:8786", "scheduler"]
)
def test_a_scheduler_beyond_this_computer_needs_encryption(address: str) -> None:
    with pytest.raises(UsageError), open_cluster(address, NO_MODEL, workers=1):
        pass
