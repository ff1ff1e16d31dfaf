"""Clusters within the process of a test: real schedulers and workers on loopback, quick to start and to lose."""

from typing import Any

from distributed import Client, LocalCluster

from isthisme.bulk.cluster import Cluster
from isthisme.bulk.sandboxes import Sandboxes
from isthisme.config import NO_MODEL
from tests.ports import steady_port


def local_cluster(port: int = 0, workers: int = 2) -> Any:
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=False,
        host="127.0.0.1",
        protocol="tcp",
        scheduler_port=port,
        dashboard_address="127.0.0.1:0",
    )


class LosableCluster:
    """A scheduler with two workers, which can be lost and comes back at the same address."""

    def __init__(self, sandboxes: Sandboxes | None = None) -> None:
        self._port = steady_port()
        self._local = local_cluster(self._port)
        self.address: str = self._local.scheduler_address
        self.cluster = Cluster(
            lambda: Client(self.address, timeout=5, set_as_default=False), sandboxes or Sandboxes(NO_MODEL, 1)
        )

    def lose_scheduler(self) -> None:
        self._local.close()
        self._local = local_cluster(self._port)

    def sandbox_processes(self) -> list[int]:
        found: list[int] = []
        for worker in self._local.workers.values():
            sandboxes = worker.plugins.get(Sandboxes.name)
            if sandboxes is not None:
                found += sorted(sandboxes.process_ids)
        return found

    def close(self) -> None:
        self.cluster.close()
        self._local.close()
